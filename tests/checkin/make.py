"""Scans, facts and circumstances that are valid by default."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from eventhub.checkin.model import (
    Checkpoint,
    CheckpointKind,
    Fact,
    Holder,
    Scan,
    Status,
    Way,
)
from eventhub.checkin.rules import Circumstances
from eventhub.events.model import Attendance

DAY = date(2021, 2, 25)
NINE = datetime(2021, 2, 25, 2, 0, tzinfo=UTC)  # 09:00 WIB

GATE = Checkpoint(
    1, 1, "gate-1", "Gerbang utama", CheckpointKind.GATE, None, None, None, True, None, None
)
DOOR = Checkpoint(
    2, 1, "door-a", "Pintu A", CheckpointKind.DOOR, 7, "hall-a", "Ruang A", True, None, 25
)
HOLDER = Holder(
    11, 21, "Kepala Bappeda Provinsi Papua", "Kepala", 31, "bappeda-papua", Attendance.ONSITE
)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def nonce(number: int) -> str:
    return str(UUID(int=number))


def scan(checkpoint: Checkpoint = GATE, **changes: Any) -> Scan:
    plain = Scan(
        nonce=nonce(1),
        text="",
        fingerprint="",
        checkpoint=checkpoint,
        way=Way.ENTRY,
        scanned_at=NINE,
        day=DAY,
        reading=None,
        force=False,
        force_reason=None,
        offline=False,
        decided=None,
    )
    return replace(plain, **changes)


def known(**changes: Any) -> Circumstances:
    return replace(Circumstances(event_days=(DAY,), ticket=None, holder=HOLDER), **changes)


def fact(number: int, **changes: Any) -> Fact:
    """Give the admitted entry of participant 11 at gate 1, `number` minutes after nine."""
    plain = Fact(
        scanned_at=NINE + minutes(number),
        nonce=nonce(number),
        participant_id=11,
        day=DAY,
        way=Way.ENTRY,
        checkpoint="gate-1",
        room_id=None,
        status=Status.OK,
    )
    return replace(plain, **changes)
