"""Streamed sessions as organizers see them, and who watches: SQL in, model out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.tables import rooms
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions

from .model import Broadcast, Shown, Viewers
from .store import as_model
from .tables import broadcasts, viewings

# A viewer is watching who was heard of lately: beats come once a minute, one may go missing.
HEARD_LATELY = timedelta(seconds=150)


async def list_shown(
    tx: AsyncConnection, event_id: int, at: datetime, *where: sa.ColumnElement[bool]
) -> list[Shown]:
    """Return the event's streamed sessions with their broadcasts, earliest first; cancelled ones only with one.

    Those without a time are not among them.
    """
    wanted = sa.and_(sessions.c.stream, sessions.c.state != SessionState.CANCELLED)
    rows = await tx.execute(
        sa.select(
            sessions.c.id.label("of_session"),
            sessions.c.code.label("session"),
            sessions.c.title.label("session_title"),
            sessions.c.starts_at,
            sessions.c.ends_at,
            rooms.c.name.label("room_name"),
            broadcasts,
        )
        .select_from(sessions)
        .outerjoin(broadcasts, broadcasts.c.session_id == sessions.c.id)
        .outerjoin(rooms, rooms.c.id == sessions.c.room_id)
        .where(
            sessions.c.event_id == event_id,
            sessions.c.starts_at.is_not(None),
            sa.or_(wanted, broadcasts.c.id.is_not(None)),
            *where,
        )
        .order_by(sessions.c.starts_at, sessions.c.code)
    )
    watching = await count_watching(tx, event_id, at)
    return [_as_shown(row, watching.get(row.of_session, 0), at) for row in rows]


def _as_shown(row: sa.Row[Any], watching: int, at: datetime) -> Shown:
    broadcast = None
    if row.id is not None:
        fields = Broadcast.__dataclass_fields__
        values = {name: getattr(row, name) for name in fields}
        broadcast = as_model(values)
    peak = max(watching, broadcast.peak if broadcast else 0)
    return Shown(
        session_id=row.of_session,
        session=row.session,
        title=row.session_title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        room_name=row.room_name or "",
        broadcast=broadcast,
        viewers=Viewers(now=watching, peak=peak, at=at),
    )


async def count_watching(tx: AsyncConnection, event_id: int, at: datetime) -> dict[int, int]:
    """Return how many participants are at each session's stream now, by session id."""
    rows = await tx.execute(
        sa.select(viewings.c.session_id, sa.func.count(viewings.c.participant_id.distinct()))
        .where(
            viewings.c.event_id == event_id,
            viewings.c.kind == "stream",
            viewings.c.last_beat_at > at - HEARD_LATELY,
            viewings.c.last_beat_at <= at,
        )
        .group_by(viewings.c.session_id)
    )
    return {row[0]: row[1] for row in rows}


def among(codes: Sequence[str]) -> sa.ColumnElement[bool]:
    """Bound `list_shown` to sessions by code."""
    return sessions.c.code.in_(codes)
