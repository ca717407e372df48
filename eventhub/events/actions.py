"""Making and changing events and rooms."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, Fault, Invalid
from eventhub.wording import say

from . import store
from .model import Event, Room
from .scheduling import HOURS, Hours

event_of = store.event_of
find_event = store.find_event
get_event = store.get_event
get_event_by_id = store.get_event_by_id
list_events = store.list_events
list_published = store.list_published
list_by_ids = store.list_by_ids
list_rooms = store.list_rooms
get_room = store.get_room
find_room = store.find_room

MAX_DAYS = 366
RESERVED_SLUGS = frozenset(
    {
        "api",
        "f",
        "healthz",
        "j",
        "live",
        "manage",
        "metrics",
        "p",
        "readyz",
        "scan",
        "static",
        "favicon.ico",
        "robots.txt",
    }
)


async def add_event(tx: AsyncConnection, event: Event, *, at: datetime) -> Event:
    """Make an event; its slug must be free."""
    _check(event)
    if event.slug in RESERVED_SLUGS:
        raise Invalid.field(
            "slug", say("This address is used by eventhub itself. Please choose another one.")
        )
    if await store.find_event(tx, event.slug):
        raise Conflict(
            say("There is an event {slug} already. Please choose another code.", slug=event.slug)
        )
    return replace(event, id=await store.insert_event(tx, event, at))


async def change_event(tx: AsyncConnection, event: Event, changes: Mapping[str, Any]) -> Event:
    """Change an event's fields; when its dates change and `days` are not given, days that no longer fit go."""
    changed = replace(event, **changes, version=event.version + 1)
    if "days" not in changes and {"starts_on", "ends_on"} & changes.keys():
        extra = [day for day in event.days if not event.starts_on <= day <= event.ends_on]
        changed = replace(
            changed, days=tuple(sorted({*days_between(changed.starts_on, changed.ends_on), *extra}))
        )
    _check(changed)
    await store.save_event(tx, changed)
    return changed


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Return every day from the first to the last."""
    return tuple(first + timedelta(days=n) for n in range(min((last - first).days, MAX_DAYS) + 1))


def _check(event: Event) -> None:
    faults = []
    if event.ends_on < event.starts_on:
        faults.append(Fault("ends_on", say("The last day must not lie before the first.")))
    if (event.ends_on - event.starts_on).days > MAX_DAYS or len(event.days) > MAX_DAYS:
        faults.append(Fault("ends_on", say("An event lasts at most a year.")))
    if not event.days and event.starts_on <= event.ends_on:
        faults.append(Fault("days", say("An event needs at least one day.")))
    faults += [
        Fault(f"scheduling.{name}.end", say("These hours must end after they start."))
        for name in HOURS
        if _is_backwards(event, name)
    ]
    if faults:
        raise Invalid(faults)


def _is_backwards(event: Event, name: str) -> bool:
    hours: Hours | None = getattr(event.scheduling, name)
    if hours is None:
        return False
    if name == "day_hours":
        return event.moment_on(event.starts_on, hours.end) <= event.moment_on(
            event.starts_on, hours.start
        )
    return hours.end <= hours.start


async def add_room(tx: AsyncConnection, room: Room) -> Room:
    """Make a room; its code must be free in the event."""
    if await store.find_room(tx, room.event_id, room.code):
        raise Conflict(
            say("There is a room {code} already. Please choose another code.", code=room.code)
        )
    return replace(room, id=await store.insert_room(tx, room))


async def change_room(tx: AsyncConnection, room: Room, changes: Mapping[str, Any]) -> Room:
    """Change a room's fields."""
    changed = replace(room, **changes, version=room.version + 1)
    await store.save_room(tx, changed)
    return changed


async def remove_room(tx: AsyncConnection, room: Room) -> None:
    """Take a room out, unless something happens in it."""
    savepoint = await tx.begin_nested()
    try:
        await store.delete_room(tx, room.id)
        # Foreign keys of SQLite are checked at once, PostgreSQL's too: none is deferred.
        await savepoint.commit()
    except (IntegrityError, sa.exc.OperationalError) as error:
        await savepoint.rollback()
        raise Conflict(
            say("{room} is used by sessions or checkpoints. Move those first.", room=room.name)
        ) from error
