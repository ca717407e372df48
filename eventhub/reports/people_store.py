"""Who was invited to a session or came to it, by name, a page at a time. Reads only."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.participants.model import DelegationKind
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.invited import invited_people

from .model import Heard

Person = tuple[int, str, str, str]


async def list_people(
    tx: AsyncConnection,
    event: Event,
    session_id: int,
    came: Sequence[int],
    *,
    start: int,
    limit: int,
) -> list[tuple[Person, Attendance | None]]:
    """Return people (id, name, position, office) with how they were invited, by office and name."""
    query, invited = _people(event, session_id, came)
    query = (
        query.with_only_columns(
            participants.c.id,
            participants.c.name,
            participants.c.position,
            delegations.c.name.label("office"),
            invited.c.attendance.label("way"),
        )
        .order_by(delegations.c.name, participants.c.name, participants.c.id)
        .offset(start)
        .limit(limit)
    )
    return [
        ((r.id, r.name, r.position, r.office), Attendance(r.way) if r.way else None)
        for r in await tx.execute(query)
    ]


async def count_people(
    tx: AsyncConnection, event: Event, session_id: int, came: Sequence[int]
) -> int:
    """Count who was invited to a session or came to it."""
    query, _ = _people(event, session_id, came)
    return int((await tx.execute(query.with_only_columns(sa.func.count()))).scalar_one())


async def provinces_of(tx: AsyncConnection, event: Event) -> dict[int, Heard]:
    """Return the province of each delegation that is one or has one above it, by delegation id."""
    query = sa.select(
        delegations.c.id,
        delegations.c.code,
        delegations.c.name,
        delegations.c.kind,
        delegations.c.parent_id,
    ).where(delegations.c.event_id == event.id)
    offices = {row.id: row for row in await tx.execute(query)}
    found: dict[int, Heard] = {}
    for id, office in offices.items():
        above, seen = office, {id}
        while above.kind != DelegationKind.PROVINCE and above.parent_id in offices.keys() - seen:
            above = offices[above.parent_id]
            seen.add(above.id)
        if above.kind == DelegationKind.PROVINCE:
            found[id] = Heard(above.id, above.code, above.name)
    return found


def _people(
    event: Event, session_id: int, came: Sequence[int]
) -> tuple[sa.Select[Any], sa.Subquery[Any]]:
    """Select who was invited, or came (ids that the caller worked out)."""
    invited = invited_people(event.id, session_id).subquery()
    query = (
        sa.select(participants.c.id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(invited, invited.c.participant_id == participants.c.id)
        .where(
            participants.c.event_id == event.id,
            sa.or_(invited.c.participant_id.is_not(None), participants.c.id.in_(came)),
        )
    )
    return query, invited
