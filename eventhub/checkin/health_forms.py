"""What comes in and goes out about declarations, proofs and contacts."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field

from eventhub.errors import Invalid
from eventhub.web.fields import Form, Instant, Line, Moment, RowId, Shape
from eventhub.wording import say

from .health_store import SeenProof
from .items import without_certificate
from .model import Declaration, Proof
from .tracing import Contact


class NewDeclaration(Form):
    date: date
    symptoms: bool
    contact: bool
    travel: bool


class DeclarationShape(Shape):
    date: date
    symptoms: bool
    contact: bool
    travel: bool
    declared_at: Instant


class NewProof(Form):
    kind: Literal["antigen", "pcr", "vaccine"]
    taken_at: Moment
    negative: bool | None = None
    doses: Annotated[int, Field(ge=0, le=20)] | None = None

    def proof(self) -> Proof:
        """Return the form as the model."""
        return Proof(self.kind, self.taken_at, self.negative, self.doses)


class ProofShape(Shape):
    kind: str
    taken_at: Instant
    negative: bool | None
    doses: int | None
    seen_by: str
    seen_at: Instant


class ContactsQuery(Form):
    """Whose contacts, in which window (default: the days the protocol keeps health data), for how long at least."""

    model_config = ConfigDict(populate_by_name=True)

    participant: RowId
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None
    minutes: Annotated[int, Field(ge=0, le=100_000)] = 15


class MeetingShape(Shape):
    model_config = ConfigDict(populate_by_name=True)

    room: str
    since: Annotated[Instant, Field(alias="from")]
    until: Annotated[Instant, Field(alias="to")]
    minutes: int


class ContactShape(Shape):
    participant: int
    minutes: int
    rooms: list[MeetingShape]


def declaration_shape(declaration: Declaration, declared_at: datetime) -> DeclarationShape:
    """Return a declaration and when it was given."""
    return DeclarationShape(
        date=declaration.date,
        symptoms=declaration.symptoms,
        contact=declaration.contact,
        travel=declaration.travel,
        declared_at=declared_at,
    )


def proof_shape(seen: SeenProof) -> ProofShape:
    """Return a proof and the role that saw it."""
    proof = seen.proof
    return ProofShape(
        kind=proof.kind,
        taken_at=proof.taken_at,
        negative=proof.negative,
        doses=proof.doses,
        seen_by=seen.seen_by_role,
        seen_at=seen.seen_at,
    )


def contact_shape(contact: Contact) -> ContactShape:
    """Return who was met, where and how long."""
    rooms = [
        MeetingShape(
            room=m.room, since=m.begin, until=m.end, minutes=int(m.duration.total_seconds() // 60)
        )
        for m in contact.meetings
    ]
    return ContactShape(participant=contact.participant_id, minutes=contact.minutes, rooms=rooms)


class DeclaredOnPage(Form):
    """A declaration as an officer writes it down: what is ticked is a yes."""

    date: date
    symptoms: bool = False
    contact: bool = False
    travel: bool = False


class ProofOnPage(Form):
    """A proof as an officer writes it down; its moment is told in the event's zone."""

    kind: Literal["antigen", "pcr", "vaccine"]
    taken_at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")]
    negative: bool | None = None
    doses: Annotated[int, Field(ge=0, le=20)] | None = None

    def proof(self, zone: ZoneInfo) -> Proof:
        """Return the form as the model, or raise Invalid for a day that no calendar has."""
        try:
            taken_at = datetime.fromisoformat(self.taken_at).replace(tzinfo=zone)
        except ValueError as error:
            raise Invalid.field("taken_at", say("There is no such day or time.")) from error
        is_vaccine = self.kind == "vaccine"
        return Proof(
            self.kind,
            taken_at.astimezone(UTC),
            None if is_vaccine else self.negative,
            self.doses if is_vaccine else None,
        )


class OfficersWord(Form):
    """Why an officer lets somebody in or sends them home."""

    reason: Annotated[Line, AfterValidator(without_certificate)]


class ContactsOnPage(Form):
    """Whose contacts, over how many days until now, for how many minutes at least."""

    participant: Annotated[int, Field(ge=1, le=999_999_999)]
    days: Annotated[int, Field(ge=1, le=366)]
    minutes: Annotated[int, Field(ge=0, le=100_000)]
