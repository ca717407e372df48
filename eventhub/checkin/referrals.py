"""Who was refused at a gate for their health and waits for an officer; what the officer has seen of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.tables import delegations, participants

from .model import ASKABLE, HEALTH, Reading, Reason, Status, Way
from .tables import checkpoints, dismissals, health_readings, passages

# What can be asked on the spot is asked again there.
REFERRED = HEALTH - ASKABLE


@dataclass(frozen=True, slots=True)
class Referral:
    """Somebody whom a gate refused for their health, and where."""

    participant_id: int
    name: str
    delegation: str
    reason: Reason
    checkpoint: str
    checkpoint_name: str
    scanned_at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured at one passage."""

    scanned_at: datetime
    checkpoint_name: str
    reading: Reading
    status: Status


@dataclass(frozen=True, slots=True)
class Dismissal:
    """That somebody was sent home, why and by whom."""

    day: date
    reason: str
    dismissed_by: str
    dismissed_at: datetime


async def list_waiting(tx: AsyncConnection, event_id: int, day: date) -> list[Referral]:
    """Return who waits on an event day: refused, since then neither let in nor sent home; longest wait first."""
    latest: dict[int, Referral] = {}
    for row in await tx.execute(_refused(event_id, day)):
        latest[row.participant_id] = _referral(row)
    return sorted(latest.values(), key=lambda referral: (referral.scanned_at, referral.name))


async def find_waiting(
    tx: AsyncConnection, event_id: int, day: date, participant_id: int
) -> Referral | None:
    """Return why somebody waits, or None when they do not."""
    query = _refused(event_id, day).where(passages.c.participant_id == participant_id)
    rows = list(await tx.execute(query))
    return _referral(rows[-1]) if rows else None


async def count_waiting(tx: AsyncConnection, event_id: int, day: date) -> int:
    """Return how many wait."""
    refused = _refused(event_id, day).order_by(None).subquery()
    people = sa.func.count(refused.c.participant_id.distinct())
    return int((await tx.execute(sa.select(people))).scalar_one())


def _refused(event_id: int, day: date) -> sa.Select[Any]:
    later = passages.alias("later")
    let_in = sa.exists().where(
        later.c.participant_id == passages.c.participant_id,
        later.c.day == day,
        later.c.status == Status.OK,
        later.c.type == Way.ENTRY,
        later.c.annulled_at.is_(None),
        later.c.scanned_at >= passages.c.scanned_at,
    )
    sent_home = sa.exists().where(
        dismissals.c.participant_id == passages.c.participant_id,
        dismissals.c.day == day,
        dismissals.c.dismissed_at >= passages.c.scanned_at,
    )
    return (
        sa.select(
            passages.c.participant_id,
            passages.c.reason,
            passages.c.scanned_at,
            participants.c.name,
            delegations.c.name.label("delegation"),
            checkpoints.c.code.label("checkpoint"),
            checkpoints.c.name.label("checkpoint_name"),
        )
        .join(participants, participants.c.id == passages.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id)
        .where(
            passages.c.event_id == event_id,
            passages.c.day == day,
            passages.c.status == Status.REFUSED,
            passages.c.reason.in_(sorted(REFERRED)),
            passages.c.annulled_at.is_(None),
            ~let_in,
            ~sent_home,
        )
        .order_by(passages.c.scanned_at, passages.c.id)
    )


def _referral(row: Any) -> Referral:
    return Referral(
        row.participant_id,
        row.name,
        row.delegation,
        Reason(row.reason),
        row.checkpoint,
        row.checkpoint_name,
        row.scanned_at,
    )


async def list_measured(tx: AsyncConnection, event_id: int, participant_id: int) -> list[Measured]:
    """Return what was measured of a participant, latest first."""
    query = (
        sa.select(
            health_readings.c.temperature_c,
            health_readings.c.mask,
            passages.c.scanned_at,
            passages.c.status,
            checkpoints.c.name,
        )
        .join(
            passages,
            sa.and_(
                passages.c.event_id == health_readings.c.event_id,
                passages.c.nonce == health_readings.c.nonce,
            ),
        )
        .join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id)
        .where(passages.c.event_id == event_id, passages.c.participant_id == participant_id)
        .order_by(passages.c.scanned_at.desc(), passages.c.id.desc())
    )
    return [
        Measured(row.scanned_at, row.name, Reading(row.temperature_c, row.mask), Status(row.status))
        for row in await tx.execute(query)
    ]


async def list_dismissals(tx: AsyncConnection, participant_id: int) -> list[Dismissal]:
    """Return when somebody was sent home, latest first."""
    query = sa.select(dismissals).where(dismissals.c.participant_id == participant_id)
    rows = await tx.execute(query.order_by(dismissals.c.dismissed_at.desc()))
    return [Dismissal(row.day, row.reason, row.dismissed_by, row.dismissed_at) for row in rows]


async def insert_dismissal(tx: AsyncConnection, values: dict[str, Any]) -> None:
    """Write that somebody was sent home."""
    await tx.execute(dismissals.insert().values(**values))
