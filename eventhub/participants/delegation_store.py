"""Delegations in the database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.wording import say

from .model import Delegation, DelegationKind
from .tables import delegations, participants, substitutes

parents = delegations.alias("parents")
DELEGATIONS = sa.select(delegations, parents.c.code.label("parent")).outerjoin(
    parents, parents.c.id == delegations.c.parent_id
)


async def find_delegation(tx: AsyncConnection, event_id: int, code: str) -> Delegation | None:
    """Return the event's delegation of a code."""
    query = DELEGATIONS.where(delegations.c.event_id == event_id, delegations.c.code == code)
    row = (await tx.execute(query)).one_or_none()
    return _delegation(row) if row else None


async def get_delegation(tx: AsyncConnection, event_id: int, code: str) -> Delegation:
    """Return the event's delegation of a code, or raise NotFound."""
    delegation = await find_delegation(tx, event_id, code)
    if delegation is None:
        raise NotFound(say("There is no delegation {code}.", code=code))
    return delegation


async def list_delegations(
    tx: AsyncConnection, event_id: int, *, after: str = "", limit: int | None = None
) -> list[Delegation]:
    """Return the event's delegations by code, those after one."""
    query = (
        DELEGATIONS.where(delegations.c.event_id == event_id, delegations.c.code > after)
        .order_by(delegations.c.code)
        .limit(limit)
    )
    return [_delegation(row) for row in await tx.execute(query)]


async def list_called(tx: AsyncConnection, event_id: int, text: str) -> list[Delegation]:
    """Return up to ten delegations whose code or name this is, whatever its case."""
    wanted = text.lower()
    query = DELEGATIONS.where(
        delegations.c.event_id == event_id,
        sa.or_(
            delegations.c.code == text,
            sa.func.lower(delegations.c.code) == wanted,
            sa.func.lower(delegations.c.name) == wanted,
        ),
    )
    return [
        _delegation(row) for row in await tx.execute(query.order_by(delegations.c.code).limit(10))
    ]


async def search_delegations(
    tx: AsyncConnection, event_id: int, words: Sequence[str], *, start: int, limit: int
) -> list[tuple[Delegation, int]]:
    """Return delegations by name with how many people they have named; `words` must all occur in name or code."""
    named = (
        sa.select(sa.func.count())
        .where(participants.c.delegation_id == delegations.c.id)
        .scalar_subquery()
    )
    query = (
        DELEGATIONS.add_columns(named.label("named"))
        .where(delegations.c.event_id == event_id, *_delegation_words(words))
        .order_by(delegations.c.name, delegations.c.id)
        .offset(start)
        .limit(limit)
    )
    return [(_delegation(row), int(row.named)) for row in await tx.execute(query)]


async def count_delegations(tx: AsyncConnection, event_id: int, words: Sequence[str] = ()) -> int:
    """Count the event's delegations that hold all words."""
    query = (
        sa.select(sa.func.count())
        .select_from(delegations)
        .where(delegations.c.event_id == event_id, *_delegation_words(words))
    )
    return int((await tx.execute(query)).scalar_one())


def _delegation_words(words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    return [
        sa.or_(
            delegations.c.name.icontains(word, autoescape=True),
            delegations.c.code.icontains(word, autoescape=True),
        )
        for word in words
    ]


async def list_codes(tx: AsyncConnection, event_id: int, stem: str) -> set[str]:
    """Return the delegations' codes that begin with a stem, in small letters."""
    query = sa.select(sa.func.lower(delegations.c.code)).where(
        delegations.c.event_id == event_id, delegations.c.code.istartswith(stem, autoescape=True)
    )
    return set((await tx.execute(query)).scalars())


async def insert_delegations(tx: AsyncConnection, rows: Sequence[Delegation]) -> None:
    """Write new delegations; a parent must be there before or come earlier among them."""
    if not rows:
        return
    event_id = rows[0].event_id
    values = [_delegation_values(row) | {"parent_id": None} for row in rows]
    await tx.execute(delegations.insert(), values)
    await save_parents(tx, event_id, {row.code: row.parent for row in rows if row.parent})


async def save_parents(
    tx: AsyncConnection, event_id: int, parent_of: Mapping[str, str | None]
) -> None:
    """Give delegations (by code) their parents (by code)."""
    if not parent_of:
        return
    ids = await ids_of_codes(tx, event_id, {*parent_of, *filter(None, parent_of.values())})
    await tx.execute(
        delegations.update()
        .where(delegations.c.id == sa.bindparam("of"))
        .values(parent_id=sa.bindparam("parent")),
        [
            {"of": ids[code], "parent": ids[parent] if parent else None}
            for code, parent in parent_of.items()
        ],
    )


async def ids_of_codes(
    tx: AsyncConnection, event_id: int, codes: Iterable[str] | None = None
) -> dict[str, int]:
    """Return delegations' ids by code: all of the event's, or of some codes."""
    query = sa.select(delegations.c.code, delegations.c.id).where(
        delegations.c.event_id == event_id
    )
    wanted = None if codes is None else set(codes)
    # SQLite binds at most 32,766 values; beyond a few hundred, reading all is quicker anyway.
    if wanted is not None and len(wanted) <= 500:
        query = query.where(delegations.c.code.in_(wanted))
    return {row.code: row.id for row in await tx.execute(query)}


async def save_delegation(tx: AsyncConnection, delegation: Delegation) -> None:
    """Write a delegation's fields, parent and version as given."""
    await tx.execute(
        delegations.update()
        .where(delegations.c.id == delegation.id)
        .values(_delegation_values(delegation))
    )
    await save_parents(tx, delegation.event_id, {delegation.code: delegation.parent})


async def delete_delegation(tx: AsyncConnection, delegation_id: int) -> None:
    """Take a delegation out; what refers to it makes the database refuse."""
    await tx.execute(delegations.delete().where(delegations.c.id == delegation_id))


async def count_children(tx: AsyncConnection, delegation_id: int) -> int:
    """Count the delegations below one."""
    query = sa.select(sa.func.count()).where(delegations.c.parent_id == delegation_id)
    return int((await tx.execute(query)).scalar_one())


async def count_members(tx: AsyncConnection, delegation_id: int) -> int:
    """Count who a delegation has named, without those who come in somebody's place."""
    instead = sa.exists().where(substitutes.c.participant_id == participants.c.id)
    query = sa.select(sa.func.count()).where(
        participants.c.delegation_id == delegation_id, ~instead
    )
    return int((await tx.execute(query)).scalar_one())


def _delegation_values(delegation: Delegation) -> dict[str, Any]:
    names = (
        "event_id",
        "code",
        "name",
        "kind",
        "time_zone",
        "email",
        "quota",
        "attendance",
        "version",
    )
    return {name: getattr(delegation, name) for name in names}


def _delegation(row: Any) -> Delegation:
    return Delegation(
        id=row.id,
        event_id=row.event_id,
        code=row.code,
        name=row.name,
        kind=DelegationKind(row.kind),
        parent=row.parent,
        time_zone=row.time_zone,
        email=row.email,
        quota=row.quota,
        attendance=Attendance(row.attendance),
        version=row.version,
    )
