"""What a planned session of the sample event is, and the days of the event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub.events.model import Attendance
from eventhub.sessions.model import Format, Kind

SLUG = "rakortekrenbang-2021"
TITLE = "Rakortekrenbang 2021"
ZONE = "Asia/Jakarta"
WIB = ZoneInfo(ZONE)

MINISTRIES_DAY = date(2021, 2, 16)
PROVINCES_DAY = date(2021, 2, 18)
OPENING_DAY = date(2021, 2, 25)
CLOSING_DAY = date(2021, 3, 10)
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Seat:
    """Who a planned session is for: an office by code or a person by e-mail address."""

    attendance: Attendance
    office: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A session by codes instead of ids. Moments are UTC; `speakers` are e-mail addresses; `room` a code."""

    code: str
    title: str
    abstract: str
    kind: Kind
    format: Format
    starts_at: datetime
    ends_at: datetime
    room: str | None
    track: str
    meeting_url: str = ""
    stream: bool = False
    speakers: tuple[str, ...] = ()
    audience: tuple[Seat, ...] = ()

    def overlaps(self, other: "Planned") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def event_days() -> tuple[date, ...]:
    """Return the two days of pre-meetings and each day from the opening to the closing."""
    length = (CLOSING_DAY - OPENING_DAY).days
    return (
        MINISTRIES_DAY,
        PROVINCES_DAY,
        *(OPENING_DAY + timedelta(days=n) for n in range(length + 1)),
    )


def desk_days() -> tuple[date, ...]:
    """Return the eight working days between opening and closing."""
    return tuple(
        day for day in event_days() if OPENING_DAY < day < CLOSING_DAY and day.weekday() <= FRIDAY
    )


def at(day: date, clock: time) -> datetime:
    """Return the moment of a clock time in Jakarta, in UTC."""
    return datetime.combine(day, clock, WIB).astimezone(UTC)


def offices(codes: Iterable[str], attendance: Attendance) -> Iterator[Seat]:
    """Seat whole offices."""
    return (Seat(attendance, office=code) for code in codes)


def persons(emails: Iterable[str], attendance: Attendance) -> Iterator[Seat]:
    """Seat single persons."""
    return (Seat(attendance, person=email) for email in emails)
