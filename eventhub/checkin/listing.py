"""Reading passages back: lists for programs and organizers, without what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.tables import sessions

from .model import Holder, Reason, Status, Way
from .tables import checkpoints, passages


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored scan, as it is listed."""

    id: int
    nonce: str
    holder: Holder | None
    checkpoint: str
    checkpoint_name: str
    way: Way
    scanned_at: datetime
    arrived_at: datetime
    status: Status
    reason: Reason | None
    forced: bool
    force_reason: str | None
    offline: bool
    decided: str | None
    session: str | None
    by: str
    annulled_at: datetime | None
    about_health: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which passages of an event; None: any. `since` bounds when they were scanned."""

    participant_id: int | None = None
    checkpoint: str | None = None
    status: str | None = None
    since: datetime | None = None


async def list_passages(
    tx: AsyncConnection, event_id: int, wanted: Wanted, *, after: int, limit: int
) -> list[Passage]:
    """Return passages in the order in which they were stored, those after an id."""
    query = _passages(event_id).where(*_conditions(wanted), passages.c.id > after)
    rows = await tx.execute(query.order_by(passages.c.id).limit(limit))
    return [_passage(row) for row in rows]


async def list_refusals(tx: AsyncConnection, event_id: int, limit: int) -> list[Passage]:
    """Return the latest refusals at checkpoints, newest first."""
    query = _passages(event_id).where(passages.c.status == Status.REFUSED)
    rows = await tx.execute(
        query.order_by(passages.c.scanned_at.desc(), passages.c.id.desc()).limit(limit)
    )
    return [_passage(row) for row in rows]


async def count_refusals(
    tx: AsyncConnection, event_id: int, on: date
) -> list[tuple[Reason | None, int]]:
    """Return how often each reason was told on an event day, most frequent first."""
    start = (
        passages.c.event_id == event_id,
        passages.c.day == on,
        passages.c.status == Status.REFUSED,
    )
    count = sa.func.count().label("count")
    query = sa.select(passages.c.reason, count).where(*start).group_by(passages.c.reason)
    rows = await tx.execute(query.order_by(count.desc(), passages.c.reason))
    return [(Reason(row[0]) if row[0] else None, row[1]) for row in rows]


def _conditions(wanted: Wanted) -> Sequence[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.participant_id is not None:
        found.append(passages.c.participant_id == wanted.participant_id)
    if wanted.checkpoint is not None:
        found.append(checkpoints.c.code == wanted.checkpoint)
    if wanted.status is not None:
        found.append(passages.c.status == wanted.status)
    if wanted.since is not None:
        found.append(passages.c.scanned_at >= wanted.since)
    return found


def _passages(event_id: int) -> sa.Select[Any]:
    return (
        sa.select(
            passages,
            checkpoints.c.code.label("checkpoint"),
            checkpoints.c.name.label("checkpoint_name"),
            participants.c.name,
            participants.c.position,
            participants.c.attendance,
            participants.c.delegation_id,
            delegations.c.code.label("delegation"),
            sessions.c.code.label("session"),
        )
        .join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id)
        .outerjoin(participants, participants.c.id == passages.c.participant_id)
        .outerjoin(delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(sessions, sessions.c.id == passages.c.session_id)
        .where(passages.c.event_id == event_id)
    )


def _passage(row: Any) -> Passage:
    holder = None
    if row.participant_id is not None:
        holder = Holder(
            row.participant_id,
            row.ticket_id or 0,
            row.name,
            row.position,
            row.delegation_id,
            row.delegation,
            Attendance(row.attendance),
        )
    return Passage(
        id=row.id,
        nonce=row.nonce,
        holder=holder,
        checkpoint=row.checkpoint,
        checkpoint_name=row.checkpoint_name,
        way=Way(row.type),
        scanned_at=row.scanned_at,
        arrived_at=row.arrived_at,
        status=Status(row.status),
        reason=Reason(row.reason) if row.reason else None,
        forced=row.forced,
        force_reason=row.force_reason,
        offline=row.offline,
        decided=row.decided,
        session=row.session,
        by=f"{row.by_kind} {row.by_name}",
        annulled_at=row.annulled_at,
        about_health=row.health is not None,
    )
