"""Work on many sessions at once, kept for as long as it can be taken back."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.errors import NotFound
from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations, participants
from eventhub.web.access import Principal
from eventhub.wording import say

from .bulk import Edit
from .lookup import chunks
from .model import AnySession, Audience, Format, Kind, SessionState, made_of
from .tables import batches, released_sessions, sessions

TAKEN_BACK_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a session: what it was, and which version it had then; None where it was not or is no more."""

    code: str
    before: AnySession | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Work that was done at once; `edits` are left out of lists, which count them."""

    id: int
    kind: str
    subject: str
    actor: str
    done_at: datetime
    taken_back_at: datetime | None
    count: int
    edits: tuple[Done, ...] = ()


async def insert_batch(
    tx: AsyncConnection,
    event_id: int,
    kind: str,
    subject: str,
    edits: Sequence[Edit],
    *,
    who: Principal | str,
    at: datetime,
) -> int:
    """Write what was done; return its id. What can no longer be taken back forgets what was before."""
    old = sa.and_(batches.c.event_id == event_id, batches.c.done_at < at - TAKEN_BACK_WITHIN)
    await tx.execute(batches.update().where(old).values(edits=[]))
    values = {
        "event_id": event_id,
        "kind": kind,
        "subject": subject[:300],
        "actor": who if isinstance(who, str) else who.name[:200],
        "done_at": at,
        "count": len(edits),
        "edits": [
            {
                "code": edit.code,
                "before": _stored(edit.before) if edit.before else None,
                "version": edit.after.version if edit.after else None,
            }
            for edit in edits
        ],
    }
    return await insert_row(tx, batches, values)


async def list_batches(tx: AsyncConnection, event_id: int, since: datetime) -> list[Batch]:
    """Return what was done since a moment, the latest first."""
    columns = [column for column in batches.c if column.name != "edits"]
    query = sa.select(*columns).where(batches.c.event_id == event_id, batches.c.done_at >= since)
    return [_batch(row) for row in await tx.execute(query.order_by(batches.c.id.desc()))]


async def get_batch(tx: AsyncConnection, event_id: int, batch_id: int) -> Batch:
    """Return what was done, or raise NotFound."""
    query = sa.select(batches).where(batches.c.event_id == event_id, batches.c.id == batch_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(say("There is nothing here that could be taken back."))
    return _batch(row, tuple(_done(each) for each in row.edits))


async def close(tx: AsyncConnection, batch_id: int, at: datetime) -> None:
    """Note that something was taken back."""
    await tx.execute(batches.update().where(batches.c.id == batch_id).values(taken_back_at=at))


async def count_days(tx: AsyncConnection, event: Event) -> Counter[date]:
    """Return how many sessions start on which day, those cancelled left out."""
    query = sa.select(sessions.c.starts_at).where(
        sessions.c.event_id == event.id,
        sessions.c.starts_at.is_not(None),
        sessions.c.state != SessionState.CANCELLED,
    )
    return Counter(event.day_of(start) for start in (await tx.execute(query)).scalars())


async def released_among(tx: AsyncConnection, ids: Collection[int]) -> set[int]:
    """Return which sessions some release holds."""
    found: set[int] = set()
    held = released_sessions.c.session_id
    for part in chunks(ids):
        found |= set((await tx.execute(sa.select(held).distinct().where(held.in_(part)))).scalars())
    return found


async def misses_something(
    tx: AsyncConnection, event_id: int, sessions: Sequence[AnySession]
) -> bool:
    """Whether a room, office or person that sessions name is no longer there."""
    people = {person for session in sessions for person in session.speakers}
    rows = [row for session in sessions for row in session.audience]
    people |= {row.participant_id for row in rows if row.participant_id is not None}
    offices = {row.delegation_id for row in rows if row.delegation_id is not None}
    places = {session.room_id for session in sessions if session.room_id is not None}
    for table, wanted in ((rooms, places), (delegations, offices), (participants, people)):
        if wanted - await ids_of(tx, table, event_id):
            return True
    return False


async def ids_of(tx: AsyncConnection, table: sa.Table, event_id: int) -> set[int]:
    """Return the ids of an event's rows."""
    return set(
        (await tx.execute(sa.select(table.c.id).where(table.c.event_id == event_id))).scalars()
    )


def _batch(row: Any, edits: tuple[Done, ...] = ()) -> Batch:
    return Batch(
        row.id, row.kind, row.subject, row.actor, row.done_at, row.taken_back_at, row.count, edits
    )  # fmt: skip


def _done(stored: dict[str, Any]) -> Done:
    before = _read(stored["before"]) if stored["before"] else None
    return Done(stored["code"], before, stored["version"])


def _stored(session: AnySession) -> dict[str, Any]:
    values = asdict(session)
    moments = {n: v.isoformat() for n, v in values.items() if isinstance(v, datetime)}
    return values | moments


def _read(stored: dict[str, Any]) -> AnySession:
    moments = {
        name: datetime.fromisoformat(stored[name]) if stored.get(name) else None
        for name in ("starts_at", "ends_at")
    }
    audience = tuple(
        Audience(Attendance(row["attendance"]), row["delegation_id"], row["participant_id"])
        for row in stored["audience"]
    )
    words = {
        "kind": Kind(stored["kind"]),
        "format": Format(stored["format"]),
        "state": SessionState(stored["state"]),
        "speakers": tuple(stored["speakers"]),
        "audience": audience,
    }
    return made_of({**stored, **moments, **words})
