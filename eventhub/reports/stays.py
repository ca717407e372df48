"""Who stayed where for how long, by the clock's minutes: visits of rooms, and viewings. Reads only."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles

from eventhub.checkin.tables import visits
from eventhub.events.model import Attendance, Event
from eventhub.sessions.tables import sessions
from eventhub.streaming.tables import viewings

from .model import Stay
from .rules import DOORS_OPEN_MINUTES


class clock_minute(sa.sql.functions.FunctionElement[int]):  # noqa: N801 -- reads as the SQL function it is
    """The minute of a moment, counted since 1970 in UTC."""

    type = sa.Integer()
    inherit_cache = True


@compiles(clock_minute, "sqlite")
def _minute_in_sqlite(element: clock_minute, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"(CAST(strftime('%s', {column}) AS INTEGER) / 60)"


@compiles(clock_minute, "postgresql")
def _minute_in_postgresql(element: clock_minute, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {column}) / 60) AS INTEGER)"


async def list_stays(
    tx: AsyncConnection,
    event: Event,
    wanted: sa.Select[int],
    now: datetime,
    people: sa.Select[int] | None = None,
) -> list[Stay]:
    """Return every stay at the sessions, or those of some people (ids); what is still open lasts until now."""
    return [
        *await _list_visits(tx, event, wanted, now, people),
        *await _list_viewings(tx, event, wanted, people),
    ]


async def _list_visits(
    tx: AsyncConnection,
    event: Event,
    wanted: sa.Select[int],
    now: datetime,
    people: sa.Select[int] | None,
) -> list[Stay]:
    this_minute = int(now.timestamp() // 60)
    ends: dict[date, int] = {}
    stays = []
    for row in await tx.execute(_visits(event, wanted, people)):
        last = row.last
        if last is None:
            if row.day not in ends:
                ends[row.day] = int(event.day_bounds(row.day)[1].timestamp() // 60) - 1
            last = min(ends[row.day], this_minute)
        # An open visit of an earlier day ended with that day.
        if last >= row.begins or row.first >= row.begins - DOORS_OPEN_MINUTES:
            stays.append(Stay(row.id, row.participant_id, Attendance.ONSITE, row.first, last))
    return stays


def _visits(event: Event, wanted: sa.Select[int], people: sa.Select[int] | None) -> sa.Select[Any]:
    """Select visits with the sessions they may attend: the doors open half an hour before."""
    entered, begins = clock_minute(visits.c.entered_at), clock_minute(sessions.c.starts_at)
    query = (
        sa.select(
            sessions.c.id,
            visits.c.participant_id,
            visits.c.day,
            entered.label("first"),
            clock_minute(visits.c.left_at).label("last"),
            begins.label("begins"),
        )
        .join_from(
            visits,
            sessions,
            sa.and_(
                sessions.c.room_id == visits.c.room_id,
                sessions.c.event_id == visits.c.event_id,
                sessions.c.ends_at > visits.c.entered_at,
            ),
        )
        .where(
            visits.c.event_id == event.id,
            sessions.c.id.in_(wanted),
            sa.or_(
                visits.c.left_at.is_(None),
                visits.c.left_at > sessions.c.starts_at,
                entered >= begins - DOORS_OPEN_MINUTES,
            ),
        )
    )
    return query if people is None else query.where(visits.c.participant_id.in_(people))


async def _list_viewings(
    tx: AsyncConnection, event: Event, wanted: sa.Select[int], people: sa.Select[int] | None
) -> list[Stay]:
    query = sa.select(
        viewings.c.session_id,
        viewings.c.participant_id,
        viewings.c.kind,
        clock_minute(viewings.c.started_at),
        clock_minute(viewings.c.last_beat_at),
    ).where(viewings.c.event_id == event.id, viewings.c.session_id.in_(wanted))
    if people is not None:
        query = query.where(viewings.c.participant_id.in_(people))
    ways = {way.value: way for way in Attendance}
    return [
        Stay(session, person, ways[kind], first, last)
        for session, person, kind, first, last in await tx.execute(query)
    ]
