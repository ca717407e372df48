"""What comes in and goes out about declarations, proofs and contacts."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from eventhub.web.fields import Form, Instant, Moment, RowId, Shape

from .health_store import SeenProof
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
