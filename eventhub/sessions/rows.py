"""Sessions as rows of tables: read with their audiences and speakers, and written."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance

from .lookup import chunks
from .model import AnySession, Audience, Format, Kind, SessionState, made_of
from .tables import session_audiences, session_speakers, sessions


async def load(tx: AsyncConnection, query: sa.Select[Any]) -> list[AnySession]:
    """Return the sessions that a query of whole rows selects, in its order."""
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
