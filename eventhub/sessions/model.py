"""Sessions of the programme, who they are for, and what stands in each other's way."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

from eventhub.errors import Invalid
from eventhub.events.model import Attendance
from eventhub.wording import Text, say


class Format(StrEnum):
    """Where a session happens: `onsite` in a room, `online` by meeting link or stream, `hybrid` both."""

    ONSITE = "onsite"
    ONLINE = "online"
    HYBRID = "hybrid"


class Kind(StrEnum):
    PLENARY = "plenary"
    PRE_MEETING = "pre_meeting"
    PANEL = "panel"
    DESK = "desk"
    COORDINATION = "coordination"
    BREAK = "break"
    OTHER = "other"


class SessionState(StrEnum):
    """`published`: in the last release; `cancelled`: was published and is taken out."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Severity(StrEnum):
    """What a conflict does: refuse the save, refuse the release, be shown, be left out."""

    BLOCK = "block"
    BLOCK_RELEASE = "block_release"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a session is for: one delegation or one participant, and how they attend."""

    attendance: Attendance
    delegation_id: int | None = None
    participant_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a session is, wherever it stands; `sequence` rises when time or place changes (RFC 5546, 2.1.4).

    `origin` is the guid or UID by which an imported file calls it, "" for what was made here.
    """

    id: int
    event_id: int
    code: str
    title: str
    abstract: str
    kind: Kind
    format: Format
    time_zone: str
    room_id: int | None
    meeting_url: str
    stream: bool
    track: str
    state: SessionState = SessionState.DRAFT
    sequence: int = 0
    speakers: tuple[int, ...] = ()
    audience: tuple[Audience, ...] = ()
    version: int = 1
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Described):
    """One item of the programme with its time. Moments are UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)

    def overlaps(self, other: "Session") -> bool:
        """Whether both share any instant; one that starts as the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscheduled(Described):
    """A session in the tray: it has no time yet, lasts `minutes` once it has, and stands in nobody's way.

    Its room is where it was, or where it is meant to be.
    """

    minutes: int

    def at(self, starts_at: datetime) -> Session:
        """Return it with a time."""
        ends_at = starts_at + timedelta(minutes=self.minutes)
        kept = {field.name: getattr(self, field.name) for field in fields(Described)}
        return Session(starts_at=starts_at, ends_at=ends_at, **kept)


AnySession: TypeAlias = Session | Unscheduled
USUAL_MINUTES = 60


def with_changes(session: AnySession, changes: Mapping[str, Any]) -> AnySession:
    """Return a session with some fields changed, which may give it a time or take its time away.

    An end that is not told follows from the start and `minutes`. Raises Invalid for a start without end, or the other
    way round.
    """
    known = {"starts_at": None, "ends_at": None, "minutes": session.minutes}
    values = known | {field.name: getattr(session, field.name) for field in fields(session)}
    values |= changes
    minutes = values["minutes"] = values["minutes"] or session.minutes
    is_open = "ends_at" not in changes and (values["ends_at"] is None or changes.get("minutes"))
    if values["starts_at"] is not None and is_open:
        values["ends_at"] = values["starts_at"] + timedelta(minutes=minutes)
    return made_of(values)


def made_of(values: Mapping[str, Any]) -> AnySession:
    """Return a session of its fields, with a time or without one; raises Invalid for half a time."""
    given = dict(values)
    starts_at, ends_at = given.pop("starts_at"), given.pop("ends_at")
    minutes = given.pop("minutes", None) or USUAL_MINUTES
    if starts_at is None and ends_at is None:
        return Unscheduled(minutes=minutes, **given)
    if starts_at is None or ends_at is None:
        missing = "starts_at" if starts_at is None else "ends_at"
        raise Invalid.field(missing, say("Give both the start and the end, or neither."))
    return Session(starts_at=starts_at, ends_at=ends_at, **given)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A session without a time, with what files call its room and speakers."""

    session: Unscheduled
    room_name: str
    building: str
    speakers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What two sessions both want: a room, a participant, an office."""

    type: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ProgrammeConflict:
    """One thing in the way, in the contract's `conflict` shape; the explanation is not yet rendered.

    Where many alike stand in the way they are one conflict: `count` says how many, `subject` and `further` are those
    that the explanation names.
    """

    kind: str
    severity: Severity
    sessions: tuple[str, ...]
    subject: Subject
    explanation: Text
    further: tuple[Subject, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Office:
    """A delegation as the conflict rules see it; `time_zone` is "" where it is the event's."""

    code: str
    name: str
    participants: int
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the conflict rules see them: whom they represent, and how they are registered."""

    name: str
    office_id: int
    attendance: Attendance = Attendance.ONSITE
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A room as the conflict rules see it; `limit` is how many may be inside."""

    code: str
    name: str
    limit: int
    parallel: bool
    building: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the conflict rules look up, by id; `severities` by kind."""

    rooms: Mapping[int, Place]
    offices: Mapping[int, Office]
    people: Mapping[int, Person]
    severities: Mapping[str, Severity]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two releases; `before` and `after` are plain JSON values."""

    session: str
    title: str
    change: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Release:
    """A frozen programme; the event's first has number 1."""

    id: int
    event_id: int
    number: int
    note: str
    published_at: datetime
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """A session as a release froze it. Moments are UTC; `speakers` are ids and names; `state` published or cancelled.

    `audience` rows are `{"delegation": code, "attendance": …}` or `{"participant": id, "attendance": …}`.
    """

    session_id: int
    code: str
    title: str
    abstract: str
    kind: Kind
    format: Format
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room_code: str | None
    room_name: str
    building: str
    meeting_url: str
    stream: bool
    track: str
    speakers: tuple[tuple[int, str], ...]
    audience: tuple[Mapping[str, Any], ...]
    state: SessionState
    sequence: int
