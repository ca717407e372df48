"""The audit log: who did what to what, written in the transaction of the deed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.web.access import Principal

from .tables import audit_log

HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit log; `actor` is like `user planner@example.org`.

    What stands in `detail` under `health` is for those who may read health data, and ends with them.
    """

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]

    def told(self, *, with_health: bool) -> dict[str, Any]:
        """Return what a reader is shown of the detail; None stands for what is not for them."""
        shown = {name: value for name, value in self.detail.items() if name != HEALTH}
        hidden = self.detail.get(HEALTH)
        if not hidden:
            return shown
        return shown | (dict(hidden) if with_health else {HEALTH: None})


def actor_of(who: Principal | str) -> str:
    """Return how the log names who did something."""
    return (who if isinstance(who, str) else f"{who.kind} {who.name}")[:300]


def entry(
    who: Principal | str,
    action: str,
    subject: str,
    *,
    event_id: int | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a line as a row; `who` is a caller, or a word such as `command` for what runs without one."""
    return {
        "event_id": event_id,
        "at": at,
        "actor": actor_of(who),
        "action": action,
        "subject": subject[:300],
        "detail": dict(detail or {}),
    }


async def record(
    tx: AsyncConnection,
    who: Principal | str,
    action: str,
    subject: str,
    *,
    event_id: int | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a line; see `entry`."""
    row = entry(who, action, subject, event_id=event_id, at=at, detail=detail)
    await tx.execute(audit_log.insert().values(row))


async def list_entries(
    tx: AsyncConnection, event_id: int, before: int | None, limit: int
) -> list[Entry]:
    """Return an event's latest lines, newest first, older than the line with id `before`."""
    query = sa.select(audit_log).where(audit_log.c.event_id == event_id)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    rows = await tx.execute(query.order_by(audit_log.c.id.desc()).limit(limit))
    return [Entry(r.id, r.at, r.actor, r.action, r.subject, r.detail) for r in rows]
