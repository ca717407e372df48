"""What comes in about sessions, placements and releases."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Fault, Invalid
from eventhub.events.actions import find_room
from eventhub.events.model import Attendance, Event
from eventhub.web.fields import (
    Code,
    Day,
    Form,
    HttpUrl,
    Line,
    Moment,
    OptionalLine,
    Paging,
    Prose,
    RowId,
    Zone,
    changes_of,
)
from eventhub.wording import say

from . import lookup
from .model import (
    AnySession,
    Audience,
    Format,
    Kind,
    SessionState,
    made_of,
    with_changes,
)

MAX_AUDIENCE = 5000
MAX_SPEAKERS = 200
MAX_MINUTES = 31 * 24 * 60


class AudienceForm(Form):
    """One row of an audience: a delegation or a participant."""

    delegation: Code | None = None
    participant: RowId | None = None
    attendance: Attendance


class NewSession(Form):
    code: Code | None = None
    title: Line
    abstract: Prose = ""
    kind: Kind = Kind.OTHER
    format: Format
    starts_at: Moment | None
    ends_at: Moment | None
    minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)] | None = None
    time_zone: Zone | None = None
    room: Code | None = None
    meeting_url: HttpUrl = ""
    stream: bool = False
    track: OptionalLine = ""
    speakers: Annotated[list[RowId], Field(max_length=MAX_SPEAKERS)] = Field(default_factory=list)
    audience: Annotated[list[AudienceForm], Field(max_length=MAX_AUDIENCE)] = Field(
        default_factory=list
    )


ChangedSession = changes_of(NewSession, "ChangedSession", without=("code",))


class Placement(Form):
    """Where a session might go; what is left out stays as it is."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    room: Code | None = None
    speakers: Annotated[list[RowId], Field(max_length=MAX_SPEAKERS)] | None = None
    audience: Annotated[list[AudienceForm], Field(max_length=MAX_AUDIENCE)] | None = None


class SessionPaging(Paging):
    day: Day | None = None
    room: Code | None = None
    track: OptionalLine | None = None
    state: SessionState | None = None
    delegation: Code | None = None
    scheduled: bool | None = None


class ReleasePaging(Paging):
    pass


class NewRelease(Form):
    note: Prose = ""
    notify: Literal["now", "draft", "none"] = "now"


async def read_changes(
    tx: AsyncConnection, event: Event, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return sent fields as a Session holds them; raises Invalid for a room, office or person not in the event."""
    values = dict(given)
    faults: list[Fault] = []
    if "room" in values:
        values["room_id"] = await _room_id(tx, event, values.pop("room"), faults)
    if "speakers" in values:
        values["speakers"] = tuple(dict.fromkeys(values["speakers"]))
        known = await lookup.names(tx, set(values["speakers"]), event.id)
        faults += [
            Fault(f"speakers.{i}", say("There is no such participant."))
            for i, person in enumerate(values["speakers"])
            if person not in known
        ]
    if "audience" in values:
        values["audience"] = await _audience(tx, event, values["audience"], faults)
    if "time_zone" in values and values["time_zone"] is None:
        values["time_zone"] = event.time_zone
    faults += _minutes(values)
    if faults:
        raise Invalid(faults)
    return values


def _minutes(values: Mapping[str, Any]) -> list[Fault]:
    starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
    if not values.get("minutes") or starts_at is None or ends_at is None:
        return []
    lasts = (ends_at - starts_at) // timedelta(minutes=1)
    if values["minutes"] == lasts:
        return []
    return [Fault("minutes", say("From the start to the end it is {n} minutes.", n=lasts))]


async def _room_id(
    tx: AsyncConnection, event: Event, code: str | None, faults: list[Fault]
) -> int | None:
    if code is None:
        return None
    room = await find_room(tx, event.id, code)
    if room is None:
        faults.append(Fault("room", say("There is no room {code}.", code=code)))
        return None
    return room.id


async def _audience(
    tx: AsyncConnection, event: Event, rows: list[AudienceForm], faults: list[Fault]
) -> tuple[Audience, ...]:
    offices = await lookup.delegation_ids(
        tx, event.id, {row.delegation for row in rows if row.delegation}
    )
    people = await lookup.names(tx, {row.participant for row in rows if row.participant}, event.id)
    found = []
    for i, row in enumerate(rows):
        if (row.delegation is None) == (row.participant is None):
            faults.append(Fault(f"audience.{i}", say("Name either a delegation or a participant.")))
        elif row.delegation is not None and row.delegation not in offices:
            text = say("There is no delegation {code}.", code=row.delegation)
            faults.append(Fault(f"audience.{i}.delegation", text))
        elif row.participant is not None and row.participant not in people:
            faults.append(Fault(f"audience.{i}.participant", say("There is no such participant.")))
        else:
            office = offices[row.delegation] if row.delegation is not None else None
            found.append(Audience(row.attendance, office, row.participant))
    return tuple(found)


async def new_session(tx: AsyncConnection, event: Event, form: NewSession, code: str) -> AnySession:
    """Return the session a form describes."""
    given = {name: getattr(form, name) for name in NewSession.model_fields if name != "code"}
    values = await read_changes(tx, event, given)
    return made_of({"id": 0, "event_id": event.id, "code": code, **values})


async def placed(
    tx: AsyncConnection, event: Event, session: AnySession, form: Placement
) -> AnySession:
    """Return a session as it would stand at a placement."""
    given = {
        name: value for name, value in form.given().items() if value is not None or name == "room"
    }
    return with_changes(session, await read_changes(tx, event, given))
