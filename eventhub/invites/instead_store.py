"""Who comes in whose place, read for invitations."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.tables import delegations, participants, stand_ins, substitutes

from .insteads import Instead, Insteads
from .model import Other


async def read_insteads(tx: AsyncConnection, event_id: int) -> Insteads:
    """Return who of an event comes in whose place."""
    seats = await _sessions(tx, event_id)
    of: dict[int, list[Instead]] = defaultdict(list)
    by: dict[int, Instead] = {}
    for row in await tx.execute(_pairs(event_id)):
        one = Instead(
            Other(row.name, row.email or row.office_email),
            Other(row.principal, row.principal_email or row.office_email),
            None if row.is_whole else frozenset(seats[row.participant_id]),
        )
        of[row.principal_id].append(one)
        by[row.participant_id] = one
    return Insteads(of, by)


def _pairs(event_id: int) -> sa.Select[Any]:
    principals, offices = participants.alias("principals"), delegations
    return (
        sa.select(
            substitutes.c.participant_id,
            substitutes.c.principal_id,
            substitutes.c.is_whole,
            participants.c.name,
            participants.c.email,
            principals.c.name.label("principal"),
            principals.c.email.label("principal_email"),
            offices.c.email.label("office_email"),
        )
        .join_from(substitutes, participants, participants.c.id == substitutes.c.participant_id)
        .join(principals, principals.c.id == substitutes.c.principal_id)
        .join(offices, offices.c.id == principals.c.delegation_id)
        .where(participants.c.event_id == event_id)
        .order_by(substitutes.c.participant_id)
    )


async def _sessions(tx: AsyncConnection, event_id: int) -> Mapping[int, set[int]]:
    query = (
        sa.select(stand_ins.c.participant_id, stand_ins.c.session_id)
        .join(participants, participants.c.id == stand_ins.c.participant_id)
        .where(participants.c.event_id == event_id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for participant_id, session_id in await tx.execute(query):
        found[participant_id].add(session_id)
    return found
