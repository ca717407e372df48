"""Checkpoints, tickets and devices in the database. Scans have their own path, `ledger`; health has `health_store`."""

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

from .model import Checkpoint, CheckpointKind, Device, Enrolment
from .tables import checkpoints, crowds, devices, enrolments, passages, ticket_keys, tickets

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
    """Return a participant of the event: `id`, `name`, `attendance`."""
    query = sa.select(participants.c.id, participants.c.name, participants.c.attendance)
    where = participants.c.event_id == event_id, participants.c.id == participant_id
    return (await tx.execute(query.where(*where))).one_or_none()


async def names_of(tx: AsyncConnection, participant_ids: Iterable[int]) -> dict[int, str]:
    """Return participants' names by id."""
    query = sa.select(participants.c.id, participants.c.name)
    rows = await tx.execute(query.where(participants.c.id.in_(list(participant_ids))))
    return {row.id: row.name for row in rows}


async def find_anybody(tx: AsyncConnection, participant_id: int) -> Any | None:
    """Return a participant of whichever event: `event_id`, `attendance`."""
    query = sa.select(participants.c.event_id, participants.c.attendance)
    return (await tx.execute(query.where(participants.c.id == participant_id))).one_or_none()


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


async def insert_enrolment(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write a one-time enrolment."""
    await tx.execute(enrolments.insert().values(**values, used_at=None))


async def find_enrolment(tx: AsyncConnection, code_hash: str, at: datetime) -> Enrolment | None:
    """Return an enrolment that can still be used."""
    query = sa.select(enrolments).where(
        enrolments.c.code_hash == code_hash,
        enrolments.c.used_at.is_(None),
        enrolments.c.expires_at > at,
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return _enrolment(row)


async def list_enrolments(tx: AsyncConnection, event_id: int, at: datetime) -> list[Enrolment]:
    """Return the event's enrolments that can still be used, newest first."""
    query = sa.select(enrolments).where(
        enrolments.c.event_id == event_id,
        enrolments.c.used_at.is_(None),
        enrolments.c.expires_at > at,
    )
    rows = await tx.execute(query.order_by(enrolments.c.id.desc()))
    return [_enrolment(row) for row in rows]


def _enrolment(row: Any) -> Enrolment:
    return Enrolment(
        row.id,
        row.event_id,
        row.device_name,
        tuple(row.checkpoints),
        row.may_override,
        row.may_search,
        row.expires_at,
    )


async def use_enrolment(tx: AsyncConnection, enrolment_id: int, at: datetime) -> bool:
    """Mark an enrolment used; False when somebody else was first."""
    where = enrolments.c.id == enrolment_id, enrolments.c.used_at.is_(None)
    result = await tx.execute(enrolments.update().where(*where).values(used_at=at))
    return bool(result.rowcount)


async def delete_enrolment(tx: AsyncConnection, event_id: int, enrolment_id: int) -> str | None:
    """Take out a link that was not used; return the scanner's name, None when there is none."""
    mine = enrolments.c.event_id == event_id, enrolments.c.id == enrolment_id
    gone = enrolments.delete().where(*mine, enrolments.c.used_at.is_(None))
    result = await tx.execute(gone.returning(enrolments.c.device_name))
    name: str | None = result.scalar_one_or_none()
    return name


async def insert_device(tx: AsyncConnection, values: Mapping[str, Any]) -> int:
    """Write a new scanner device; return its id."""
    insert = devices.insert().values(**values, revoked_at=None).returning(devices.c.id)
    return int((await tx.execute(insert)).scalar_one())


async def find_device(tx: AsyncConnection, token_hash: str) -> Device | None:
    """Return the live device of a token."""
    where = devices.c.token_hash == token_hash, devices.c.revoked_at.is_(None)
    row = (await tx.execute(sa.select(devices).where(*where))).one_or_none()
    return _device(row) if row else None


async def list_devices(tx: AsyncConnection, event_id: int) -> list[Device]:
    """Return the event's live devices, newest first, each with when it last sent a scan."""
    scans = (
        sa.select(passages.c.by_id, sa.func.max(passages.c.arrived_at).label("last_scan_at"))
        .where(passages.c.event_id == event_id, passages.c.by_kind == "device")
        .group_by(passages.c.by_id)
        .subquery()
    )
    query = (
        sa.select(devices, scans.c.last_scan_at)
        .outerjoin(scans, scans.c.by_id == devices.c.id)
        .where(devices.c.event_id == event_id, devices.c.revoked_at.is_(None))
        .order_by(devices.c.id.desc())
    )
    return [_device(row, row.last_scan_at) for row in await tx.execute(query)]


async def revoke_device(
    tx: AsyncConnection, event_id: int, device_id: int, at: datetime
) -> str | None:
    """Make a phone no scanner any more; return its name, None when it is none."""
    where = (
        devices.c.event_id == event_id,
        devices.c.id == device_id,
        devices.c.revoked_at.is_(None),
    )
    result = await tx.execute(
        devices.update().where(*where).values(revoked_at=at).returning(devices.c.name)
    )
    name: str | None = result.scalar_one_or_none()
    return name


def _device(row: Any, last_scan_at: datetime | None = None) -> Device:
    return Device(
        row.id,
        row.event_id,
        row.name,
        tuple(row.checkpoints),
        row.may_override,
        row.may_search,
        row.enrolled_at,
        last_scan_at,
    )


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
