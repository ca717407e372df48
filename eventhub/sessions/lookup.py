"""What the programme names by id and shows by code and name: rooms, offices, people."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event, room_limit
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations, participants

from .model import Described, Office, Person, Place, Session, Surroundings
from .rules import severities

# SQLite takes at most 32,766 values in one statement.
CHUNK = 5000


async def surroundings(
    tx: AsyncConnection, event: Event, around: Iterable[Session]
) -> Surroundings:
    """Return what the conflict rules look up about some sessions."""
    called = list(around)
    rows = [row for each in called for row in each.audience]
    people = {person for each in called for person in each.speakers}
    people |= {row.participant_id for row in rows if row.participant_id is not None}
    offices = {row.delegation_id for row in rows if row.delegation_id is not None}
    bound = {
        row.delegation_id
        for row in rows
        if row.delegation_id is not None and row.attendance is not Attendance.STREAM
    }
    return Surroundings(
        rooms=await _places(
            tx, event, {each.room_id for each in called if each.room_id is not None}
        ),
        offices=await _offices(tx, offices, bound),
        people=await people_of(tx, people),
        severities=severities(event),
    )


async def _places(tx: AsyncConnection, event: Event, ids: Collection[int]) -> dict[int, Place]:
    if not ids:
        return {}
    rows = await tx.execute(sa.select(rooms).where(rooms.c.id.in_(ids)))
    return {
        r.id: Place(
            r.code,
            r.name,
            room_limit(r.capacity, r.protocol_percent, event.protocol),
            r.parallel,
            r.building,
        )
        for r in rows
    }


async def _offices(
    tx: AsyncConnection, ids: Collection[int], bound: Collection[int]
) -> dict[int, Office]:
    """Return offices by id; the people of those that are bound are counted, others watch streams only."""
    office, found = delegations.c, {}
    people: dict[int, int] = {}
    for part in chunks(bound):
        counted = (
            sa.select(participants.c.delegation_id, sa.func.count())
            .where(participants.c.delegation_id.in_(part))
            .group_by(participants.c.delegation_id)
        )
        people |= {row[0]: row[1] for row in await tx.execute(counted)}
    for part in chunks(ids):
        query = sa.select(office.id, office.code, office.name, office.time_zone)
        for id, code, name, zone in await tx.execute(query.where(office.id.in_(part))):
            found[id] = Office(code, name, people.get(id, 0), zone)
    return found


async def people_of(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Person]:
    """Return participants as the conflict rules see them, by id."""
    person, found = participants.c, {}
    for part in chunks(ids):
        query = (
            sa.select(
                person.id, person.name, person.delegation_id, person.attendance,
                delegations.c.time_zone,
            )
            .join(delegations, delegations.c.id == person.delegation_id)
            .where(person.id.in_(part))
        )  # fmt: skip
        for id, name, office, attendance, zone in await tx.execute(query):
            found[id] = Person(name, office, Attendance(attendance), zone)
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


async def codes_of(tx: AsyncConnection, around: Collection[Described]) -> Codes:
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
