"""Ticks of the checklist: what operators have seen for themselves, and who has joined a meeting."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.accounts.tables import roles, users
from eventhub.participants.tables import participants
from eventhub.sessions.model import Released
from eventhub.web.access import RIGHTS, Principal, Right

from .model import ViewingKind
from .room_model import CheckItem, Tick
from .tables import checklist_ticks, viewings

_TABLE = checklist_ticks.c


async def tick(
    tx: AsyncConnection,
    event_id: int,
    released: Released,
    item: CheckItem,
    *,
    is_done: bool,
    who: Principal | str,
    at: datetime,
) -> None:
    """Note that an item was seen, or that it was not; it is audited, and other operators are told."""
    same = sa.and_(_TABLE.session_id == released.session_id, _TABLE.item == item)
    await tx.execute(checklist_ticks.delete().where(same))
    action = "checklist.ticked" if is_done else "checklist.unticked"
    detail = {"item": item.value}
    if is_done:
        values = {"session_id": released.session_id, "item": item.value, "event_id": event_id}
        await tx.execute(checklist_ticks.insert().values(**values, at=at, who=audit.actor_of(who)))
    await audit.record(tx, who, action, released.code, event_id=event_id, at=at, detail=detail)
    await news.tell(
        tx, "broadcast", {"session": released.code, "check": item.value},
        event_id=event_id, at=at, right=Right.BROADCASTS_READ.value,
    )  # fmt: skip


async def list_ticks(tx: AsyncConnection, event_id: int) -> dict[int, tuple[Tick, ...]]:
    """Return what is ticked, by session id."""
    found: dict[int, list[Tick]] = defaultdict(list)
    query = sa.select(checklist_ticks).where(_TABLE.event_id == event_id)
    for row in await tx.execute(query):
        found[row.session_id].append(Tick(CheckItem(row.item), row.at, row.who))
    return {session_id: tuple(ticks) for session_id, ticks in found.items()}


async def list_moderators(
    tx: AsyncConnection, event_id: int, sessions: Iterable[Released]
) -> dict[int, datetime]:
    """Return when the first of its speakers or an operator joined each meeting, by session id.

    An operator is whoever may act on broadcasts and is invited under the same e-mail address.
    """
    speakers = {each.session_id: {person for person, _ in each.speakers} for each in sessions}
    operators = await _operators(tx, event_id)
    query = (
        sa.select(viewings.c.session_id, viewings.c.participant_id, viewings.c.started_at)
        .where(
            viewings.c.event_id == event_id,
            viewings.c.kind == ViewingKind.MEETING,
            viewings.c.session_id.in_(speakers),
            viewings.c.participant_id.in_(set().union(operators, *speakers.values())),
        )
        .order_by(viewings.c.started_at)
    )
    found: dict[int, datetime] = {}
    for row in await tx.execute(query):
        if row.participant_id in operators | speakers[row.session_id]:
            found.setdefault(row.session_id, row.started_at)
    return found


async def _operators(tx: AsyncConnection, event_id: int) -> set[int]:
    query = (
        sa.select(participants.c.id)
        .join(users, sa.func.lower(users.c.email) == sa.func.lower(participants.c.email))
        .join(roles, roles.c.user_id == users.c.id)
        .where(
            participants.c.event_id == event_id,
            participants.c.email != "",
            roles.c.role.in_(RIGHTS[Right.BROADCASTS_ACT]),
            sa.or_(roles.c.event_id == event_id, roles.c.event_id.is_(None)),
        )
    )
    return set((await tx.execute(query)).scalars())
