"""Events and rooms in the database."""

from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.errors import NotFound
from eventhub.wording import say

from .model import AcceptedProof, Event, EventState, PresenceRule, Protocol, Room
from .scheduling import scheduling_of, scheduling_values
from .tables import events, rooms


async def find_event(tx: AsyncConnection, slug: str) -> Event | None:
    """Return the event of a slug."""
    row = (await tx.execute(sa.select(events).where(events.c.slug == slug))).one_or_none()
    return event_of(row) if row else None


async def get_event(tx: AsyncConnection, slug: str) -> Event:
    """Return the event of a slug, or raise NotFound."""
    event = await find_event(tx, slug)
    if event is None:
        raise NotFound(say("There is no event {slug}.", slug=slug))
    return event


async def get_event_by_id(tx: AsyncConnection, event_id: int) -> Event:
    """Return an event by its id, or raise NotFound."""
    row = (await tx.execute(sa.select(events).where(events.c.id == event_id))).one_or_none()
    if row is None:
        raise NotFound(say("There is no such event."))
    return event_of(row)


async def list_events(
    tx: AsyncConnection, after: str, limit: int, only: int | None = None
) -> list[Event]:
    """Return events by slug, those after one; `only` keeps the list to one event's id."""
    query = sa.select(events).where(events.c.slug > after).order_by(events.c.slug).limit(limit)
    if only is not None:
        query = query.where(events.c.id == only)
    return [event_of(row) for row in await tx.execute(query)]


async def list_published(tx: AsyncConnection, limit: int = 200) -> list[Event]:
    """Return published events, the latest first."""
    query = (
        sa.select(events)
        .where(events.c.state == EventState.PUBLISHED)
        .order_by(events.c.starts_on.desc(), events.c.slug)
        .limit(limit)
    )
    return [event_of(row) for row in await tx.execute(query)]


async def list_by_ids(tx: AsyncConnection, ids: list[int] | None, limit: int = 200) -> list[Event]:
    """Return events by ids (None: all), the latest first."""
    query = sa.select(events).order_by(events.c.starts_on.desc(), events.c.slug).limit(limit)
    if ids is not None:
        query = query.where(events.c.id.in_(ids))
    return [event_of(row) for row in await tx.execute(query)]


async def insert_event(tx: AsyncConnection, event: Event, at: datetime) -> int:
    """Write a new event; return its id."""
    return await insert_row(tx, events, {**_event_values(event), "created_at": at, "version": 1})


async def save_event(tx: AsyncConnection, event: Event) -> None:
    """Write an event's fields and its version as given."""
    values = _event_values(event) | {"version": event.version}
    await tx.execute(events.update().where(events.c.id == event.id).values(**values))


async def find_room(tx: AsyncConnection, event_id: int, code: str) -> Room | None:
    """Return the event's room of a code."""
    query = sa.select(rooms).where(rooms.c.event_id == event_id, rooms.c.code == code)
    row = (await tx.execute(query)).one_or_none()
    return room_of(row) if row else None


async def get_room(tx: AsyncConnection, event_id: int, code: str) -> Room:
    """Return the event's room of a code, or raise NotFound."""
    room = await find_room(tx, event_id, code)
    if room is None:
        raise NotFound(say("There is no room {code}.", code=code))
    return room


async def list_rooms(
    tx: AsyncConnection, event_id: int, after: str = "", limit: int = 10_000
) -> list[Room]:
    """Return the event's rooms by code, those after one."""
    query = (
        sa.select(rooms)
        .where(rooms.c.event_id == event_id, rooms.c.code > after)
        .order_by(rooms.c.code)
        .limit(limit)
    )
    return [room_of(row) for row in await tx.execute(query)]


async def insert_room(tx: AsyncConnection, room: Room) -> int:
    """Write a new room; return its id."""
    return await insert_row(tx, rooms, _room_values(room))


async def save_room(tx: AsyncConnection, room: Room) -> None:
    """Write a room's fields and its version as given."""
    await tx.execute(rooms.update().where(rooms.c.id == room.id).values(**_room_values(room)))


async def delete_room(tx: AsyncConnection, room_id: int) -> None:
    """Take a room out."""
    await tx.execute(rooms.delete().where(rooms.c.id == room_id))


def _room_values(room: Room) -> dict[str, Any]:
    values = asdict(room)
    del values["id"]
    return values


def room_of(row: Any) -> Room:
    """Return a row as a room."""
    return Room(
        row.id, row.event_id, row.code, row.name, row.building, row.capacity, row.protocol_percent,
        row.parallel, row.version,
    )  # fmt: skip


def _event_values(event: Event) -> dict[str, Any]:
    return {
        "slug": event.slug,
        "title": event.title,
        "starts_on": event.starts_on,
        "ends_on": event.ends_on,
        "days": [day.isoformat() for day in event.days],
        "day_starts_at": event.day_starts_at.strftime("%H:%M"),
        "auto_exit_at": event.auto_exit_at.strftime("%H:%M") if event.auto_exit_at else None,
        "time_zone": event.time_zone,
        "languages": list(event.languages),
        "state": event.state,
        "protocol": asdict(event.protocol),
        "presence_rule": asdict(event.presence_rule),
        "severities": event.severities,
        "scheduling": scheduling_values(event.scheduling),
    }


def event_of(row: Any) -> Event:
    """Return a row as an event."""
    protocol = dict(row.protocol)
    accepts = tuple(AcceptedProof(**proof) for proof in protocol.pop("proof_accepts", ()))
    return Event(
        id=row.id,
        slug=row.slug,
        title=row.title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        days=tuple(date.fromisoformat(day) for day in row.days),
        time_zone=row.time_zone,
        day_starts_at=time.fromisoformat(row.day_starts_at),
        auto_exit_at=time.fromisoformat(row.auto_exit_at) if row.auto_exit_at else None,
        languages=tuple(row.languages),
        state=EventState(row.state),
        protocol=Protocol(**protocol, proof_accepts=accepts),
        presence_rule=PresenceRule(**row.presence_rule),
        severities=dict(row.severities),
        scheduling=scheduling_of(row.scheduling),
        version=row.version,
    )
