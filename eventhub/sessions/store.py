"""The draft programme in the database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.wording import say

from .lookup import chunks
from .model import Audience, Format, Kind, Session, SessionState
from .tables import session_audiences, session_speakers, sessions


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
    for part in chunks([row.id for row in rows]):
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
        origin=row.origin,
    )


def _values(session: Session) -> dict[str, Any]:
    names = sessions.c.keys()
    return {name: getattr(session, name) for name in names if name != "id"}
