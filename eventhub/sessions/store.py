"""The draft programme in the database: what has a time, and what lies in the tray."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.wording import say

from .lookup import chunks
from .model import AnySession, Session, SessionState, Unscheduled
from .rows import insert_parts, load, values_of
from .tables import released_sessions, session_audiences, session_speakers, sessions

MOST = 100_000
HAS_TIME = sessions.c.starts_at.is_not(None)
SomeSession = TypeVar("SomeSession", Session, Unscheduled, AnySession)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions of a programme are listed; what is None does not narrow."""

    start: datetime | None = None
    end: datetime | None = None
    room_id: int | None = None
    track: str | None = None
    state: str | None = None
    delegation_id: int | None = None


async def find_session(tx: AsyncConnection, event_id: int, code: str) -> AnySession | None:
    """Return the event's session of a code, with or without a time."""
    found = await load(
        tx, sa.select(sessions).where(sessions.c.event_id == event_id, sessions.c.code == code)
    )
    return found[0] if found else None


async def get_session(tx: AsyncConnection, event_id: int, code: str) -> AnySession:
    """Return the event's session of a code, with or without a time, or raise NotFound."""
    session = await find_session(tx, event_id, code)
    if session is None:
        raise NotFound(say("There is no session {code}.", code=code))
    return session


async def list_sessions(
    tx: AsyncConnection, event_id: int, wanted: Wanted, *, limit: int = MOST
) -> list[Session]:
    """Return the sessions that have a time, by start and id."""
    query = _chosen(event_id, wanted).where(HAS_TIME)
    found = await load(tx, query.order_by(sessions.c.starts_at, sessions.c.id).limit(limit))
    return [session for session in found if isinstance(session, Session)]


async def list_unscheduled(
    tx: AsyncConnection, event_id: int, wanted: Wanted | None = None
) -> list[Unscheduled]:
    """Return the tray: sessions without a time, in the order they were made; not those cancelled."""
    query = _chosen(event_id, wanted or Wanted()).where(
        ~HAS_TIME, sessions.c.state != SessionState.CANCELLED
    )
    found = await load(tx, query.order_by(sessions.c.id))
    return [session for session in found if isinstance(session, Unscheduled)]


async def count_unscheduled(tx: AsyncConnection, event_id: int) -> int:
    """Count what lies in the tray."""
    query = _chosen(event_id, Wanted()).where(~HAS_TIME, sessions.c.state != SessionState.CANCELLED)
    counted = sa.select(sa.func.count()).select_from(query.subquery())
    return int((await tx.execute(counted)).scalar_one())


async def list_any(
    tx: AsyncConnection,
    event_id: int,
    wanted: Wanted,
    *,
    scheduled: bool | None,
    after: tuple[datetime | None, int] | None,
    limit: int,
) -> list[AnySession]:
    """Return sessions by start and id, those without a time last; those after a position.

    `scheduled` narrows to those that have a time, or have none.
    """
    query = _chosen(event_id, wanted)
    if scheduled is not None:
        query = query.where(HAS_TIME if scheduled else ~HAS_TIME)
    if after is not None:
        query = query.where(_later(*after))
    order = (sessions.c.starts_at.is_(None), sessions.c.starts_at, sessions.c.id)
    return await load(tx, query.order_by(*order).limit(limit))


def _later(start: datetime | None, last_id: int) -> sa.ColumnElement[bool]:
    beyond = sessions.c.id > last_id
    if start is None:
        return sa.and_(~HAS_TIME, beyond)
    return sa.or_(
        ~HAS_TIME, sessions.c.starts_at > start, sa.and_(sessions.c.starts_at == start, beyond)
    )


def _chosen(event_id: int, wanted: Wanted) -> sa.Select[Any]:
    return sa.select(sessions).where(sessions.c.event_id == event_id, *_narrowed(wanted))


def _narrowed(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    terms: list[sa.ColumnElement[bool]] = []
    if wanted.start is not None:
        terms.append(sessions.c.ends_at > wanted.start)
    if wanted.end is not None:
        terms.append(sessions.c.starts_at < wanted.end)
    if wanted.room_id is not None:
        terms.append(sessions.c.room_id == wanted.room_id)
    if wanted.track is not None:
        terms.append(sessions.c.track == wanted.track)
    if wanted.state is not None:
        terms.append(sessions.c.state == wanted.state)
    if wanted.delegation_id is not None:
        called = session_audiences.c
        terms.append(
            sa.exists().where(
                called.session_id == sessions.c.id, called.delegation_id == wanted.delegation_id
            )
        )
    return terms


async def insert_sessions(tx: AsyncConnection, new: Sequence[SomeSession]) -> list[SomeSession]:
    """Write new sessions with their audiences and speakers; return them with their ids, in the same order."""
    if not new:
        return []
    await tx.execute(sessions.insert(), [values_of(session) for session in new])
    ids = await _ids(tx, new[0].event_id)
    stored = [replace(session, id=ids[session.code]) for session in new]
    await insert_parts(tx, stored)
    return stored


async def save_session(tx: AsyncConnection, session: AnySession) -> None:
    """Write a session's fields, audience, speakers and its version as given."""
    await save_sessions(tx, [session])


async def save_sessions(tx: AsyncConnection, changed: Sequence[AnySession]) -> None:
    """Write sessions as `save_session` does, all at once: others wait to write meanwhile."""
    if not changed:
        return
    columns = [column for column in sessions.c if column.name != "id"]
    new = {each.name: sa.bindparam(f"new_{each.name}", type_=each.type) for each in columns}
    statement = sessions.update().where(sessions.c.id == sa.bindparam("of")).values(new)
    rows = [
        {"of": session.id, **{f"new_{name}": value for name, value in values_of(session).items()}}
        for session in changed
    ]
    await tx.execute(statement, rows)
    for part in chunks([session.id for session in changed]):
        for table in (session_audiences, session_speakers):
            await tx.execute(table.delete().where(table.c.session_id.in_(part)))
    await insert_parts(tx, changed)


async def is_released(tx: AsyncConnection, session_id: int) -> bool:
    """Whether any release holds a session, be it as cancelled."""
    held = sa.exists().where(released_sessions.c.session_id == session_id)
    return bool((await tx.execute(sa.select(held))).scalar_one())


async def delete_session(tx: AsyncConnection, session_id: int) -> None:
    """Take a session out that was never released."""
    await tx.execute(sessions.delete().where(sessions.c.id == session_id))


async def _ids(tx: AsyncConnection, event_id: int) -> dict[str, int]:
    rows = await tx.execute(
        sa.select(sessions.c.code, sessions.c.id).where(sessions.c.event_id == event_id)
    )
    return {row.code: row.id for row in rows}
