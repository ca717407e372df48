"""What comes in and goes out about delegations and participants."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from eventhub.events.model import Attendance, Event
from eventhub.web.fields import (
    INT32,
    Code,
    Email,
    Form,
    Line,
    OptionalLine,
    Paging,
    Shape,
    Zone,
    changes_of,
)

from .columns import PHONE
from .model import Delegation, DelegationKind, Details, Participant


def _phone(value: str) -> str:
    if value and not PHONE.fullmatch(value):
        raise PydanticCustomError("phone", "This is no phone number.")
    return value


Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_phone)
]
Language = Literal["id", "en"]
Quota = Annotated[int, Field(ge=0, le=INT32)]


class NewDelegation(Form):
    code: Code | None = None
    name: Line
    kind: DelegationKind = DelegationKind.OTHER
    parent: Code | None = None
    time_zone: Zone | Literal[""] = ""
    email: Email = ""
    quota: Quota | None = None
    attendance: Attendance = Attendance.ONSITE

    def delegation(self, event: Event) -> Delegation:
        """Return the form as the model; a code that was left out is ""."""
        values = self.model_dump()
        return Delegation(id=0, event_id=event.id, **values | {"code": self.code or ""})


ChangedDelegation = changes_of(NewDelegation, "ChangedDelegation", without=("code",))


class PersonFields(Form):
    name: Line
    position: OptionalLine = ""
    delegation: Code
    email: Email = ""
    phone: Phone = ""
    in_place_of: OptionalLine | None = None


class NewParticipant(PersonFields):
    """`language` and `attendance` default to the event's and the delegation's."""

    language: Language | None = None
    attendance: Attendance | None = None


class WholeParticipant(PersonFields):
    language: Language
    attendance: Attendance


ChangedParticipant = changes_of(WholeParticipant, "ChangedParticipant")


class PeopleQuery(Paging):
    """`q`: words that all occur in name, position or office."""

    q: OptionalLine = ""
    delegation: OptionalLine | None = None
    attendance: Attendance | None = None


class ContactShape(Shape):
    """What goes out about people; contacts are left out for roles that may not see them."""

    email: str | None = None

    @model_serializer(mode="wrap")
    def _without_hidden(self, dump: SerializerFunctionWrapHandler) -> Any:
        return {
            name: value
            for name, value in dump(self).items()
            if name not in {"email", "phone"} or value is not None
        }


class DelegationShape(ContactShape):
    code: str
    name: str
    kind: str
    parent: str | None
    time_zone: str
    quota: int | None
    attendance: str


class ParticipantShape(ContactShape):
    id: int
    name: str
    position: str
    delegation: str
    language: str
    attendance: str
    in_place_of: str | None
    rsvp: dict[str, str]
    phone: str | None = None


def delegation_shape(delegation: Delegation, event: Event, *, contacts: bool) -> DelegationShape:
    """Return a delegation for a reader who may see contacts or not."""
    return DelegationShape(
        code=delegation.code,
        name=delegation.name,
        kind=delegation.kind,
        parent=delegation.parent,
        time_zone=delegation.time_zone or event.time_zone,
        email=delegation.email if contacts else None,
        quota=delegation.quota,
        attendance=delegation.attendance,
    )


def participant_shape(
    participant: Participant, rsvp: dict[str, str], *, contacts: bool
) -> ParticipantShape:
    """Return a participant for a reader who may see contacts or not."""
    return ParticipantShape(
        id=participant.id,
        name=participant.name,
        position=participant.position,
        delegation=participant.delegation,
        email=participant.email if contacts else None,
        phone=participant.phone if contacts else None,
        language=participant.language,
        attendance=participant.attendance,
        in_place_of=participant.in_place_of,
        rsvp=rsvp,
    )


def details_of(form: NewParticipant, event: Event, attendance: Attendance) -> Details:
    """Return the person a form describes; `attendance` is their delegation's."""
    values: dict[str, Any] = form.model_dump()
    values["language"] = form.language or event.languages[0]
    values["attendance"] = form.attendance or attendance
    values["in_place_of"] = form.in_place_of or None
    return Details(**values)


def person_changes(form: Form) -> dict[str, Any]:
    """Return the sent fields as the model holds them."""
    changes = form.given()
    if "in_place_of" in changes:
        changes["in_place_of"] = changes["in_place_of"] or None
    return changes
