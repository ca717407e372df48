"""Checkpoints and tickets in the database. Scans have their own path, `ledger`; health and devices their stores."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Event, room_limit
from eventhub.events.tables import rooms
from eventhub.participants.tables import participants
from eventhub.wording import say

from .handed import who_instead
from .model import Checkpoint, CheckpointKind
from .tables import checkpoints, crowds, passages, ticket_keys, tickets

live_tickets = sa.select(tickets).where(tickets.c.revoked_at.is_(None)).subquery("live_tickets")


async def list_checkpoints(
    tx: AsyncConnection, event: Event, after: str = "", limit: int = 10_000
) -> list[Checkpoint]:
    """Return the event's checkpoints by code, those after one."""
    query = _checkpoints(event).where(checkpoints.c.code > after).limit(limit)
    return [_checkpoint(event, row) for row in await tx.execute(query)]


async def find_checkpoint(tx: AsyncConnection, event: Event, code: str) -> Checkpoint | None:
    """Return the event's checkpoint of a code."""
    row = (await tx.execute(_checkpoints(event).where(checkpoints.c.code == code))).one_or_none()
    return _checkpoint(event, row) if row else None


async def get_checkpoint(tx: AsyncConnection, event: Event, code: str) -> Checkpoint:
    """Return the event's checkpoint of a code, or raise NotFound."""
    checkpoint = await find_checkpoint(tx, event, code)
    if checkpoint is None:
        raise NotFound(say("There is no checkpoint {code}.", code=code))
    return checkpoint


