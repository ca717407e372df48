"""Health data and whereabouts in the database: readings, declarations, proofs, and who was in which room when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.events.tables import rooms

from .model import Declaration, Proof, Reading
from .tables import declarations, health_readings, proofs, visits
from .tracing import Stay


@dataclass(frozen=True, slots=True)
class SeenProof:
    """A proof, and who looked at it when: the role that is told, never the paper."""

    proof: Proof
    seen_by_role: str
    seen_at: datetime


async def insert_declaration(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write a declaration; of several for one date the last one counts."""
    await tx.execute(declarations.insert().values(**values))


async def list_declarations(
    tx: AsyncConnection, participant_id: int
) -> list[tuple[Declaration, datetime]]:
    """Return a participant's declarations and when they were given, oldest first."""
    query = sa.select(declarations).where(declarations.c.participant_id == participant_id)
    return [
        (Declaration(r.date, r.symptoms, r.contact, r.travel), r.declared_at)
        for r in await tx.execute(query.order_by(declarations.c.declared_at, declarations.c.id))
    ]


async def insert_proof(tx: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write that somebody looked at a proof."""
    await tx.execute(proofs.insert().values(**values))


async def list_proofs(tx: AsyncConnection, participant_id: int) -> list[SeenProof]:
    """Return a participant's proofs, oldest first."""
    query = sa.select(proofs).where(proofs.c.participant_id == participant_id)
    return [
        SeenProof(Proof(r.kind, r.taken_at, r.negative, r.doses), r.seen_by_role, r.seen_at)
        for r in await tx.execute(query.order_by(proofs.c.seen_at, proofs.c.id))
    ]


async def list_readings(
    tx: AsyncConnection, event_id: int, nonces: Iterable[str]
) -> dict[str, Reading]:
    """Return what was measured at these passages."""
    query = sa.select(health_readings).where(
        health_readings.c.event_id == event_id, health_readings.c.nonce.in_(list(nonces))
    )
    return {row.nonce: Reading(row.temperature_c, row.mask) for row in await tx.execute(query)}


async def list_stays(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    *,
    since: datetime,
    until: datetime,
    at: datetime,
) -> tuple[list[Stay], list[Stay]]:
    """Return a participant's own stays in rooms that touch a window, and everybody else's that touch those.

    Open visits are counted to `at`, or to the end of their event day if that is earlier.
    """
    touching = (
        visits.c.event_id == event.id,
        visits.c.room_id.is_not(None),
        visits.c.entered_at < until,
        sa.or_(visits.c.left_at.is_(None), visits.c.left_at > since),
    )
    mine = sa.select(visits.c.room_id, visits.c.day).where(
        *touching, visits.c.participant_id == participant_id
    )
    places = {(row.room_id, row.day) for row in await tx.execute(mine)}
    if not places:
        return [], []
    query = (
        sa.select(visits, rooms.c.code)
        .join(rooms, rooms.c.id == visits.c.room_id)
        .where(*touching, sa.or_(*(_is_at(room_id, on) for room_id, on in sorted(places))))
    )
    own: list[Stay] = []
    others: list[Stay] = []
    for row in await tx.execute(query):
        end = row.left_at or min(at, event.day_bounds(row.day)[1])
        stay = Stay(row.participant_id, row.code, row.entered_at, end)
        (own if row.participant_id == participant_id else others).append(stay)
    return own, others


def _is_at(room_id: int, on: date) -> sa.ColumnElement[bool]:
    return sa.and_(visits.c.room_id == room_id, visits.c.day == on)
