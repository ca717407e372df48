"""What comes in and goes out about sessions, conflicts and releases."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Fault, Invalid
from eventhub.events.actions import find_room
from eventhub.events.model import Attendance, Event
from eventhub.language import Reader
from eventhub.web.fields import (
    INT32,
    Code,
    Day,
    Form,
    HttpUrl,
    Instant,
    Line,
    Moment,
    OptionalLine,
    Paging,
    Prose,
    RowId,
    Shape,
    Zone,
    changes_of,
)
from eventhub.wording import render, say

from . import lookup
from .conflicts import as_json
from .model import Audience, Change, Format, Kind, ProgrammeConflict, Release, Session, SessionState
from .sentences import sentence

MAX_AUDIENCE = 5000
MAX_SPEAKERS = 200


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
    starts_at: Moment
    ends_at: Moment
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


class ReleasePaging(Paging):
    pass


class NewRelease(Form):
    note: Prose = ""
    notify: Literal["now", "draft", "none"] = "now"


class SessionShape(Shape):
    code: str
    title: str
    abstract: str
    kind: Kind
    format: Format
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    room: str | None
    meeting_url: str
    stream: bool
    track: str
    speakers: list[int]
    audience: list[dict[str, str | int]]
    state: SessionState
    sequence: int


class SubjectShape(Shape):
    type: str
    code: str
    name: str


class ConflictShape(Shape):
    kind: str
    severity: Literal["block", "block_release", "warn", "ignore"]
    sessions: list[str]
    subject: SubjectShape
    explanation: str


class Conflicts(Shape):
    conflicts: list[ConflictShape]


class ChangeShape(Shape):
    session: str
    change: Literal["new", "moved", "cancelled", "room", "link", "text", "audience"]
    before: Any
    after: Any
    sentence: str


class ReleaseShape(Shape):
    release: Annotated[int, Field(ge=1, le=INT32)]
    note: str
    published_at: Instant
    changes: list[ChangeShape]


def conflict_shapes(found: list[ProgrammeConflict], reader: Reader) -> list[ConflictShape]:
    """Return conflicts with their explanations in the reader's language."""
    shapes = []
    for conflict in found:
        values = as_json(conflict) | {"explanation": render(conflict.explanation, reader)}
        shapes.append(ConflictShape.model_validate(values))
    return shapes


def release_shape(release: Release, reader: Reader) -> ReleaseShape:
    """Return a release with its changes in words."""
    return ReleaseShape(
        release=release.number,
        note=release.note,
        published_at=release.published_at,
        changes=[change_shape(change, reader) for change in release.changes],
    )


def change_shape(change: Change, reader: Reader) -> ChangeShape:
    """Return a change in words."""
    return ChangeShape(
        session=change.session,
        change=change.change,
        before=change.before,
        after=change.after,
        sentence=render(sentence(change), reader),
    )


async def session_shapes(tx: AsyncConnection, sessions: list[Session]) -> list[SessionShape]:
    """Return sessions with codes in place of ids."""
    codes = await lookup.codes_of(tx, sessions)
    return [_shape(session, codes) for session in sessions]


def _shape(session: Session, codes: lookup.Codes) -> SessionShape:
    own = {"room", "audience", "speakers"}
    values = {name: getattr(session, name) for name in SessionShape.model_fields if name not in own}
    return SessionShape(
        room=codes.rooms.get(session.room_id) if session.room_id is not None else None,
        speakers=list(session.speakers),
        audience=[_audience_row(row, codes) for row in session.audience],
        **values,
    )


def _audience_row(row: Audience, codes: lookup.Codes) -> dict[str, str | int]:
    if row.delegation_id is not None:
        return {
            "delegation": codes.delegations[row.delegation_id],
            "attendance": row.attendance.value,
        }
    assert row.participant_id is not None
    return {"participant": row.participant_id, "attendance": row.attendance.value}


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
    if faults:
        raise Invalid(faults)
    return values


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


async def new_session(tx: AsyncConnection, event: Event, form: NewSession, code: str) -> Session:
    """Return the session a form describes."""
    given = {name: getattr(form, name) for name in NewSession.model_fields if name != "code"}
    values = await read_changes(tx, event, given)
    return Session(id=0, event_id=event.id, code=code, **values)


async def placed(tx: AsyncConnection, event: Event, session: Session, form: Placement) -> Session:
    """Return a session as it would stand at a placement."""
    given = {
        name: value for name, value in form.given().items() if value is not None or name == "room"
    }
    return replace(session, **await read_changes(tx, event, given))
