"""An event, its protocol and its rooms."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import floor
from typing import Literal
from zoneinfo import ZoneInfo

from .scheduling import Scheduling


class EventState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Attendance(StrEnum):
    """How someone takes part: in the room, in the interactive meeting, or watching the stream."""

    ONSITE = "onsite"
    MEETING = "meeting"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class AcceptedProof:
    """A proof the gate accepts: a test not older than `valid_hours`, or at least `min_doses` of vaccine."""

    kind: Literal["antigen", "pcr", "vaccine"]
    valid_hours: int | None = None
    min_doses: int | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The health protocol of an event, decided in the scan."""

    enabled: bool = True
    max_temperature_c: float = 37.3
    mask_required: bool = True
    declaration_required: bool = False
    protocol_percent: int = 50
    recheck: Literal["daily", "once"] = "daily"
    proof_required: bool = False
    proof_accepts: tuple[AcceptedProof, ...] = ()
    retention_days: int = 14


@dataclass(frozen=True, slots=True)
class PresenceRule:
    """Who present counts as attended: so many distinct minutes, or so much of the session, whichever is less.

    `background`: whether minutes count in which the stream's page is open but not seen.
    """

    minutes: int = 10
    percent: int = 50
    background: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """The conference. `day_starts_at` is event-zone wall time: what lies before it belongs to the day before.

    At `auto_exit_at`, event-zone wall time too, whoever came in before is taken to have left; None: nobody is.
    """

    id: int
    slug: str
    title: str
    starts_on: date
    ends_on: date
    days: tuple[date, ...]
    time_zone: str
    day_starts_at: time = time(4, 0)
    languages: tuple[str, ...] = ("id", "en")
    state: EventState = EventState.DRAFT
    protocol: Protocol = field(default_factory=Protocol)
    presence_rule: PresenceRule = field(default_factory=PresenceRule)
    severities: dict[str, str] = field(default_factory=dict)
    scheduling: Scheduling = field(default_factory=Scheduling)
    version: int = 1
    auto_exit_at: time | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """Return the event day on which a moment lies."""
        start = timedelta(hours=self.day_starts_at.hour, minutes=self.day_starts_at.minute)
        return (moment.astimezone(self.zone) - start).date()

    def moment_on(self, day: date, clock: time) -> datetime:
        """Return when clocks show a time on an event day, in UTC; before the day starts it is the next morning."""
        shown = day if clock >= self.day_starts_at else day + timedelta(days=1)
        return datetime.combine(shown, clock, self.zone).astimezone(UTC)

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """Return when an event day starts and ends, in UTC."""
        begin = datetime.combine(day, self.day_starts_at, self.zone)
        end = datetime.combine(day + timedelta(days=1), self.day_starts_at, self.zone)
        return begin.astimezone(UTC), end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Room:
    """A physical room with `capacity` seats."""

    id: int
    event_id: int
    code: str
    name: str
    building: str
    capacity: int
    protocol_percent: int | None = None
    parallel: bool = False
    version: int = 1


def room_limit(capacity: int, room_percent: int | None, protocol: Protocol) -> int:
    """Return how many may be inside: floor(capacity x percent / 100) while the protocol is on, else capacity."""
    if not protocol.enabled:
        return capacity
    percent = protocol.protocol_percent if room_percent is None else room_percent
    return floor(capacity * percent / 100)


# The kinds of programme conflicts and what each does unless the event decides otherwise.
DEFAULT_SEVERITIES = {
    "room": "block",
    "participant": "block",
    "speaker": "block",
    "office": "block",
    "outside_days": "block",
    "delegation_overstretched": "block_release",
    "travel": "block_release",
    "capacity": "block_release",
    "encoder": "block_release",
    "local_hour": "warn",
    "holiday": "warn",
    "friday_break": "warn",
}


def conflict_kinds() -> frozenset[str]:
    """Return the kinds of conflicts that exist."""
    return frozenset(DEFAULT_SEVERITIES)
