"""A file over an existing programme: what it would change, then exactly that, done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row, lock_event
from eventhub.errors import NotFound
from eventhub.events.actions import list_rooms
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from . import batches, bulk
from .bulk import Edit
from .exchange.bringing_in import Prepared, prepare, read_for
from .exchange.item import Listed, RowFault
from .model import AnySession, Session, SessionState
from .tables import uploads

KEPT_FOR = timedelta(days=1)


class Gone(StrEnum):
    """What becomes of sessions that the file does not hold."""

    KEEP = "keep"
    TRAY = "tray"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent; `zone` is that of times which name none."""

    id: int
    name: str
    zone: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What an import would do or did; `gone` are the sessions that the file does not hold.

    While rows of the file could not be read nobody knows which sessions they mean, so `gone` is empty then.
    """

    preview: batches.Preview
    created: int
    changed: int
    unchanged: int
    gone: tuple[AnySession, ...]
    new_rooms: tuple[str, ...]
    faulty: tuple[RowFault, ...]


async def keep(tx: AsyncConnection, event: Event, upload: Upload, *, at: datetime) -> int:
    """Keep a file until it is brought in, a day at most; return its id."""
    old = sa.and_(uploads.c.event_id == event.id, uploads.c.uploaded_at < at - KEPT_FOR)
    await tx.execute(uploads.delete().where(old))
    values = {
        "event_id": event.id,
        "name": upload.name,
        "zone": upload.zone,
        "content": upload.content,
        "uploaded_at": at,
    }
    return await insert_row(tx, uploads, values)


async def get_upload(tx: AsyncConnection, event_id: int, upload_id: int) -> Upload:
    """Return a kept file, or raise NotFound."""
    query = sa.select(uploads).where(uploads.c.event_id == event_id, uploads.c.id == upload_id)
    row: Any = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(say("This file is no longer kept. Please choose it again."))
    return Upload(row.id, row.name, row.zone, row.content)


async def read(event: Event, upload: Upload) -> Listed:
    """Return what a file says; see `read_for`."""
    return await read_for(event, upload.content, upload.zone)


async def look(
    tx: AsyncConnection, event: Event, listed: Listed, gone: Gone, *, at: datetime
) -> Seen:
    """Return what an import would do; the rooms and speakers made for it are rolled back."""
    await lock_event(tx, event.id)
    held = await tx.begin_nested()
    rooms = {room.id for room in await list_rooms(tx, event.id)}
    prepared = await prepare(tx, event, listed, at)
    made = [room.name for room in await list_rooms(tx, event.id) if room.id not in rooms]
    preview = await batches.look(tx, event, await _edits(tx, prepared, listed, gone))
    await held.rollback()
    return _seen(prepared, listed, preview, made)


async def bring_in(
    tx: AsyncConnection,
    event: Event,
    upload: Upload,
    listed: Listed,
    gone: Gone,
    *,
    seen: str,
    who: Principal | str,
    at: datetime,
) -> Seen:
    """Do what `look` showed, or raise Stale when it would be something else by now. Conflicts do not hinder it."""
    await lock_event(tx, event.id)
    prepared = await prepare(tx, event, listed, at)
    preview = await batches.apply(
        tx,
        event,
        "imported",
        await _edits(tx, prepared, listed, gone),
        subject=upload.name,
        who=who,
        at=at,
        seen=seen,
        allows_blocking=True,
    )
    await tx.execute(uploads.delete().where(uploads.c.id == upload.id))
    return _seen(prepared, listed, preview, [])


async def _edits(tx: AsyncConnection, prepared: Prepared, listed: Listed, gone: Gone) -> list[Edit]:
    """Return what is made, changed, and becomes of what the file does not hold."""
    before = {session.id: session for session in prepared.sessions}
    found = [Edit(None, session) for session in prepared.plan.created]
    found += [Edit(before[session.id], session) for session in prepared.plan.changed]
    left = missing(prepared, listed)
    if gone is Gone.TRAY:
        found += [Edit(one, bulk.put_away(one)) for one in left if isinstance(one, Session)]
    if gone is Gone.CANCEL:
        released = await batches.list_released_ids(tx, left)
        found += bulk.cancelled(left, to_tray=False, released=released)
    return found


def missing(prepared: Prepared, listed: Listed) -> list[AnySession]:
    """Return the sessions the file does not hold, those cancelled left out; none while rows are unreadable."""
    if listed.faulty:
        return []
    return [
        session
        for session in prepared.sessions
        if session.id not in prepared.meant and session.state is not SessionState.CANCELLED
    ]


def _seen(prepared: Prepared, listed: Listed, preview: batches.Preview, rooms: list[str]) -> Seen:
    plan = prepared.plan
    faulty = sorted([*listed.faulty, *plan.faulty], key=lambda fault: fault.row)
    return Seen(
        preview=preview,
        created=len(plan.created),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        gone=tuple(missing(prepared, listed)),
        new_rooms=tuple(rooms),
        faulty=tuple(faulty),
    )
