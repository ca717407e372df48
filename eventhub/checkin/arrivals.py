"""How people arrive: entries at the gates over a day, and how fast each checkpoint scans now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event

from .tables import checkpoints, passages, visits

QUARTER_S = 900
RATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many scans a checkpoint took in the last minutes, and the latest."""

    name: str
    a_minute: float
    latest_at: datetime


async def list_arrivals(
    tx: AsyncConnection, event: Event, day: date, until: datetime
) -> list[tuple[datetime, int]]:
    """Return how many people came in each quarter of an hour, from the first to the last, empty ones too.

    Who went out and came back counts when they came first.
    """
    first = sa.func.min(visits.c.entered_at).label("first")
    query = (
        sa.select(first)
        .where(
            visits.c.event_id == event.id,
            visits.c.room_id.is_(None),
            visits.c.day == day,
            visits.c.entered_at <= until,
        )
        .group_by(visits.c.participant_id)
    )
    firsts = query.subquery()
    second = sa.cast(sa.extract("epoch", firsts.c.first), sa.BigInteger)
    quarter = (second - second % QUARTER_S).label("quarter")
    counted = sa.select(quarter, sa.func.count().label("people")).group_by(quarter)
    found = {int(row.quarter): int(row.people) for row in await tx.execute(counted)}
    if not found:
        return []
    zone = event.zone
    quarters = range(min(found), max(found) + 1, QUARTER_S)
    return [(datetime.fromtimestamp(at, zone), found.get(at, 0)) for at in quarters]


async def list_paces(tx: AsyncConnection, event_id: int, at: datetime) -> list[Pace]:
    """Return how fast each checkpoint that scanned within the last minutes does so, the fastest first."""
    count, latest = sa.func.count(), sa.func.max(passages.c.scanned_at)
    query = (
        sa.select(checkpoints.c.name, count.label("scans"), latest.label("latest"))
        .join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id)
        .where(
            passages.c.event_id == event_id,
            passages.c.scanned_at > at - RATED,
            passages.c.scanned_at <= at,
        )
        .group_by(checkpoints.c.id, checkpoints.c.name)
        .order_by(count.desc(), checkpoints.c.name)
    )
    minutes = RATED / timedelta(minutes=1)
    return [Pace(row.name, row.scans / minutes, row.latest) for row in await tx.execute(query)]
