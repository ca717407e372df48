"""What comes in and goes out about events and rooms."""

from dataclasses import replace
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, StringConstraints, model_validator

from eventhub.errors import Fault, Invalid
from eventhub.web.fields import (
    INT32,
    Code,
    Day,
    Form,
    Line,
    OptionalLine,
    Percent,
    Shape,
    Zone,
    changes_of,
)
from eventhub.wording import say

from . import actions
from .model import AcceptedProof, Event, Protocol, Room, room_limit
from .scheduling import scheduling_values
from .scheduling_forms import SchedulingForm, SchedulingShape, WallTime

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


Language = Literal["id", "en"]


def both_languages() -> list[Language]:
    """Return the languages of an event that names none."""
    return ["id", "en"]


Severity = Literal["block", "block_release", "warn", "ignore"]


class TestProof(Form):
    """A test not older than so many hours at the scan."""

    kind: Literal["antigen", "pcr"]
    valid_hours: Annotated[int, Field(ge=1, le=1000)]


class VaccineProof(Form):
    """So many doses of vaccine."""

    kind: Literal["vaccine"]
    min_doses: Annotated[int, Field(ge=1, le=10)]


class ProofForm(Form):
    required: bool = False
    accepts: Annotated[list[TestProof | VaccineProof], Field(max_length=10)] = Field(
        default_factory=list
    )


class ProtocolForm(Form):
    """The health protocol; what is left out keeps its default."""

    enabled: bool = True
    max_temperature_c: Annotated[float, Field(ge=34, le=43)] = 37.3
    mask_required: bool = True
    declaration_required: bool = False
    protocol_percent: Percent = 50
    recheck: Literal["daily", "once"] = "daily"
    proof: ProofForm = ProofForm()
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 14

    def over(self, protocol: Protocol) -> Protocol:
        """Return a protocol with the fields that were sent; the others stay as they are."""
        values = self.given()
        proof = values.pop("proof", ProofForm()).given()
        if "required" in proof:
            values["proof_required"] = proof["required"]
        if "accepts" in proof:
            accepts = (AcceptedProof(**accepted.model_dump()) for accepted in proof["accepts"])
            values["proof_accepts"] = tuple(accepts)
        return replace(protocol, **values)


class PresenceForm(Form):
    minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    percent: Percent = 50
    background: bool = True


class NewEvent(Form):
    slug: Slug | None = None
    title: Line
    starts_on: Day
    ends_on: Day
    days: Annotated[list[Day], Field(max_length=400)] | None = None
    day_starts_at: WallTime = "04:00"
    auto_exit_at: WallTime | None = None
    time_zone: Zone
    languages: Annotated[list[Language], Field(min_length=1, max_length=2)] = Field(
        default_factory=both_languages
    )
    protocol: ProtocolForm = ProtocolForm()
    presence_rule: PresenceForm = PresenceForm()
    severities: Annotated[dict[str, Severity], Field(max_length=40)] = Field(default_factory=dict)
    scheduling: SchedulingForm = SchedulingForm()


ChangedEvent = changes_of(NewEvent, "ChangedEvent", without=("slug",))


class NewRoom(Form):
    code: Code | None = None
    name: Line
    building: OptionalLine = ""
    capacity: Annotated[int, Field(ge=0, le=INT32)]
    protocol_percent: Percent | None = None
    parallel: bool = False


ChangedRoom = changes_of(NewRoom, "ChangedRoom", without=("code",))


class ProofShape(Shape):
    required: bool
    accepts: list[dict[str, Any]]


class ProtocolShape(Shape):
    enabled: bool
    max_temperature_c: float
    mask_required: bool
    declaration_required: bool
    protocol_percent: int
    recheck: str
    proof: ProofShape
    retention_days: int


class PresenceShape(Shape):
    minutes: int
    percent: int
    background: bool


