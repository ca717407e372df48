"""The sessions that may stand in a session's way, read without the rest of the programme."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.tables import participants

from .lookup import chunks, people_of
from .model import Audience, Format, Kind, Session, SessionState
from .tables import session_audiences, session_speakers, sessions


async def list_touching(tx: AsyncConnection, session: Session, apart: timedelta) -> list[Session]:
    """Return the event's other sessions that are not cancelled and lie less than `apart` from a session.

    Of each only those rows and speakers are read that `rules.conflicts` needs: a plenary beside the session calls
    hundreds of offices, of which the session shares few.
    """
    query = sa.select(sessions).where(
        sessions.c.event_id == session.event_id,
        sessions.c.starts_at < session.ends_at + apart,
        sessions.c.ends_at > session.starts_at - apart,
        sessions.c.id != session.id,
        sessions.c.state != SessionState.CANCELLED,
    )
    rows = list(await tx.execute(query))
    offices = await _offices_of(tx, session)
    ids = [row.id for row in rows]
    audiences = await _audiences(tx, ids, offices)
    speakers = await _speakers(tx, ids, offices)
    return [_session(row, audiences[row.id], speakers[row.id]) for row in rows]


async def _offices_of(tx: AsyncConnection, session: Session) -> set[int]:
    """Return the offices that a session binds, whole or by somebody of theirs."""
    bound = [row for row in session.audience if row.attendance is not Attendance.STREAM]
    named = {row.participant_id for row in bound if row.participant_id is not None}
    people = await people_of(tx, named.union(session.speakers))
    called = {row.delegation_id for row in bound if row.delegation_id is not None}
    return called.union(person.office_id for person in people.values())


async def _audiences(
    tx: AsyncConnection, ids: Sequence[int], offices: set[int]
) -> Mapping[int, Sequence[Audience]]:
    found: dict[int, list[Audience]] = defaultdict(list)
    called = session_audiences.c
    query = (
        sa.select(
            called.session_id, called.attendance, called.delegation_id, called.participant_id,
            sa.func.coalesce(called.delegation_id, participants.c.delegation_id),
        )
        .outerjoin(participants, participants.c.id == called.participant_id)
        .where(called.attendance != Attendance.STREAM)
        .order_by(called.id)
    )  # fmt: skip
    for row in await _rows(tx, query, called.session_id, ids):
        if row[4] in offices:
            found[row[0]].append(Audience(Attendance(row[1]), row[2], row[3]))
    return found


async def _speakers(
    tx: AsyncConnection, ids: Sequence[int], offices: set[int]
) -> Mapping[int, Sequence[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    stage = session_speakers.c
    query = (
        sa.select(stage.session_id, stage.participant_id, participants.c.delegation_id)
        .join(participants, participants.c.id == stage.participant_id)
        .order_by(stage.position)
    )
    for row in await _rows(tx, query, stage.session_id, ids):
        if row[2] in offices:
            found[row[0]].append(row[1])
    return found


async def _rows(
    tx: AsyncConnection, query: sa.Select[Any], column: sa.Column[int], ids: Sequence[int]
) -> Iterable[Any]:
    return [row for part in chunks(ids) for row in await tx.execute(query.where(column.in_(part)))]


def _session(row: Any, audience: Sequence[Audience], speakers: Sequence[int]) -> Session:
    return Session(
        id=row.id, event_id=row.event_id, code=row.code, title=row.title, abstract="",
        kind=Kind(row.kind), format=Format(row.format), starts_at=row.starts_at, ends_at=row.ends_at,
        time_zone=row.time_zone, room_id=row.room_id, meeting_url=row.meeting_url, stream=row.stream,
        track=row.track, state=SessionState(row.state), speakers=tuple(speakers), audience=tuple(audience),
    )  # fmt: skip