async def insert_checkpoint(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write a new checkpoint."""
    await tx.execute(checkpoints.insert().values(**values, version=1))


async def save_checkpoint(
    tx: AsyncConnection, checkpoint_id: int, values: Mapping[str, Any]
) -> None:
    """Write some fields of a checkpoint, whose version rises."""
    await tx.execute(
        checkpoints.update()
        .where(checkpoints.c.id == checkpoint_id)
        .values(**values, version=checkpoints.c.version + 1)
    )


async def delete_checkpoint(tx: AsyncConnection, checkpoint_id: int) -> None:
    """Take a checkpoint out."""
    await tx.execute(checkpoints.delete().where(checkpoints.c.id == checkpoint_id))


async def has_passages(tx: AsyncConnection, checkpoint_id: int) -> bool:
    """Whether anybody was ever scanned at a checkpoint."""
    query = sa.select(passages.c.id).where(passages.c.checkpoint_id == checkpoint_id).limit(1)
    return (await tx.execute(query)).first() is not None


def _checkpoints(event: Event) -> sa.Select[Any]:
    return (
        sa.select(
            checkpoints,
            rooms.c.code.label("room"),
            rooms.c.name.label("room_name"),
            rooms.c.capacity,
            rooms.c.protocol_percent,
        )
        .outerjoin(rooms, rooms.c.id == checkpoints.c.room_id)
        .where(checkpoints.c.event_id == event.id)
        .order_by(checkpoints.c.code)
    )


def _checkpoint(event: Event, row: Any) -> Checkpoint:
    place = row.limit
    if row.room_id is not None:
        room = room_limit(row.capacity, row.protocol_percent, event.protocol)
        place = room if place is None else min(place, room)
    return Checkpoint(
        row.id, event.id, row.code, row.name, CheckpointKind(row.kind), row.room_id, row.room, row.room_name,
        row.open, row.limit, place, row.version,
    )  # fmt: skip


async def find_key(tx: AsyncConnection, event_id: int) -> Any | None:
    """Return the event's newest signing key: `key_id`, `public_key`, `sealed_private_key`."""
    query = sa.select(ticket_keys).where(ticket_keys.c.event_id == event_id)
    return (await tx.execute(query.order_by(ticket_keys.c.key_id.desc()).limit(1))).one_or_none()


async def list_keys(tx: AsyncConnection, event_id: int) -> dict[int, Any]:
    """Return the event's signing keys by key id."""
    rows = await tx.execute(sa.select(ticket_keys).where(ticket_keys.c.event_id == event_id))
    return {row.key_id: row for row in rows}


async def insert_key(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write a new signing key."""
    await tx.execute(ticket_keys.insert().values(**values))


async def retire_key(tx: AsyncConnection, event_id: int, key_id: int, at: datetime) -> None:
    """Let a signing key vouch for nothing any more."""
    where = ticket_keys.c.event_id == event_id, ticket_keys.c.key_id == key_id
    await tx.execute(ticket_keys.update().where(*where).values(retired_at=at))


async def revoke_tickets_of_key(
    tx: AsyncConnection, event_id: int, key_id: int, at: datetime
) -> int:
    """Kill the live tickets that a key has signed; return how many."""
    where = tickets.c.event_id == event_id, tickets.c.key_id == key_id
    live = tickets.update().where(*where, tickets.c.revoked_at.is_(None))
    return (await tx.execute(live.values(revoked_at=at))).rowcount


async def count_live_tickets(tx: AsyncConnection, event_id: int) -> dict[int, int]:
    """Return how many live tickets each key has signed, by key id."""
    query = (
        sa.select(tickets.c.key_id, sa.func.count())
        .where(tickets.c.event_id == event_id, tickets.c.revoked_at.is_(None))
        .group_by(tickets.c.key_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def find_participant(tx: AsyncConnection, event_id: int, participant_id: int) -> Any | None:
    """Return a participant of the event: `id`, `name`, `attendance`, and who comes instead of them to all of it."""
    query = sa.select(
        participants.c.id,
        participants.c.name,
        participants.c.attendance,
        who_instead().label("instead"),
    )
    where = participants.c.event_id == event_id, participants.c.id == participant_id
    return (await tx.execute(query.where(*where))).one_or_none()


async def names_of(tx: AsyncConnection, participant_ids: Iterable[int]) -> dict[int, str]:
    """Return participants' names by id."""
    query = sa.select(participants.c.id, participants.c.name)
    rows = await tx.execute(query.where(participants.c.id.in_(list(participant_ids))))
    return {row.id: row.name for row in rows}


async def find_ticket(tx: AsyncConnection, participant_id: int) -> Any | None:
    """Return a participant's live ticket: `id`, `number`, `key_id`, `issued_at`."""
    where = tickets.c.participant_id == participant_id, tickets.c.revoked_at.is_(None)
    return (await tx.execute(sa.select(tickets).where(*where))).one_or_none()


async def find_ticket_by_id(tx: AsyncConnection, ticket_id: int) -> Any | None:
    """Return a live ticket by its row id."""
    where = tickets.c.id == ticket_id, tickets.c.revoked_at.is_(None)
    return (await tx.execute(sa.select(tickets).where(*where))).one_or_none()


async def insert_tickets(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new tickets."""
    if rows:
        await tx.execute(tickets.insert(), rows)


async def revoke_tickets(tx: AsyncConnection, participant_id: int, at: datetime) -> None:
    """Kill a participant's live ticket."""
    where = tickets.c.participant_id == participant_id, tickets.c.revoked_at.is_(None)
    await tx.execute(tickets.update().where(*where).values(revoked_at=at))


async def last_day(tx: AsyncConnection, event_id: int) -> date | None:
    """Return the event day of the latest scan."""
    query = sa.select(passages.c.day).where(passages.c.event_id == event_id)
    return (
        await tx.execute(query.order_by(passages.c.scanned_at.desc()).limit(1))
    ).scalar_one_or_none()


async def count_inside(tx: AsyncConnection, event_id: int, on: date) -> dict[int | None, int]:
    """Return how many are inside each room on an event day; None is the event itself."""
    query = sa.select(crowds.c.place, crowds.c.inside).where(
        crowds.c.event_id == event_id, crowds.c.day == on
    )
    return {row.place or None: row.inside for row in await tx.execute(query)}
