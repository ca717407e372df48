"""Things a test is about: valid by default, so that a test states only what matters to it.

`stored` writes them as they are, ids included.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.events.model import Attendance, Event, Room
from eventhub.events.scheduling import scheduling_values
from eventhub.events.tables import events, rooms
from eventhub.participants.model import Delegation, DelegationKind, Participant
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.model import (
    AnySession,
    Audience,
    Format,
    Kind,
    Session,
    Unscheduled,
    with_changes,
)
from eventhub.sessions.tables import session_audiences, session_speakers, sessions

WRITTEN_AT = datetime(2021, 2, 1, tzinfo=UTC)

Thing = Event | Room | Delegation | Participant | Session | Unscheduled


def at(wall: str, day: str = "2021-02-25", zone: str = "+07:00") -> datetime:
    """Return a moment by its wall time: `at("09:00")` is 09:00 WIB on the opening day."""
    return datetime.fromisoformat(f"{day}T{wall}{zone}").astimezone(UTC)


def event(id: int = 1, **changes: Any) -> Event:
    """Make an event of three days in Jakarta."""
    first = changes.get("starts_on", date(2021, 2, 25))
    last = changes.get("ends_on", first + timedelta(days=2))
    values: dict[str, Any] = {
        "slug": "rakortek" if id == 1 else f"rakortek-{id}",
        "title": "Rapat Koordinasi Teknis",
        "starts_on": first,
        "ends_on": last,
        "days": tuple(first + timedelta(days=n) for n in range((last - first).days + 1)),
        "time_zone": "Asia/Jakarta",
    }
    return Event(id=id, **{**values, **changes})


def room(id: int = 1, **changes: Any) -> Room:
    """Make a room of 50 seats."""
    values: dict[str, Any] = {
        "event_id": 1,
        "code": f"room-{id}",
        "name": f"Ruang {id}",
        "building": "Gedung C",
        "capacity": 50,
    }
    return Room(id=id, **{**values, **changes})


def delegation(id: int = 1, **changes: Any) -> Delegation:
    """Make a province's delegation."""
    values: dict[str, Any] = {
        "event_id": 1,
        "code": f"office-{id}",
        "name": f"Bappeda Provinsi {id}",
        "kind": DelegationKind.PROVINCE,
    }
    return Delegation(id=id, **{**values, **changes})


def participant(id: int = 1, **changes: Any) -> Participant:
    """Make a participant of delegation 1 who attends on site."""
    values: dict[str, Any] = {
        "event_id": 1,
        "delegation_id": 1,
        "delegation": "office-1",
        "name": f"Kepala Bappeda Provinsi {id}",
        "position": "Kepala",
        "email": f"kepala-{id}@example.org",
        "phone": "",
        "language": "id",
        "attendance": Attendance.ONSITE,
    }
    return Participant(id=id, **{**values, **changes})


def session(id: int = 1, **changes: Any) -> Session:
    """Make a panel in room 1, 09:00 to 10:00 WIB on the opening day."""
    values: dict[str, Any] = {
        "event_id": 1,
        "code": f"session-{id}",
        "title": f"Sidang {id}",
        "abstract": "",
        "kind": Kind.PANEL,
        "format": Format.ONSITE,
        "starts_at": at("09:00"),
        "ends_at": at("10:00"),
        "time_zone": "Asia/Jakarta",
        "room_id": 1,
        "meeting_url": "",
        "stream": False,
        "track": "",
    }
    return Session(id=id, **{**values, **changes})


def waiting(id: int = 1, minutes: int = 60, **changes: Any) -> AnySession:
    """Make a panel without a time, meant for room 1."""
    return with_changes(
        session(id, **changes), {"starts_at": None, "ends_at": None, "minutes": minutes}
    )


def audience(attendance: Attendance = Attendance.ONSITE, **who: int) -> Audience:
    """Make an audience: `delegation_id=1` or `participant_id=1`."""
    return Audience(attendance, **who)


async def stored(database: Database, *things: Thing) -> None:
    """Write things in the order given; what they refer to must stand before them."""
    async with database.transaction() as tx:
        for thing in things:
            await _write(tx, thing)
        await _move_sequences_on(tx)


async def _write(tx: AsyncConnection, thing: Thing) -> None:
    row = asdict(thing)
    match thing:
        case Event():
            row["days"] = [day.isoformat() for day in thing.days]
            row["day_starts_at"] = thing.day_starts_at.strftime("%H:%M")
            row["auto_exit_at"] = thing.auto_exit_at and thing.auto_exit_at.strftime("%H:%M")
            row["languages"] = list(thing.languages)
            row["scheduling"] = scheduling_values(thing.scheduling)
            await _insert(tx, events, row | {"created_at": WRITTEN_AT})
        case Room():
            await _insert(tx, rooms, row)
        case Delegation():
            parent = sa.select(delegations.c.id).where(
                delegations.c.event_id == thing.event_id, delegations.c.code == row.pop("parent")
            )
            row["parent_id"] = (await tx.execute(parent)).scalar_one_or_none()
            await _insert(tx, delegations, row)
        case Participant():
            del row["delegation"]
            await _insert(tx, participants, row | {"created_at": WRITTEN_AT})
        case Session() | Unscheduled():
            del row["speakers"], row["audience"]
            await _insert(tx, sessions, row)
            for position, speaker in enumerate(thing.speakers):
                speech = {"participant_id": speaker, "position": position}
                await _insert(tx, session_speakers, speech | {"session_id": thing.id})
            for who in thing.audience:
                await _insert(tx, session_audiences, asdict(who) | {"session_id": thing.id})


async def _insert(tx: AsyncConnection, table: sa.Table, row: Mapping[str, Any]) -> None:
    await tx.execute(table.insert().values(**row))


async def _move_sequences_on(tx: AsyncConnection) -> None:
    """PostgreSQL hands out ids by itself and does not see those we chose."""
    if tx.dialect.name != "postgresql":
        return
    for table in (events, rooms, delegations, participants, sessions):
        await tx.execute(
            sa.text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608 -- our own table names
                f" (SELECT coalesce(max(id), 1) FROM {table.name}))"
            )
        )
