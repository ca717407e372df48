"""What the programme names by id and shows by code and name: rooms, offices, people."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event, room_limit
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations, participants

from .model import Office, Place, Session, Surroundings
from .rules import severities

# SQLite takes at most 32,766 values in one statement.
CHUNK = 5000


async def surroundings(
    tx: AsyncConnection, event: Event, around: Iterable[Session]
) -> Surroundings:
    """Return what the conflict rules look up about some sessions."""
    called = list(around)
    people = {person for each in called for person in each.speakers}
    people |= {
        row.participant_id
        for each in called
        for row in each.audience
        if row.participant_id is not None
    }
    offices = {
        row.delegation_id
        for each in called
        for row in each.audience
        if row.delegation_id is not None
    }
    return Surroundings(
        rooms=await _places(
            tx, event, {each.room_id for each in called if each.room_id is not None}
        ),
        offices=await _offices(tx, offices),
        people=await names(tx, people),
        severities=severities(event),
    )


async def _places(tx: AsyncConnection, event: Event, ids: Collection[int]) -> dict[int, Place]:
    if not ids:
        return {}
    rows = await tx.execute(sa.select(rooms).where(rooms.c.id.in_(ids)))
    return {
        r.id: Place(
            r.code, r.name, room_limit(r.capacity, r.protocol_percent, event.protocol), r.parallel
        )
        for r in rows
    }


async def _offices(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Office]:
    counted = sa.func.count(participants.c.id)
    found: dict[int, Office] = {}
    for part in chunks(ids):
        query = (
            sa.select(
                delegations.c.id, delegations.c.code, delegations.c.name, counted.label("people")
            )
            .outerjoin(participants, participants.c.delegation_id == delegations.c.id)
            .where(delegations.c.id.in_(part))
            .group_by(delegations.c.id, delegations.c.code, delegations.c.name)
        )
        found |= {r.id: Office(r.code, r.name, r.people) for r in await tx.execute(query)}
    return found


async def names(
    tx: AsyncConnection, ids: Collection[int], event_id: int | None = None
) -> dict[int, str]:
    """Return the names of participants by id, of one event if given."""
    found: dict[int, str] = {}
    for part in chunks(ids):
        query = sa.select(participants.c.id, participants.c.name).where(participants.c.id.in_(part))
        if event_id is not None:
            query = query.where(participants.c.event_id == event_id)
        found |= {r.id: r.name for r in await tx.execute(query)}
    return found


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes by id: what the contract names things by."""

    rooms: dict[int, str]
    delegations: dict[int, str]


async def codes_of(tx: AsyncConnection, around: Collection[Session]) -> Codes:
    """Return the codes of the rooms and offices of some sessions."""
    room_ids = {each.room_id for each in around if each.room_id is not None}
    office_ids = {
        row.delegation_id
        for each in around
        for row in each.audience
        if row.delegation_id is not None
    }
    return Codes(await _codes(tx, rooms, room_ids), await _codes(tx, delegations, office_ids))


async def _codes(tx: AsyncConnection, table: sa.Table, ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in chunks(ids):
        rows = await tx.execute(sa.select(table.c.id, table.c.code).where(table.c.id.in_(part)))
        found |= {row.id: row.code for row in rows}
    return found


async def delegation_ids(
    tx: AsyncConnection, event_id: int, codes: Collection[str]
) -> dict[str, int]:
    """Return the ids of the event's delegations by code; codes that do not exist are left out."""
    if not codes:
        return {}
    table = delegations.c
    query = sa.select(table.code, table.id).where(table.event_id == event_id, table.code.in_(codes))
    return {row.code: row.id for row in await tx.execute(query)}


def chunks(ids: Collection[int]) -> Iterable[list[int]]:
    """Split ids into parts that one statement can take, in order."""
    ordered = sorted(ids)
    return [ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK)]
