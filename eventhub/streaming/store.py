"""Broadcasts, encoder streams and units: SQL in, model out."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.outbox import outbox
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import released_sessions, releases, sessions
from eventhub.web.access import Right

from .model import Broadcast, Provider, State
from .tables import broadcasts

_OWN = ("id", "event_id", "session_id", "session", "version")


def _broadcasts() -> sa.Select[Any]:
    return sa.select(broadcasts, sessions.c.code.label("session")).join(
        sessions, sessions.c.id == broadcasts.c.session_id
    )


async def list_broadcasts(tx: AsyncConnection, event_id: int) -> list[Broadcast]:
    """Return what is recorded for an event, in the order it was."""
    query = _broadcasts().where(broadcasts.c.event_id == event_id).order_by(broadcasts.c.id)
    rows = await tx.execute(query)
    return [_as_broadcast(row) for row in rows]


async def find_broadcast(tx: AsyncConnection, session_id: int) -> Broadcast | None:
    """Return a session's broadcast."""
    row = (
        await tx.execute(_broadcasts().where(broadcasts.c.session_id == session_id))
    ).one_or_none()
    return _as_broadcast(row) if row is not None else None


async def hold_broadcasts(tx: AsyncConnection, ids: Iterable[int]) -> dict[int, Broadcast]:
    """Return by id how broadcasts stand; nobody else changes them until this transaction ends."""
    query = _broadcasts().where(broadcasts.c.id.in_(ids)).order_by(broadcasts.c.id)
    rows = await tx.execute(query.with_for_update(of=broadcasts))
    return {row.id: _as_broadcast(row) for row in rows}


def _as_broadcast(row: sa.Row[Any]) -> Broadcast:
    return as_model(dict(row._mapping))  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns


async def list_near(
    tx: AsyncConnection, begin: datetime, end: datetime
) -> list[tuple[Broadcast, datetime]]:
    """Return the broadcasts on YouTube of sessions that touch a span of time and have not ended, with their ends.

    Their times are those of the last release, as broadcasts follow it.
    """
    starts_at = sa.func.coalesce(released_sessions.c.starts_at, sessions.c.starts_at)
    ends_at = sa.func.coalesce(released_sessions.c.ends_at, sessions.c.ends_at)
    query = (
        _broadcasts()
        .outerjoin(
            released_sessions,
            sa.and_(
                released_sessions.c.session_id == broadcasts.c.session_id,
                released_sessions.c.release_id == _last_release(),
            ),
        )
        .add_columns(ends_at.label("ends_at"))
        .where(
            broadcasts.c.provider == Provider.YOUTUBE,
            broadcasts.c.youtube_id.is_not(None),
            broadcasts.c.state != State.COMPLETE,
            starts_at < end,
            ends_at > begin,
        )
    )
    found = []
    for row in await tx.execute(query):
        values = {name: getattr(row, name) for name in Broadcast.__dataclass_fields__}
        found.append((as_model(values), row.ends_at))
    return found


def _last_release() -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.max(releases.c.id))
        .where(releases.c.event_id == broadcasts.c.event_id)
        .correlate(broadcasts)
        .scalar_subquery()
    )


async def list_upcoming_events(tx: AsyncConnection, at: datetime) -> list[int]:
    """Return the events that have streamed sessions still to come."""
    query = sa.select(sessions.c.event_id).where(
        sessions.c.stream, sessions.c.state == SessionState.PUBLISHED, sessions.c.ends_at > at
    )
    return list((await tx.execute(query.distinct())).scalars())


def as_model(values: dict[str, Any]) -> Broadcast:
    """Return a broadcast of a row's values."""
    return Broadcast(
        **values | {"provider": Provider(values["provider"]), "state": State(values["state"])}
    )


async def insert_broadcast(
    tx: AsyncConnection, event_id: int, session_id: int, *, provider: Provider, marker: str
) -> Broadcast:
    """Record that a session is to have a broadcast."""
    await tx.execute(
        broadcasts.insert().values(
            event_id=event_id,
            session_id=session_id,
            provider=provider,
            state=State.WANTED,
            marker=marker,
            title="",
            description="",
            held=False,
            peak=0,
            version=1,
        )
    )
    found = await find_broadcast(tx, session_id)
    assert found is not None
    return found


async def save_broadcast(tx: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Write a broadcast, and tell open pages; its version rises. The peak is counted elsewhere and left alone."""
    values = {k: v for k, v in asdict(broadcast).items() if k not in {*_OWN, "peak"}}
    await tx.execute(
        broadcasts.update()
        .where(broadcasts.c.id == broadcast.id)
        .values(**values, version=broadcasts.c.version + 1)
    )
    await _tell(tx, broadcast, at)


async def delete_broadcast(tx: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Forget a broadcast, and tell open pages."""
    await tx.execute(broadcasts.delete().where(broadcasts.c.id == broadcast.id))
    await _tell(tx, replace(broadcast, state=State.WANTED, problem_code=None), at)


async def _tell(tx: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Tell those who operate; the public learns the state of what is published."""
    data = {"session": broadcast.session, "state": broadcast.state.value}
    operating = {**data, "problem": broadcast.problem_code}
    right = Right.BROADCASTS_READ.value
    await news.tell(tx, "broadcast", operating, event_id=broadcast.event_id, at=at, right=right)
    published = sa.select(sessions.c.id).where(
        sessions.c.id == broadcast.session_id, sessions.c.state == SessionState.PUBLISHED
    )
    if (await tx.execute(published)).first() is not None:
        await news.tell(tx, "broadcast", data, event_id=broadcast.event_id, at=at)


async def is_awaited(tx: AsyncConnection, event_id: int, topic: str) -> bool:
    """Whether a job of this topic already waits for the event."""
    query = sa.select(outbox.c.id).where(
        outbox.c.event_id == event_id,
        outbox.c.topic == topic,
        outbox.c.done_at.is_(None),
        outbox.c.failed_at.is_(None),
        outbox.c.claimed_until.is_(None),
    )
    return (await tx.execute(query.limit(1))).first() is not None
