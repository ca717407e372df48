"""What the control room shows: rooms with what is on, next, late and over, and what is checked before a start."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .model import Act, Encoder, Shown


class Phase(StrEnum):
    """Where a session stands in its room."""

    OVER = "over"
    NOW = "now"
    COMING = "coming"


class Lateness(StrEnum):
    """`not_on_air`: should have begun; `overruns`: should have ended."""

    NOT_ON_AIR = "not_on_air"
    OVERRUNS = "overruns"


@dataclass(frozen=True, slots=True)
class Late:
    """What is late since when (UTC); `into` is the title of the session whose time it takes."""

    how: Lateness
    since: datetime
    into: str = ""


class CheckItem(StrEnum):
    """What is asked before a session; `encoder` and `broadcast` are known, the rest is ticked."""

    ENCODER = "encoder"
    BROADCAST = "broadcast"
    MODERATOR = "moderator"
    MEETING = "meeting"
    WATCH_PAGE = "watch_page"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Tick:
    """That somebody has seen an item for themselves, and when (UTC); `who` as the audit log names them."""

    item: CheckItem
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Check:
    """An item of a session's checklist; `tick` is what somebody ticked, `at` when a program saw it done (UTC)."""

    item: CheckItem
    is_done: bool
    tick: Tick | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """The last thing done with a session's broadcast; not ended yet it is under way, or whoever did it died."""

    act: Act
    who: str
    begun_at: datetime
    ended_at: datetime | None = None
    problem_code: str | None = None


class Signal(StrEnum):
    """What an encoder does as last seen; `unseen`: nobody has looked yet."""

    SENDING = "sending"
    WEAK = "weak"
    SILENT = "silent"
    FAULTY = "faulty"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class EncoderHealth:
    """An encoder as last seen (UTC); `is_stale`: it should have been looked at since."""

    signal: Signal
    issues: tuple[str, ...] = ()
    seen_at: datetime | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A released session that streams or meets, in the lane of its room.

    `has_encoder`: its stream is, or is going to be, a broadcast on YouTube, not a pasted link.
    `joined` counts who has joined the meeting, `moderator_at` is when one of its speakers or an operator did (UTC).
    """

    shown: Shown
    lane: str
    lane_name: str
    streams: bool
    has_encoder: bool = False
    meeting_url: str = ""
    joined: int = 0
    moderator_at: datetime | None = None
    ticks: tuple[Tick, ...] = ()
    deed: Deed | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A turn and how it stands at the moment of the picture."""

    turn: Turn
    phase: Phase
    late: Late | None = None
    checks: tuple[Check, ...] = ()
    acts: tuple[Act, ...] = ()
    audience: int = 0
    is_under_way: bool = False
    problem_code: str | None = None

    @property
    def needs_link(self) -> bool:
        """Whether nothing can be done but to paste the link of its stream: no channel is connected."""
        turn = self.turn
        return turn.streams and not turn.has_encoder and turn.shown.broadcast is None

    @property
    def missing(self) -> int:
        """How many items are still open."""
        return sum(not check.is_done for check in self.checks)


class AlarmKind(StrEnum):
    """What must be looked at now, the most urgent first."""

    NO_SIGNAL = "no_signal"
    NOT_ON_AIR = "not_on_air"
    OVERRUNS = "overruns"
    PROBLEM = "problem"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to look at, in the lane and at the session it is about."""

    kind: AlarmKind
    lane: str
    lane_name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Lane:
    """A room (else a track, else what is online) with its sessions of a day.

    `changes_at` is when the passing of time alone next changes what is shown (UTC).
    """

    code: str
    name: str
    streams: bool
    now: tuple[Standing, ...] = ()
    next: Standing | None = None
    later: tuple[Standing, ...] = ()
    over: tuple[Standing, ...] = ()
    encoder: Encoder | None = None
    health: EncoderHealth | None = None
    changes_at: datetime | None = None

    @property
    def standings(self) -> tuple[Standing, ...]:
        """All sessions: on now, next, later, over."""
        return (*self.now, *((self.next,) if self.next else ()), *self.later, *self.over)


CHECKED_BEFORE = timedelta(minutes=30)
