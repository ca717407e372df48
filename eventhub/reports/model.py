"""What an attendance report says. Minutes of the clock are counted since 1970 in UTC."""

from dataclasses import dataclass
from datetime import datetime

from eventhub.events.model import Attendance


@dataclass(frozen=True, slots=True)
class ReportedSession:
    """A session as a report names it. Moments are UTC."""

    id: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str

    @property
    def first_minute(self) -> int:
        return int(self.starts_at.timestamp() // 60)

    @property
    def last_minute(self) -> int:
        """The last minute that belongs to the session; the one that begins as it ends does not."""
        return -int(-self.ends_at.timestamp() // 60) - 1

    @property
    def minutes(self) -> int:
        return self.last_minute - self.first_minute + 1


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody's uninterrupted presence: its first and its last minute."""

    session_id: int
    participant_id: int
    way: Attendance
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Came:
    """That somebody came to a session: how, and for how many of its minutes."""

    session_id: int
    participant_id: int
    way: Attendance
    minutes: int
    attended: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many people, by the way they attend."""

    onsite: int = 0
    meeting: int = 0
    stream: int = 0

    @property
    def total(self) -> int:
        return self.onsite + self.meeting + self.stream

    def plus(self, way: Attendance) -> "Count":
        """Return the count with one more."""
        return Count(
            self.onsite + (way is Attendance.ONSITE),
            self.meeting + (way is Attendance.MEETING),
            self.stream + (way is Attendance.STREAM),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """A delegation as a report names it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """How many were invited to a session, came, and attended."""

    session: ReportedSession
    invited: Count
    present: Count
    attended: Count


@dataclass(frozen=True, slots=True)
class DelegationFigures:
    """How many people of a delegation were invited to any session, came to any, attended any; minutes in all."""

    delegation: Heard
    invited: int
    present: int
    attended: int
    minutes: int


@dataclass(frozen=True, slots=True)
class People:
    """How many people, whichever sessions: each counts once."""

    invited: int
    present: int
    attended: int


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One person at one session: how invited (None: not invited), how they came (None: not at all)."""

    participant_id: int
    name: str
    position: str
    office: str
    invited: Attendance | None
    came: Came | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The sum over sessions, and each person once."""

    invited: Count
    present: Count
    attended: Count
    people: People
    minutes: int


@dataclass(frozen=True, slots=True)
class Report:
    """The attendance of an event, or of one of its days."""

    totals: Totals
    sessions: tuple[SessionFigures, ...]
    delegations: tuple[DelegationFigures, ...]
    provinces: tuple[DelegationFigures, ...] = ()
