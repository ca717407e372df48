"""Writes the sample event into a database.

Event and release are made by the actions that make any other. Offices, people and sessions go straight into their
capabilities' tables, many rows a statement: 1,471 delegations, 1,703 participants and 1,180 sessions one by one,
each checked against all others, would take minutes. The release then checks the whole programme as always.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms as rooms_table
from eventhub.participants.tables import delegations, participants
from eventhub.sessions import actions as sessions_actions
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import session_audiences, session_speakers, sessions

from .offices import Office, every_office
from .people import everybody
from .plan import CLOSING_DAY, OPENING_DAY, SLUG, TITLE, ZONE, Planned, Seat, event_days
from .plenaries import programme
from .rooms import rooms

NOTE = "Jadwal pertama"
RELEASED_AT = datetime(2021, 2, 8, 3, 0, tzinfo=UTC)
MADE_AT = datetime(2021, 2, 1, 2, 0, tzinfo=UTC)

Ids = Mapping[str, int]
Row = dict[str, Any]

# A government sends two, an agency its head; ministries may name some more than they did.
QUOTA = {"province": 4, "agency": 2}
SPARE = 4
ATTENDANCE = {
    "ministry": Attendance.ONSITE,
    "province": Attendance.MEETING,
    "agency": Attendance.STREAM,
}


async def seed_event(tx: AsyncConnection, *, at: datetime) -> Event:
    """Write the event with all that is planned, as a draft; `at` is now, and nothing is dated later."""
    made_at = min(at, MADE_AT)
    event = await events.add_event(tx, _event(), at=made_at)
    offices = await _seed_offices(tx, event.id)
    people = await _seed_people(tx, event.id, offices, made_at)
    room_ids = await _seed_rooms(tx, event.id)
    await _seed_programme(tx, event.id, rooms=room_ids, offices=offices, people=people)
    return event


async def publish(tx: AsyncConnection, event: Event, *, at: datetime) -> Event:
    """Publish the programme as release 1 and tell nobody; return the event, now published."""
    await sessions_actions.publish(
        tx, event, note=NOTE, notify="none", who="demo", at=min(at, RELEASED_AT)
    )
    return await events.get_event_by_id(tx, event.id)


async def insert(tx: AsyncConnection, table: sa.Table, rows: Iterable[Row]) -> None:
    """Write rows of one shape."""
    if values := list(rows):
        await tx.execute(table.insert(), values)


async def ids_by(tx: AsyncConnection, column: sa.Column[str], event_id: int) -> dict[str, int]:
    """Return the ids of an event's rows by a column that tells them apart."""
    table = column.table
    rows = await tx.execute(sa.select(column, table.c.id).where(table.c.event_id == event_id))
    return {row[0]: row[1] for row in rows}


def _event() -> Event:
    return Event(
        id=0,
        slug=SLUG,
        title=TITLE,
        starts_on=OPENING_DAY,
        ends_on=CLOSING_DAY,
        days=event_days(),
        time_zone=ZONE,
    )


async def _seed_offices(tx: AsyncConnection, event_id: int) -> Ids:
    offices = every_office()
    named: dict[str, int] = {}
    for person in everybody():
        named[person.office] = named.get(person.office, 0) + 1
    parents = [office for office in offices if office.parent is None]
    await insert(tx, delegations, (_office_row(each, event_id, None, named) for each in parents))
    ids = await ids_by(tx, delegations.c.code, event_id)
    below = (office for office in offices if office.parent)
    await insert(
        tx,
        delegations,
        (_office_row(each, event_id, ids[each.parent or ""], named) for each in below),
    )
    return await ids_by(tx, delegations.c.code, event_id)


def _office_row(
    office: Office, event_id: int, parent_id: int | None, named: Mapping[str, int]
) -> Row:
    return {
        "event_id": event_id,
        "code": office.code,
        "name": office.name,
        "kind": office.kind,
        "parent_id": parent_id,
        "time_zone": office.time_zone,
        "email": office.email,
        "quota": QUOTA.get(office.kind, named[office.code] + SPARE),
        "attendance": ATTENDANCE[office.kind],
        "version": 1,
    }


async def _seed_people(tx: AsyncConnection, event_id: int, offices: Ids, made_at: datetime) -> Ids:
    await insert(
        tx,
        participants,
        (
            {
                "event_id": event_id,
                "delegation_id": offices[person.office],
                "name": person.name,
                "position": person.position,
                "email": person.email,
                "phone": "",
                "language": "id",
                "attendance": person.attendance,
                "in_place_of": None,
                "link_generation": 1,
                "created_at": made_at,
                "version": 1,
            }
            for person in everybody()
        ),
    )
    return await ids_by(tx, participants.c.email, event_id)


async def _seed_rooms(tx: AsyncConnection, event_id: int) -> Ids:
    await insert(
        tx,
        rooms_table,
        (
            {
                "event_id": event_id,
                "code": room.code,
                "name": room.name,
                "building": room.building,
                "capacity": room.capacity,
                "protocol_percent": None,
                "parallel": False,
                "version": 1,
            }
            for room in rooms()
        ),
    )
    return await ids_by(tx, rooms_table.c.code, event_id)


async def _seed_programme(
    tx: AsyncConnection, event_id: int, *, rooms: Ids, offices: Ids, people: Ids
) -> None:
    planned = programme()
    await insert(tx, sessions, (_session_row(each, event_id, rooms) for each in planned))
    ids = await ids_by(tx, sessions.c.code, event_id)
    await insert(tx, session_speakers, _speaker_rows(planned, ids, people))
    await insert(
        tx,
        session_audiences,
        (
            _audience_row(seat, ids[session.code], offices, people)
            for session in planned
            for seat in session.audience
        ),
    )


def _session_row(session: Planned, event_id: int, rooms: Ids) -> Row:
    return {
        "event_id": event_id,
        "code": session.code,
        "title": session.title,
        "abstract": session.abstract,
        "kind": session.kind,
        "format": session.format,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "time_zone": ZONE,
        "room_id": rooms[session.room] if session.room else None,
        "meeting_url": session.meeting_url,
        "stream": session.stream,
        "track": session.track,
        "state": SessionState.DRAFT,
        "sequence": 0,
        "version": 1,
    }


def _speaker_rows(planned: Sequence[Planned], ids: Ids, people: Ids) -> Iterable[Row]:
    return (
        {"session_id": ids[session.code], "participant_id": people[email], "position": position}
        for session in planned
        for position, email in enumerate(session.speakers)
    )


def _audience_row(seat: Seat, session_id: int, offices: Ids, people: Ids) -> Row:
    return {
        "session_id": session_id,
        "delegation_id": offices[seat.office] if seat.office else None,
        "participant_id": people[seat.person] if seat.person else None,
        "attendance": seat.attendance,
    }
