"""What a webhook and one of its deliveries are."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

# What a webhook may ask for: the kinds of news that are not about a page's own progress.
WebhookKind = Literal["programme", "occupancy", "broadcast", "announcement", "question"]
KINDS: tuple[WebhookKind, ...] = get_args(WebhookKind)
TEST = "test"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A program's address; `told_to` is the id of the last news it was considered for. Moments are UTC.

    One that is `stopped_at` is told nothing until a test arrives there.
    """

    id: int
    event_id: int
    url: str
    kinds: tuple[str, ...]
    told_to: int
    created_at: datetime
    created_by: str
    stopped_at: datetime | None = None
    sealed_secret: bytes = field(default=b"", repr=False)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one webhook. `message` names it in every try; `status` is the last answer's, None without one."""

    id: int
    webhook_id: int
    message: str
    kind: str
    body: dict[str, Any]
    created_at: datetime
    due_at: datetime
    attempts: int
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    status: int | None = None
    error: str = ""
