"""What stands on YouTube, and what is written to it."""

from dataclasses import dataclass
from datetime import datetime

from .model import Privacy


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
    privacy: str = ""


@dataclass(frozen=True, slots=True)
class RemoteStream:
    """An ingestion point as YouTube tells it; `status` is YouTube's own word, `key` the secret stream name."""

    id: str
    title: str
    description: str
    status: str
    address: str
    key: str
    health: str = ""
    issues: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"RemoteStream({self.id!r}, {self.status!r})"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written to YouTube: a title of 1-100 characters, a description of at most 5,000 bytes, a start in UTC."""

    title: str
    description: str
    starts_at: datetime
    ends_at: datetime | None = None
    privacy: Privacy = "unlisted"
