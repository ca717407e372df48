"""The checkpoints of the sample event: one gate, a door per room, and the two phones that scanned there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.checkin import actions as checkin
from eventhub.checkin.model import CheckpointKind
from eventhub.checkin.tables import checkpoints, devices
from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms as rooms_table
from eventhub.participants.tables import participants
from eventhub.signing import digest, new_secret
from eventhub.web.access import Principal, Role

from .rooms import FOYER, PlannedRoom, rooms
from .seed import MADE_AT, Ids, Row, ids_by, insert

GATE = "gerbang-utama"
GATE_PHONE = "Pemindai gerbang"
DOOR_PHONE = "Pemindai pintu"


@dataclass(frozen=True, slots=True)
class Scanners:
    """The phones of the past: one at the gate, one for the doors."""

    gate: Principal
    doors: Principal

    @property
    def ids(self) -> tuple[int, int]:
        return self.gate.id, self.doors.id


def door(room: str) -> str:
    """Return the code of a room's door."""
    return f"pintu-{room}"


async def set_up(
    tx: AsyncConnection, event: Event, secrets: checkin.TicketSecrets, *, at: datetime
) -> None:
    """Write checkpoints and phones, and issue a ticket to everybody who attends on site."""
    made_at = min(at, MADE_AT)
    room_ids = await ids_by(tx, rooms_table.c.code, event.id)
    await insert(tx, checkpoints, _checkpoints(event.id, room_ids))
    onsite = await tx.execute(
        sa.select(participants.c.id).where(
            participants.c.event_id == event.id, participants.c.attendance == Attendance.ONSITE
        )
    )
    await checkin.issue_tickets(tx, event, onsite.scalars().all(), secrets=secrets, at=made_at)
    await _add_phone(tx, event, GATE_PHONE, [GATE], made_at)
    await _add_phone(tx, event, DOOR_PHONE, [door(room.code) for room in _guarded()], made_at)


async def is_set_up(tx: AsyncConnection, event: Event) -> bool:
    """Whether this event has the phones of the past: another event of the same code has not."""
    query = sa.select(devices.c.id).where(
        devices.c.event_id == event.id, devices.c.name.in_([GATE_PHONE, DOOR_PHONE])
    )
    return len((await tx.execute(query)).all()) >= 2


async def find_scanners(tx: AsyncConnection, event: Event) -> Scanners:
    """Return the phones that were set up."""
    gate, doors = [await _phone(tx, event, name) for name in (GATE_PHONE, DOOR_PHONE)]
    return Scanners(gate, doors)


def _guarded() -> Iterator[PlannedRoom]:
    return (room for room in rooms() if room.code != FOYER)


def _checkpoints(event_id: int, room_ids: Ids) -> Iterator[Row]:
    yield _checkpoint(event_id, GATE, "Gerbang utama", CheckpointKind.GATE, None)
    for room in _guarded():
        yield _checkpoint(
            event_id,
            door(room.code),
            f"Pintu {room.name}",
            CheckpointKind.DOOR,
            room_ids[room.code],
        )


def _checkpoint(
    event_id: int, code: str, name: str, kind: CheckpointKind, room_id: int | None
) -> Row:
    return {
        "event_id": event_id,
        "code": code,
        "name": name,
        "kind": kind,
        "room_id": room_id,
        "open": True,
        "limit": None,
        "version": 1,
    }


async def _add_phone(
    tx: AsyncConnection, event: Event, name: str, codes: list[str], made_at: datetime
) -> None:
    """Write a phone of the past: nobody holds the secret by which it could still scan."""
    values = {
        "event_id": event.id,
        "name": name,
        "token_hash": digest(new_secret()),
        "checkpoints": codes,
        "may_override": False,
        "may_search": False,
        "enrolled_at": made_at,
        "revoked_at": None,
    }
    await insert(tx, devices, [values])


async def _phone(tx: AsyncConnection, event: Event, name: str) -> Principal:
    query = sa.select(devices).where(devices.c.event_id == event.id, devices.c.name == name)
    row = (await tx.execute(query.order_by(devices.c.id))).first()
    assert row is not None
    codes = tuple(row.checkpoints)
    return Principal("device", row.id, name, Role.GATE, event.id, checkpoints=codes)
