"""The draft programme in the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance, Event, room_limit
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations, participants
from eventhub.wording import say

from .model import Audience, Format, Kind, Office, Place, Session, SessionState, Surroundings
from .rules import severities
from .tables import session_audiences, session_speakers, sessions

# SQLite takes at most 32,766 values in one statement.
CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions of a programme are listed; what is None does not narrow."""

    start: datetime | None = None
    end: datetime | None = None
    room_id: int | None = None
    track: str | None = None
    state: str | None = None
    delegation_id: int | None = None


async def find_session(tx: AsyncConnection, event_id: int, code: str) -> Session | None:
    """Return the event's session of a code."""
    found = await _load(
        tx, sa.select(sessions).where(sessions.c.event_id == event_id, sessions.c.code == code)
    )
    return found[0] if found else None


async def get_session(tx: AsyncConnection, event_id: int, code: str) -> Session:
    """Return the event's session of a code, or raise NotFound."""
    session = await find_session(tx, event_id, code)
    if session is None:
        raise NotFound(say("There is no session {code}.", code=code))
    return session


async def list_sessions(
    tx: AsyncConnection,
    event_id: int,
    wanted: Wanted,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 100_000,
) -> list[Session]:
    """Return sessions by start and id, those after a position."""
    query = sa.select(sessions).where(sessions.c.event_id == event_id, *_narrowed(wanted))
    if after is not None:
        start, last_id = after
        later = sa.and_(sessions.c.starts_at == start, sessions.c.id > last_id)
        query = query.where(sa.or_(sessions.c.starts_at > start, later))
    return await _load(tx, query.order_by(sessions.c.starts_at, sessions.c.id).limit(limit))


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


async def list_touching(tx: AsyncConnection, session: Session) -> list[Session]:
    """Return the event's other sessions that share any instant with a session and are not cancelled."""
    query = sa.select(sessions).where(
        sessions.c.event_id == session.event_id,
        sessions.c.starts_at < session.ends_at,
        sessions.c.ends_at > session.starts_at,
        sessions.c.id != session.id,
        sessions.c.state != SessionState.CANCELLED,
    )
    return await _load(tx, query)


async def surroundings(
    tx: AsyncConnection, event: Event, around: Iterable[Session]
) -> Surroundings:
    """Return what the conflict rules look up about some sessions."""
    called = list(around)
    people = {person for each in called for person in each.speakers}
    people |= {
        row.participant_id
        for each in called
        for row in each.audience
        if row.participant_id is not None
    }
    offices = {
        row.delegation_id
        for each in called
        for row in each.audience
        if row.delegation_id is not None
    }
    return Surroundings(
        rooms=await _places(
            tx, event, {each.room_id for each in called if each.room_id is not None}
        ),
        offices=await _offices(tx, offices),
        people=await names(tx, people),
        severities=severities(event),
    )


async def _places(tx: AsyncConnection, event: Event, ids: Collection[int]) -> dict[int, Place]:
    if not ids:
        return {}
    rows = await tx.execute(sa.select(rooms).where(rooms.c.id.in_(ids)))
    return {
        r.id: Place(
            r.code, r.name, room_limit(r.capacity, r.protocol_percent, event.protocol), r.parallel
        )
        for r in rows
    }


async def _offices(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Office]:
    counted = sa.func.count(participants.c.id)
    found: dict[int, Office] = {}
    for part in _chunks(ids):
        query = (
            sa.select(
                delegations.c.id, delegations.c.code, delegations.c.name, counted.label("people")
            )
            .outerjoin(participants, participants.c.delegation_id == delegations.c.id)
            .where(delegations.c.id.in_(part))
            .group_by(delegations.c.id, delegations.c.code, delegations.c.name)
        )
        found |= {r.id: Office(r.code, r.name, r.people) for r in await tx.execute(query)}
    return found


