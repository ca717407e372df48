"""Viewings and whose they are: SQL in, model out."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.ready import Ready
from eventhub.events.model import Attendance
from eventhub.events.tables import events
from eventhub.participants.links import LinkClaim
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import sessions

from .model import Interval, ViewingKind
from .tables import broadcasts, viewings


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a join link belongs to and to which session it leads; `time_zone` is their office's, "" for the event's."""

    participant_id: int
    name: str
    language: str
    time_zone: str
    event: str
    event_id: int
    session_id: int
    session: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """One stay of a participant at a meeting or stream."""

    id: int
    kind: ViewingKind
    interval: Interval


# Built once: a whole audience's beats ask for these each minute.
_GUEST = Ready(
    sa.select(
        participants.c.id.label("participant_id"),
        participants.c.name,
        participants.c.language,
        delegations.c.time_zone,
        events.c.slug.label("event"),
        events.c.id.label("event_id"),
        sessions.c.id.label("session_id"),
        sessions.c.code.label("session"),
    )
    .join_from(participants, delegations, delegations.c.id == participants.c.delegation_id)
    .join(events, events.c.id == participants.c.event_id)
    .join(sessions, sessions.c.event_id == events.c.id)
    .where(
        participants.c.id == sa.bindparam("person"),
        participants.c.link_generation == sa.bindparam("generation"),
        sessions.c.id == sa.bindparam("session"),
    )
)
_INVITED = released_people(
    sa.bindparam("release", type_=sa.Integer),
    sa.bindparam("session", type_=sa.Integer),
    sa.bindparam("person", type_=sa.Integer),
).subquery()
_ATTENDANCE = Ready(sa.select(_INVITED.c.attendance))
_STAYS = Ready(
    sa.select(viewings.c.id, viewings.c.kind, viewings.c.started_at, viewings.c.last_beat_at)
    .where(
        viewings.c.session_id == sa.bindparam("session"),
        viewings.c.participant_id == sa.bindparam("person"),
    )
    .order_by(viewings.c.last_beat_at.desc())
)


async def find_guest(tx: AsyncConnection, claim: LinkClaim) -> Guest | None:
    """Return whose join link this is; None when it was renewed or its people or session are gone."""
    row = await _GUEST.row(
        tx, person=claim.participant_id, generation=claim.generation, session=claim.session_id
    )
    return None if row is None else Guest(*row)


async def find_attendance(
    tx: AsyncConnection, release_id: int, session_id: int, participant_id: int
) -> Attendance | None:
    """Return how a release invites somebody to a session; None when it does not."""
    row = await _ATTENDANCE.row(tx, release=release_id, session=session_id, person=participant_id)
    return Attendance(row.attendance) if row else None


async def list_viewings(tx: AsyncConnection, session_id: int, participant_id: int) -> list[Viewing]:
    """Return a participant's viewings of a session, the latest first; other devices' beats wait until this ends."""
    if tx.dialect.name == "postgresql":
        person = sa.select(participants.c.id).where(participants.c.id == participant_id)
        await tx.execute(person.with_for_update())
    return [
        Viewing(row.id, ViewingKind(row.kind), Interval(row.started_at, row.last_beat_at))
        for row in await _STAYS.rows(tx, session=session_id, person=participant_id)
    ]


async def list_intervals(tx: AsyncConnection, session_id: int, kind: ViewingKind) -> list[Interval]:
    """Return the intervals of everybody at a session's stream or meeting."""
    query = sa.select(viewings.c.started_at, viewings.c.last_beat_at).where(
        viewings.c.session_id == session_id, viewings.c.kind == kind
    )
    return [Interval(row.started_at, row.last_beat_at) for row in await tx.execute(query)]


async def insert_viewing(
    tx: AsyncConnection, guest: Guest, kind: ViewingKind, interval: Interval
) -> None:
    await tx.execute(
        viewings.insert().values(
            event_id=guest.event_id,
            session_id=guest.session_id,
            participant_id=guest.participant_id,
            kind=kind,
            started_at=interval.started_at,
            last_beat_at=interval.last_beat_at,
        )
    )


async def save_interval(tx: AsyncConnection, viewing_id: int, interval: Interval) -> None:
    await tx.execute(
        viewings.update()
        .where(viewings.c.id == viewing_id)
        .values(started_at=interval.started_at, last_beat_at=interval.last_beat_at)
    )


async def raise_peak(tx: AsyncConnection, session_id: int, watching: int) -> None:
    """Keep the most viewers there were at one moment."""
    await tx.execute(
        broadcasts.update()
        .where(broadcasts.c.session_id == session_id, broadcasts.c.peak < watching)
        .values(peak=watching)
    )


async def list_watched_sessions(tx: AsyncConnection, event_id: int) -> list[int]:
    """Return the ids of an event's sessions that anybody watched."""
    query = (
        sa.select(viewings.c.session_id)
        .where(viewings.c.event_id == event_id, viewings.c.kind == ViewingKind.STREAM)
        .distinct()
    )
    return list((await tx.execute(query)).scalars())
