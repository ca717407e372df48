"""Offices by which people look for sessions: those at the top, each with the offices below it."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.tables import delegations


async def list_heads(tx: AsyncConnection, event_id: int) -> list[tuple[str, str]]:
    """Return code and name of the delegations without a parent, by name."""
    table = delegations.c
    query = (
        sa.select(table.code, table.name)
        .where(table.event_id == event_id, table.parent_id.is_(None))
        .order_by(table.name)
    )
    return [(row.code, row.name) for row in await tx.execute(query)]


async def family(tx: AsyncConnection, event_id: int, code: str) -> frozenset[str]:
    """Return the codes of a delegation and of those directly below it."""
    child, parent = delegations.alias("child"), delegations.alias("parent")
    query = (
        sa.select(child.c.code)
        .join(parent, sa.or_(child.c.id == parent.c.id, child.c.parent_id == parent.c.id))
        .where(parent.c.event_id == event_id, parent.c.code == code)
    )
    return frozenset((await tx.execute(query)).scalars())


async def office_names(
    tx: AsyncConnection, event_id: int, codes: Collection[str]
) -> dict[str, str]:
    """Return the names of delegations by code; at most some hundred are asked for."""
    table = delegations.c
    query = sa.select(table.code, table.name).where(
        table.event_id == event_id, table.code.in_(sorted(codes))
    )
    return {row.code: row.name for row in await tx.execute(query.order_by(table.name))}
