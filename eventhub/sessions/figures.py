"""Counts of an event's programme and people, and which days, tracks and kinds of delegations are in use."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms
from eventhub.outbox import outbox
from eventhub.participants.tables import delegations, participants

from . import store
from .model import Kind, SessionState
from .tables import session_audiences, session_speakers, sessions


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of an event."""

    rooms: int
    sessions: int
    published: int
    uncalled: int
    uncalled_day: str
    delegations: int
    represented: int
    people: dict[str, int]
    failed_jobs: int
    today: int
    over: int
    unscheduled: int


async def count(tx: AsyncConnection, event: Event, at: datetime) -> Figures:
    """Count an event's rooms, sessions, delegations and people."""
    held = sa.and_(sessions.c.event_id == event.id, sessions.c.state != SessionState.CANCELLED)
    alive = sa.and_(held, store.HAS_TIME)
    start, end = event.day_bounds(event.day_of(at))
    today = sa.and_(alive, sessions.c.starts_at >= start, sessions.c.starts_at < end)
    called = sa.or_(
        sa.exists().where(session_audiences.c.session_id == sessions.c.id),
        sa.exists().where(session_speakers.c.session_id == sessions.c.id),
    )
    uncalled = sa.and_(alive, sessions.c.kind != Kind.BREAK, ~called)
    first = (
        await tx.execute(sa.select(sa.func.min(sessions.c.starts_at)).where(uncalled))
    ).scalar_one()
    represented = sa.exists().where(participants.c.delegation_id == delegations.c.id)
    failed = sa.and_(outbox.c.event_id == event.id, outbox.c.failed_at.is_not(None))
    number = partial(_number, tx)
    return Figures(
        rooms=await number(rooms, rooms.c.event_id == event.id),
        sessions=await number(sessions, alive),
        published=await number(sessions, alive, sessions.c.state == SessionState.PUBLISHED),
        uncalled=await number(sessions, uncalled),
        uncalled_day=event.day_of(first).isoformat() if first else "",
        delegations=await number(delegations, delegations.c.event_id == event.id),
        represented=await number(delegations, delegations.c.event_id == event.id, represented),
        people=await _people(tx, event),
        failed_jobs=await number(outbox, failed),
        today=await number(sessions, today),
        over=await number(sessions, today, sessions.c.ends_at <= at),
        unscheduled=await number(sessions, held, ~store.HAS_TIME),
    )


async def _number(tx: AsyncConnection, table: sa.Table, *terms: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*terms)
    return int((await tx.execute(query)).scalar_one())


async def _people(tx: AsyncConnection, event: Event) -> dict[str, int]:
    ways = await tx.execute(
        sa.select(participants.c.attendance, sa.func.count().label("n"))
        .where(participants.c.event_id == event.id)
        .group_by(participants.c.attendance)
    )
    return {way.value: 0 for way in Attendance} | {row.attendance: row.n for row in ways}


async def days_in_use(tx: AsyncConnection, event: Event) -> list[date]:
    """Return the event's days and those on which drafts lie all the same, in order."""
    starts = await tx.execute(
        sa.select(sessions.c.starts_at)
        .distinct()
        .where(sessions.c.event_id == event.id, store.HAS_TIME)
    )
    return sorted({*event.days, *(event.day_of(start) for start in starts.scalars())})


async def tracks(tx: AsyncConnection, event_id: int) -> list[str]:
    """Return the tracks in use, by name."""
    table = sessions.c
    query = sa.select(table.track).distinct().where(table.event_id == event_id, table.track != "")
    return list((await tx.execute(query.order_by(table.track))).scalars())


async def delegation_kinds(tx: AsyncConnection, event_id: int) -> dict[str, int]:
    """Return how many delegations of each kind there are."""
    table = delegations.c
    query = sa.select(table.kind, sa.func.count().label("n")).where(table.event_id == event_id)
    return {row.kind: row.n for row in await tx.execute(query.group_by(table.kind))}
