"""Broadcasts, the encoder streams that feed them, and viewings."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from eventhub.wording import Text


class Provider(StrEnum):
    YOUTUBE = "youtube"
    LINK = "link"


class State(StrEnum):
    """Where a broadcast stands; `wanted`: not yet anywhere, `problem`: cannot go on without a person."""

    WANTED = "wanted"
    CREATED = "created"
    READY = "ready"
    TESTING = "testing"
    LIVE = "live"
    COMPLETE = "complete"
    PROBLEM = "problem"


class Act(StrEnum):
    """What an operator does with one broadcast."""

    CREATE = "create"
    TEST = "test"
    START = "start"
    END = "end"
    DELETE = "delete"


class ViewingKind(StrEnum):
    MEETING = "meeting"
    STREAM = "stream"


class Retry(StrEnum):
    """What the program does after a problem.

    `never`: a person must act on this broadcast; the others go on. `stop`: no call can succeed until a person
    acts. `tomorrow`: not before midnight Pacific. `minutes`: pause, then creep on. `backoff`: from 1 s, doubling.
    `look`: the effect may have happened, so read before writing again. `gone`: deleted elsewhere, forget the id.
    `done`: already so, which is success.
    """

    NEVER = "never"
    STOP = "stop"
    TOMORROW = "tomorrow"
    MINUTES = "minutes"
    BACKOFF = "backoff"
    LOOK = "look"
    GONE = "gone"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence of what is wrong, one of what to do, and what the program does meanwhile."""

    code: str
    explanation: Text
    action: Text
    retry: Retry


class YouTubeTrouble(Exception):
    """A call to YouTube that did not end well; `problem` says what that means."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.explanation}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Viewers:
    """Known participants at the stream: now, the most at one moment, and when that was looked at (UTC)."""

    now: int
    peak: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A streamed session and its broadcast, as organizers see it; without a broadcast it is `wanted`."""

    session_id: int
    session: str
    title: str
    starts_at: datetime
    ends_at: datetime
    room_name: str
    broadcast: "Broadcast | None"
    viewers: Viewers

    @property
    def state(self) -> State:
        """The broadcast's state; a problem shows as the state only where there is nothing on YouTube to tell of."""
        if self.broadcast is None:
            return State.WANTED
        if self.broadcast.problem_code and self.broadcast.youtube_id is None:
            return State.PROBLEM
        return self.broadcast.state


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the last release wants of one streamed session. `encoder` names the room or track whose stream feeds it."""

    session_id: int
    code: str
    title: str
    abstract: str
    starts_at: datetime
    ends_at: datetime
    encoder: str
    encoder_name: str


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A session's broadcast as recorded here.

    `tried_at`: when an insert was last sent whose answer is not recorded yet. `held`: an operator deleted it, so
    it is not made again by itself. Moments are UTC.
    """

    id: int
    event_id: int
    session_id: int
    session: str
    provider: Provider
    state: State
    marker: str
    title: str = ""
    description: str = ""
    youtube_id: str | None = None
    stream_id: str | None = None
    watch_url: str | None = None
    scheduled_start: datetime | None = None
    tried_at: datetime | None = None
    held: bool = False
    problem_code: str | None = None
    peak: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Encoder:
    """What feeds the broadcasts of a room, track or event one after the other: a reusable stream on YouTube."""

    id: int
    event_id: int
    encoder: str
    marker: str
    stream_id: str | None = None
    address: str = ""
    sealed_key: bytes | None = field(default=None, repr=False)
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteBroadcast:
    """A broadcast as YouTube tells it; `life_cycle` is YouTube's own word."""

    id: str
    title: str
    description: str
    scheduled_start: datetime | None
    published_at: datetime | None
    life_cycle: str
    stream_id: str | None


@dataclass(frozen=True, slots=True)
class RemoteStream:
    """An ingestion point as YouTube tells it; `status` is YouTube's own word, `key` the secret stream name."""

    id: str
    title: str
    description: str
    status: str
    address: str
    key: str

    def __repr__(self) -> str:
        return f"RemoteStream({self.id!r}, {self.status!r})"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written to YouTube: a title of 1-100 characters, a description of at most 5,000 bytes, a start in UTC."""

    title: str
    description: str
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A presence without a break, from its first to its last beat (UTC, both included)."""

    started_at: datetime
    last_beat_at: datetime
