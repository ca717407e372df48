"""What must happen after a commit, written in the same transaction as its cause.

A job is delivered at least once: it is claimed for a while, and claimed again when whoever had it died.
Handlers must therefore be safe to repeat.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

CLAIM = timedelta(minutes=5)
RETRY_AFTER = timedelta(seconds=30)
MAX_ATTEMPTS = 12

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=True),
    sa.Column("topic", sa.String(64), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("claimed_until", UtcDateTime, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("done_at", UtcDateTime, nullable=True),
    sa.Column("failed_at", UtcDateTime, nullable=True),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("ix_outbox_due", "done_at", "failed_at", "due_at"),
)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do: `topic` says what, `payload` with which ids."""

    id: int
    event_id: int | None
    topic: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime


async def add(
    tx: AsyncConnection,
    topic: str,
    payload: dict[str, Any],
    *,
    event_id: int | None,
    at: datetime,
    due_at: datetime | None = None,
) -> int:
    """Write a job that is done once this transaction has committed, at `due_at` or at once."""
    values = {
        "event_id": event_id,
        "topic": topic,
        "payload": payload,
        "created_at": at,
        "due_at": due_at or at,
        "attempts": 0,
        "error": "",
    }
    return await insert_row(tx, outbox, values)


async def claim(
    tx: AsyncConnection, topics: Collection[str], at: datetime, limit: int = 10
) -> list[Job]:
    """Take due jobs, oldest first, so that nobody else takes them within `CLAIM`."""
    free = sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < at)
    due = (
        sa.select(outbox.c.id)
        .where(
            outbox.c.done_at.is_(None),
            outbox.c.failed_at.is_(None),
            outbox.c.due_at <= at,
            outbox.c.topic.in_(topics),
            free,
        )
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.execute(due)).scalars())
    if not ids:
        return []
    rows = await tx.execute(
        outbox.update()
        .where(outbox.c.id.in_(ids))
        .values(claimed_until=at + CLAIM, attempts=outbox.c.attempts + 1)
        .returning(outbox)
    )
    jobs = [Job(r.id, r.event_id, r.topic, r.payload, r.attempts, r.created_at) for r in rows]
    return sorted(jobs, key=lambda job: ids.index(job.id))


async def finish(tx: AsyncConnection, job_id: int, at: datetime) -> None:
    """Note that a job is done."""
    await tx.execute(
        outbox.update()
        .where(outbox.c.id == job_id)
        .values(done_at=at, claimed_until=None, error="")
    )


async def postpone(tx: AsyncConnection, job: Job, at: datetime, error: str) -> None:
    """Try a job again later, twice as late each time; after `MAX_ATTEMPTS` it stays as failed."""
    values: dict[str, Any] = {"claimed_until": None, "error": error[:2000]}
    if job.attempts >= MAX_ATTEMPTS:
        values["failed_at"] = at
    else:
        values["due_at"] = at + RETRY_AFTER * 2 ** (job.attempts - 1)
    await tx.execute(outbox.update().where(outbox.c.id == job.id).values(**values))


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Delete jobs that were done before a moment; failed ones stay until somebody looked at them."""
    await tx.execute(outbox.delete().where(outbox.c.done_at < before))
