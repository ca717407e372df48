"""Sessions as rows of tables: read with their audiences and speakers, and written."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance

from .lookup import chunks
from .model import AnySession, Audience, Format, Kind, SessionState, made_of
from .tables import session_audiences, session_speakers, sessions

MANY = 300
WAYS = {way.value: way for way in Attendance}


async def load(tx: AsyncConnection, query: sa.Select[Any]) -> list[AnySession]:
    """Return the sessions that a query of whole rows selects, in its order."""
    rows = list(await tx.execute(query))
    audience: dict[int, list[Audience]] = defaultdict(list)
    speakers: dict[int, list[int]] = defaultdict(list)
    called, stage = session_audiences.c, session_speakers.c
    each = sa.select(
        called.session_id, called.attendance, called.delegation_id, called.participant_id
    ).order_by(called.id)
    spoken = sa.select(stage.session_id, stage.participant_id).order_by(stage.position)
    for part in chunks([row.id for row in rows]):
        # Plenaries call hundreds each: this loop is what the page of a whole event waits for.
        for id, way, office, person in await tx.execute(each.where(called.session_id.in_(part))):
            audience[id].append(Audience(WAYS[way], office, person))
        for id, person in await tx.execute(spoken.where(stage.session_id.in_(part))):
            speakers[id].append(person)

    def made() -> list[AnySession]:
        return [_session(row, audience[row.id], speakers[row.id]) for row in rows]

    # A session or two are made faster than a thread begins.
    return made() if len(rows) < MANY else await asyncio.to_thread(made)


def _session(row: Any, audience: list[Audience], speakers: list[int]) -> AnySession:
    parts = {
        "kind": Kind(row.kind),
        "format": Format(row.format),
        "state": SessionState(row.state),
        "speakers": tuple(speakers),
        "audience": tuple(audience),
    }
    return made_of({**row._mapping, **parts})  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns


def values_of(session: AnySession) -> dict[str, Any]:
    """Return a session's columns but its id."""
    names = sessions.c.keys()
    values = {name: getattr(session, name, None) for name in names if name != "id"}
    return values | ({"minutes": None} if values["starts_at"] else {})


async def insert_parts(tx: AsyncConnection, stored: Sequence[AnySession]) -> None:
    """Write the audiences and speakers of sessions that have none yet."""
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
