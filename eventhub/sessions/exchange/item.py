"""What a file says about its sessions, whatever its form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from eventhub.language import zone_of
from eventhub.sessions.model import Format, Kind
from eventhub.web.faults import invalid
from eventhub.web.fields import Form, HttpUrl, Line, Moment, OptionalLine, Prose
from eventhub.wording import Text, say

EARLIEST, LATEST = 1990, 2200
LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one row (of a sheet as it shows it, else the number of the entry from 1)."""

    row: int
    field: str
    reason: Text


class Wrong(Exception):
    """An entry that cannot be taken: which field, and why."""

    def __init__(self, field: str, reason: Text) -> None:
        super().__init__(str(reason))
        self.field = field
        self.reason = reason


class NoZone(Exception):
    """A wall time of which nothing says in which zone it is meant."""


@dataclass(frozen=True, slots=True)
class Item:
    """One session of a file. Moments are aware; "" and None where the file does not say.

    `origin` is its guid or UID; `code` is a code of ours; `time_zone` is an IANA name. Without start and end it goes
    to the tray, to last `minutes`.
    """

    row: int
    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    minutes: int | None = None
    origin: str = ""
    code: str = ""
    abstract: str = ""
    kind: Kind | None = None
    format: Format | None = None
    time_zone: str = ""
    room: str = ""
    building: str = ""
    meeting_url: str = ""
    stream: bool | None = None
    track: str = ""
    speakers: tuple[str, ...] = ()
    cancelled: bool = False


@dataclass(slots=True)
class Listed:
    """A file read: its sessions, the entries that cannot be taken, and the seats of the rooms it tells."""

    items: list[Item] = field(default_factory=list)
    faulty: list[RowFault] = field(default_factory=list)
    seats: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a file leaves open: the zone given for it ("" for none), when a day starts, until when repetitions run."""

    zone: str
    day_starts_at: time
    until: datetime

    def placed(self, moment: datetime, zone: str = "") -> datetime:
        """Return a moment with its zone, or raise NoZone; an offset of its own counts first."""
        if not EARLIEST <= moment.year < LATEST:
            raise Wrong("starts_at", say("This moment is too far away."))
        if moment.tzinfo is not None:
            return moment
        name = zone or self.zone
        if not name:
            raise NoZone
        return moment.replace(tzinfo=zone_of(name))


class _Carried(Form):
    """The contract's limits on what an entry says."""

    title: Line
    abstract: Prose
    starts_at: Moment | None
    ends_at: Moment | None
    room: OptionalLine
    building: OptionalLine
    meeting_url: HttpUrl
    track: OptionalLine
    speakers: list[Line]


def checked(**values: Any) -> Item:
    """Return an entry within the contract's limits, or raise Wrong for its first wrong field."""
    try:
        carried = _Carried.model_validate(
            {name: values.get(name, _EMPTY.get(name)) for name in _Carried.model_fields}
        )
    except ValidationError as error:
        fault = invalid(error).fields[0]
        raise Wrong(fault.field.partition(".")[0], fault.text) from error
    if carried.starts_at is None or carried.ends_at is None:
        lasts = timedelta(minutes=values.get("minutes") or 0)
    elif carried.ends_at <= carried.starts_at:
        raise Wrong("ends_at", say("A session must end after it starts."))
    else:
        lasts = carried.ends_at - carried.starts_at
    if lasts > LONGEST:
        raise Wrong("ends_at", say("A session lasts at most {n} days.", n=LONGEST.days))
    given = {name: getattr(carried, name) for name in _Carried.model_fields}
    return Item(**{**values, **given, "speakers": tuple(dict.fromkeys(carried.speakers))})


_EMPTY: Mapping[str, Any] = {
    "title": "",
    "abstract": "",
    "room": "",
    "building": "",
    "meeting_url": "",
    "track": "",
    "speakers": (),
}


def one_line(text: str) -> str:
    """Return a text on one line with single spaces."""
    return " ".join(text.split())


def zone_name(name: str) -> str:
    """Return an IANA name that exists, else ""."""
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):
        return ""
    return name


def name_of(moment: datetime) -> str:
    """Return the IANA name of a moment's zone, "" where it has an offset only."""
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else ""
