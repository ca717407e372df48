"""Announcements: SQL in, model out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.sessions.tables import sessions

from .model import Announcement
from .tables import announcements


async def insert(tx: AsyncConnection, values: dict[str, Any]) -> int:
    """Write a new announcement; return its id."""
    return await insert_row(tx, announcements, values)


async def take_back(tx: AsyncConnection, event_id: int, announcement_id: int, at: datetime) -> bool:
    """Note that an announcement no longer holds; False when there is no such one, or it did not hold already."""
    taken = await tx.execute(
        announcements.update()
        .where(
            announcements.c.event_id == event_id,
            announcements.c.id == announcement_id,
            announcements.c.taken_back_at.is_(None),
        )
        .values(taken_back_at=at)
    )
    return bool(taken.rowcount)


async def find(
    tx: AsyncConnection, event_id: int, announcement_id: int
) -> tuple[Announcement, int | None] | None:
    """Return an announcement and the id of its session."""
    statement = _select(event_id).where(announcements.c.id == announcement_id)
    row = (await tx.execute(statement)).one_or_none()
    return (_read(row), row.session_id) if row else None


async def list_before(
    tx: AsyncConnection, event_id: int, before: int | None, limit: int
) -> list[Announcement]:
    """Return announcements, those taken back too, the latest first, from below an id on."""
    statement = _select(event_id).limit(limit)
    if before is not None:
        statement = statement.where(announcements.c.id < before)
    return [_read(row) for row in await tx.execute(statement)]


async def list_holding(
    tx: AsyncConnection,
    event_id: int,
    session_ids: sa.Select[Any] | list[int],
    *,
    start: datetime,
    end: datetime,
    limit: int,
) -> list[Announcement]:
    """Return what was told everybody, or those of some sessions, within a span and not taken back; the latest first."""
    statement = (
        _select(event_id)
        .where(
            announcements.c.taken_back_at.is_(None),
            announcements.c.at >= start,
            announcements.c.at < end,
            sa.or_(
                announcements.c.session_id.is_(None), announcements.c.session_id.in_(session_ids)
            ),
        )
        .limit(limit)
    )
    return [_read(row) for row in await tx.execute(statement)]


def _select(event_id: int) -> sa.Select[Any]:
    return (
        sa.select(announcements, sessions.c.code)
        .outerjoin(sessions, sessions.c.id == announcements.c.session_id)
        .where(announcements.c.event_id == event_id)
        .order_by(announcements.c.id.desc())
    )


def _read(row: Any) -> Announcement:
    return Announcement(
        row.id, row.text, row.code, row.title, row.at, row.author, row.taken_back_at
    )
