"""Attendance read across the capabilities' tables. Reads only."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event, EventState
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.invited import invited_people
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions

from .model import Heard, ReportedSession


def counted_sessions(
    event: Event, day: date | None = None, code: str | None = None
) -> sa.Select[int]:
    """Select the ids of the sessions that count: those of the last release; before it, the draft's."""
    states = [SessionState.PUBLISHED]
    if event.state is EventState.DRAFT:
        states.append(SessionState.DRAFT)
    query = sa.select(sessions.c.id).where(
        sessions.c.event_id == event.id,
        sessions.c.state.in_(states),
        sessions.c.starts_at.is_not(None),
    )
    if day is not None:
        start, end = event.day_bounds(day)
        query = query.where(sessions.c.starts_at >= start, sessions.c.starts_at < end)
    return query if code is None else query.where(sessions.c.code == code)


def only(session_ids: Sequence[int]) -> sa.Select[int]:
    """Select the ids of these sessions."""
    return sa.select(sessions.c.id).where(sessions.c.id.in_(session_ids))


async def list_sessions(
    tx: AsyncConnection, wanted: sa.Select[int], *, start: int = 0, limit: int | None = None
) -> list[ReportedSession]:
    """Return sessions in the order of their beginning."""
    query = (
        sa.select(sessions)
        .where(sessions.c.id.in_(wanted))
        .order_by(sessions.c.starts_at, sessions.c.code)
        .offset(start)
        .limit(limit)
    )
    return [
        ReportedSession(r.id, r.code, r.title, r.starts_at, r.ends_at, r.time_zone)
        for r in await tx.execute(query)
    ]


async def find_last_end(tx: AsyncConnection, wanted: sa.Select[int]) -> datetime | None:
    """Return when the last of some sessions ends; None when there is none."""
    query = sa.select(sa.func.max(sessions.c.ends_at)).where(sessions.c.id.in_(wanted))
    last: datetime | None = (await tx.execute(query)).scalar_one()
    return last


async def count_sessions(tx: AsyncConnection, wanted: sa.Select[int]) -> int:
    """Count sessions."""
    query = sa.select(sa.func.count()).select_from(wanted.subquery())
    return int((await tx.execute(query)).scalar_one())


async def count_invited(
    tx: AsyncConnection, event: Event, wanted: sa.Select[int]
) -> dict[tuple[int, Attendance], int]:
    """Count who is invited to each session, by way."""
    invited = invited_people(event.id).subquery()
    query = (
        sa.select(invited.c.session_id, invited.c.attendance, sa.func.count())
        .where(invited.c.session_id.in_(wanted))
        .group_by(invited.c.session_id, invited.c.attendance)
    )
    return {(id, Attendance(way)): count for id, way, count in await tx.execute(query)}


async def list_delegations(
    tx: AsyncConnection,
    event: Event,
    words: Sequence[str] = (),
    *,
    start: int = 0,
    limit: int | None = None,
) -> list[Heard]:
    """Return delegations by name; `words` must all occur in it."""
    query = (
        sa.select(delegations.c.id, delegations.c.code, delegations.c.name)
        .where(delegations.c.event_id == event.id, *_words(words))
        .order_by(delegations.c.name, delegations.c.id)
        .offset(start)
        .limit(limit)
    )
    return [Heard(*row) for row in await tx.execute(query)]


async def count_delegations(tx: AsyncConnection, event: Event, words: Sequence[str] = ()) -> int:
    """Count delegations whose names hold all words."""
    query = (
        sa.select(sa.func.count())
        .select_from(delegations)
        .where(delegations.c.event_id == event.id, *_words(words))
    )
    return int((await tx.execute(query)).scalar_one())


def _words(words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    return [delegations.c.name.icontains(word, autoescape=True) for word in words]


def members(delegation_ids: Sequence[int]) -> sa.Select[int]:
    """Select the ids of the people of some delegations."""
    return sa.select(participants.c.id).where(participants.c.delegation_id.in_(delegation_ids))


async def count_invited_people(
    tx: AsyncConnection, event: Event, wanted: sa.Select[int], people: sa.Select[int] | None = None
) -> dict[int, int]:
    """Count people invited to any of the sessions, by delegation id."""
    invited = invited_people(event.id).subquery()
    query = (
        sa.select(
            participants.c.delegation_id, sa.func.count(sa.distinct(invited.c.participant_id))
        )
        .join_from(invited, participants, participants.c.id == invited.c.participant_id)
        .where(invited.c.session_id.in_(wanted))
        .group_by(participants.c.delegation_id)
    )
    if people is not None:
        query = query.where(invited.c.participant_id.in_(people))
    return {id: count for id, count in await tx.execute(query)}  # noqa: C416 -- rows are no pairs to mypy


async def delegations_of(
    tx: AsyncConnection, event: Event, people: sa.Select[int] | None = None
) -> dict[int, int]:
    """Return the delegation's id by participant id."""
    query = sa.select(participants.c.id, participants.c.delegation_id).where(
        participants.c.event_id == event.id
    )
    if people is not None:
        query = query.where(participants.c.id.in_(people))
    return {row.id: row.delegation_id for row in await tx.execute(query)}