async def names(
    tx: AsyncConnection, ids: Collection[int], event_id: int | None = None
) -> dict[int, str]:
    """Return the names of participants by id, of one event if given."""
    found: dict[int, str] = {}
    for part in _chunks(ids):
        query = sa.select(participants.c.id, participants.c.name).where(participants.c.id.in_(part))
        if event_id is not None:
            query = query.where(participants.c.event_id == event_id)
        found |= {r.id: r.name for r in await tx.execute(query)}
    return found


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes by id: what the contract names things by."""

    rooms: dict[int, str]
    delegations: dict[int, str]


async def codes_of(tx: AsyncConnection, around: Collection[Session]) -> Codes:
    """Return the codes of the rooms and offices of some sessions."""
    room_ids = {each.room_id for each in around if each.room_id is not None}
    office_ids = {
        row.delegation_id
        for each in around
        for row in each.audience
        if row.delegation_id is not None
    }
    return Codes(await _codes(tx, rooms, room_ids), await _codes(tx, delegations, office_ids))


async def _codes(tx: AsyncConnection, table: sa.Table, ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in _chunks(ids):
        rows = await tx.execute(sa.select(table.c.id, table.c.code).where(table.c.id.in_(part)))
        found |= {row.id: row.code for row in rows}
    return found


async def delegation_ids(
    tx: AsyncConnection, event_id: int, codes: Collection[str]
) -> dict[str, int]:
    """Return the ids of the event's delegations by code; codes that do not exist are left out."""
    if not codes:
        return {}
    table = delegations.c
    query = sa.select(table.code, table.id).where(table.event_id == event_id, table.code.in_(codes))
    return {row.code: row.id for row in await tx.execute(query)}


async def insert_sessions(tx: AsyncConnection, new: Sequence[Session]) -> list[Session]:
    """Write new sessions with their audiences and speakers; return them with their ids, in the same order."""
    if not new:
        return []
    await tx.execute(sessions.insert(), [_values(session) for session in new])
    ids = await _ids(tx, new[0].event_id)
    stored = [replace(session, id=ids[session.code]) for session in new]
    await _insert_parts(tx, stored)
    return stored


async def save_session(tx: AsyncConnection, session: Session) -> None:
    """Write a session's fields, audience, speakers and its version as given."""
    await tx.execute(
        sessions.update().where(sessions.c.id == session.id).values(**_values(session))
    )
    await tx.execute(session_audiences.delete().where(session_audiences.c.session_id == session.id))
    await tx.execute(session_speakers.delete().where(session_speakers.c.session_id == session.id))
    await _insert_parts(tx, [session])


async def delete_session(tx: AsyncConnection, session_id: int) -> None:
    """Take a session out that was never published."""
    await tx.execute(sessions.delete().where(sessions.c.id == session_id))


async def _ids(tx: AsyncConnection, event_id: int) -> dict[str, int]:
    rows = await tx.execute(
        sa.select(sessions.c.code, sessions.c.id).where(sessions.c.event_id == event_id)
    )
    return {row.code: row.id for row in rows}


async def _insert_parts(tx: AsyncConnection, stored: Sequence[Session]) -> None:
    audience = [
        {
            "session_id": session.id,
            "delegation_id": row.delegation_id,
            "participant_id": row.participant_id,
            "attendance": row.attendance,
        }
        for session in stored
        for row in session.audience
    ]
    speakers = [
        {"session_id": session.id, "participant_id": person, "position": position}
        for session in stored
        for position, person in enumerate(session.speakers)
    ]
    if audience:
        await tx.execute(session_audiences.insert(), audience)
    if speakers:
        await tx.execute(session_speakers.insert(), speakers)


async def _load(tx: AsyncConnection, query: sa.Select[Any]) -> list[Session]:
    rows = list(await tx.execute(query))
    audience: dict[int, list[Audience]] = defaultdict(list)
    speakers: dict[int, list[int]] = defaultdict(list)
    for part in _chunks([row.id for row in rows]):
        called = session_audiences.c
        for r in await tx.execute(
            sa.select(session_audiences).where(called.session_id.in_(part)).order_by(called.id)
        ):
            audience[r.session_id].append(
                Audience(Attendance(r.attendance), r.delegation_id, r.participant_id)
            )
        stage = session_speakers.c
        for r in await tx.execute(
            sa.select(session_speakers).where(stage.session_id.in_(part)).order_by(stage.position)
        ):
            speakers[r.session_id].append(r.participant_id)
    return [_session(row, audience[row.id], speakers[row.id]) for row in rows]


def _chunks(ids: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return [ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK)]


def _session(row: Any, audience: list[Audience], speakers: list[int]) -> Session:
    return Session(
        id=row.id,
        event_id=row.event_id,
        code=row.code,
        title=row.title,
        abstract=row.abstract,
        kind=Kind(row.kind),
        format=Format(row.format),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.time_zone,
        room_id=row.room_id,
        meeting_url=row.meeting_url,
        stream=row.stream,
        track=row.track,
        state=SessionState(row.state),
        sequence=row.sequence,
        speakers=tuple(speakers),
        audience=tuple(audience),
        version=row.version,
    )


def _values(session: Session) -> dict[str, Any]:
    names = sessions.c.keys()
    return {name: getattr(session, name) for name in names if name != "id"}
