"""Broadcasts, the encoder streams that feed them, and viewings."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Privacy = Literal["unlisted", "public", "private"]
PlaylistPer = Literal["none", "event", "track"]


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
    track: str = ""
    room_name: str = ""
    privacy: Privacy = "unlisted"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A session's broadcast as recorded here.

    `tried_at`: when an insert was last sent whose answer is not recorded yet. `held`: an operator deleted it, so
    it is not made again by itself. `channel_id` is the channel here that it is on. `privacy` is what was last
    written, `thumbnail` the digest of the picture that was last set, `playlist_id` the playlist it was put in;
    `extras_problem` is what kept these two away, and they wait until `extras_after`. `concurrent` are YouTube's
    viewers when they were last told, which is None while YouTube does not tell. Moments are UTC.
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
    channel_id: int | None = None
    privacy: str = ""
    thumbnail: str = ""
    playlist_id: str | None = None
    extras_problem: str | None = None
    extras_after: datetime | None = None
    seen_at: datetime | None = None
    concurrent: int | None = None
    concurrent_at: datetime | None = None
    peak: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Encoder:
    """What feeds the broadcasts of a room, track or event one after the other: a reusable stream on YouTube.

    `silent_since`: when it was first seen not to send any more, None while it sends or never sent.
    """

    id: int
    event_id: int
    encoder: str
    marker: str
    stream_id: str | None = None
    address: str = ""
    sealed_key: bytes | None = field(default=None, repr=False)
    tried_at: datetime | None = None
    channel_id: int | None = None
    wished_channel_id: int | None = None
    status: str = ""
    health: str = ""
    issues: tuple[str, ...] = ()
    seen_at: datetime | None = None
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """A YouTube channel and what is wrong with it; without an event it is the one of the settings."""

    id: int
    event_id: int | None
    youtube_id: str
    title: str
    digest: str
    connected_at: datetime
    connected_by: str
    disconnected_at: datetime | None = None
    problem_code: str | None = None
    problem_at: datetime | None = None
    sealed_token: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StreamingSettings:
    """How an event's broadcasts are made, and whether they start and end by themselves.

    The end comes `end_after_minutes` after the planned one, or when the encoder was silent for `silent_minutes` then.
    """

    privacy: Privacy = "unlisted"
    playlists: PlaylistPer = "event"
    thumbnails: bool = True
    starts_itself: bool = False
    ends_itself: bool = False
    end_after_minutes: int = 15
    silent_minutes: int = 5


class SourceUse(StrEnum):
    """What another source of a session is for."""

    BACKUP = "backup"
    LANGUAGE = "language"
    SOUND = "sound"


class SourceKind(StrEnum):
    """Where a link leads, which decides how the watch page shows it."""

    YOUTUBE = "youtube"
    ZOOM = "zoom"
    MEET = "meet"
    JITSI = "jitsi"
    BIGBLUEBUTTON = "bigbluebutton"
    HLS = "hls"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Source:
    """Another place where a session can be followed; `language` is empty for a backup in the same language."""

    id: int
    session_id: int
    use: SourceUse
    language: str
    kind: SourceKind
    url: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A presence without a break, from its first to its last beat (UTC, both included)."""

    started_at: datetime
    last_beat_at: datetime