class EventShape(Shape):
    slug: str
    title: str
    starts_on: date
    ends_on: date
    days: list[date]
    day_starts_at: Annotated[time, PlainSerializer(lambda t: t.strftime("%H:%M"), return_type=str)]
    auto_exit_at: Annotated[
        time | None,
        PlainSerializer(lambda t: t and t.strftime("%H:%M"), return_type=str | None),
    ]
    time_zone: str
    languages: list[str]
    state: str
    protocol: ProtocolShape
    presence_rule: PresenceShape
    severities: dict[str, str]
    scheduling: SchedulingShape

    @model_validator(mode="before")
    @classmethod
    def _from_model(cls, value: object) -> object:
        return _event_values(value) if isinstance(value, Event) else value


class RoomShape(Shape):
    code: str
    name: str
    building: str
    capacity: int
    protocol_percent: int | None
    parallel: bool
    limit: int


def _event_values(event: Event) -> dict[str, Any]:
    names = EventShape.model_fields.keys() - {"protocol", "presence_rule", "scheduling"}
    values: dict[str, Any] = {name: getattr(event, name) for name in names}
    values["scheduling"] = scheduling_values(event.scheduling)
    values["protocol"] = protocol_values(event.protocol)
    values["presence_rule"] = {
        "minutes": event.presence_rule.minutes,
        "percent": event.presence_rule.percent,
        "background": event.presence_rule.background,
    }
    return values


def protocol_values(protocol: Protocol) -> dict[str, Any]:
    """Return a protocol in the contract's shape."""
    accepts = [
        {"kind": proof.kind, "min_doses": proof.min_doses}
        if proof.kind == "vaccine"
        else {"kind": proof.kind, "valid_hours": proof.valid_hours}
        for proof in protocol.proof_accepts
    ]
    names = ProtocolShape.model_fields.keys() - {"proof"}
    values: dict[str, Any] = {name: getattr(protocol, name) for name in names}
    return values | {"proof": {"required": protocol.proof_required, "accepts": accepts}}


def room_shape(room: Room, event: Event) -> RoomShape:
    """Return a room with the limit its event's protocol gives it."""
    limit = room_limit(room.capacity, room.protocol_percent, event.protocol)
    return RoomShape(
        code=room.code,
        name=room.name,
        building=room.building,
        capacity=room.capacity,
        protocol_percent=room.protocol_percent,
        parallel=room.parallel,
        limit=limit,
    )


def event_changes(given: dict[str, Any], kinds: frozenset[str], event: Event) -> dict[str, Any]:
    """Return sent fields as the model holds them, objects merged into the event's (RFC 7396).

    Raises Invalid for an unknown conflict kind.
    """
    values = dict(given)
    refuse_kinds(values.get("severities") or {}, kinds)
    if values.get("days") is None:
        values.pop("days", None)
    else:
        values["days"] = tuple(sorted(set(values["days"])))
    if "day_starts_at" in values:
        values["day_starts_at"] = time.fromisoformat(values["day_starts_at"])
    if values.get("auto_exit_at") is not None:
        values["auto_exit_at"] = time.fromisoformat(values["auto_exit_at"])
    if "languages" in values:
        values["languages"] = tuple(dict.fromkeys(values["languages"]))
    if "protocol" in values:
        values["protocol"] = values["protocol"].over(event.protocol)
    if "presence_rule" in values:
        values["presence_rule"] = replace(event.presence_rule, **values["presence_rule"].given())
    if "scheduling" in values:
        values["scheduling"] = values["scheduling"].over(event.scheduling)
    if "severities" in values:
        values["severities"] = event.severities | values["severities"]
    return values


def refuse_kinds(severities: dict[str, str], kinds: frozenset[str]) -> None:
    """Refuse a severity for a kind of conflict that does not exist."""
    unknown = [kind for kind in severities if kind not in kinds]
    if unknown:
        text = say(
            "There is no such kind of conflict. There are: {kinds}.", kinds=", ".join(sorted(kinds))
        )
        raise Invalid([Fault(f"severities.{kind}", text) for kind in unknown])


def new_event(form: NewEvent, slug: str, kinds: frozenset[str]) -> Event:
    """Return the event a form describes; `days` default to each from first to last."""
    plain = Event(
        id=0,
        slug=slug,
        title=form.title,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        days=actions.days_between(form.starts_on, form.ends_on),
        time_zone=form.time_zone,
    )
    given = form.given()
    given.pop("slug", None)
    return replace(plain, **event_changes(given, kinds, plain))
