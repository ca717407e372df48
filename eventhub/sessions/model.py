"""Sessions of the programme, who they are for, and what stands in each other's way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventhub.events.model import Attendance
from eventhub.wording import Text


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


@dataclass(frozen=True, slots=True)
class Session:
    """One item of the programme. Moments are UTC; `sequence` rises when time or place changes (RFC 5546, 2.1.4)."""

    id: int
    event_id: int
    code: str
    title: str
    abstract: str
    kind: Kind
    format: Format
    starts_at: datetime
    ends_at: datetime
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

    def overlaps(self, other: "Session") -> bool:
        """Whether both share any instant; one that starts as the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Subject:
    """What two sessions both want: a room, a participant, an office."""

    type: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ProgrammeConflict:
    """One thing in the way, in the contract's `conflict` shape; the explanation is not yet rendered."""

    kind: str
    severity: Severity
    sessions: tuple[str, ...]
    subject: Subject
    explanation: Text
