"""Releases that are still to be told: jobs of the outbox that wait for the merge window to pass."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.outbox import outbox


@dataclass(frozen=True, slots=True)
class Telling:
    """A release that is still to be told; `since`: the first of those in a row."""

    id: int
    since: datetime


async def list_tellings(tx: AsyncConnection, event_id: int | None, topic: str) -> list[Telling]:
    """Return the jobs, not done yet, that will tell releases of an event at once rather than as drafts."""
    jobs = outbox.c
    query = sa.select(jobs.id, jobs.payload).where(
        jobs.event_id == event_id,
        jobs.topic == topic,
        jobs.done_at.is_(None),
        jobs.failed_at.is_(None),
    )
    return [
        Telling(row.id, datetime.fromisoformat(row.payload["since"]))
        for row in await tx.execute(query)
        if not row.payload["as_drafts"]
    ]


async def start_anew(tx: AsyncConnection, tellings: Collection[int], since: datetime) -> None:
    """Let releases that are still to be told be the first in a row, as what came before them is told now."""
    payload = {"as_drafts": False, "only_drafts": False, "since": since.isoformat()}
    if tellings:
        await tx.execute(outbox.update().where(outbox.c.id.in_(tellings)).values(payload=payload))
