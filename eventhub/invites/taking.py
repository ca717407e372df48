"""Mails leave the queue: taking them within the limits, and what became of each.

A mail's way: `queued`, claimed for `LEASE` by one sender, `sending` while it is with the server, then
`sent`, `failed` or `uncertain`. Whoever finds a `sending` whose lease ran out calls it uncertain.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_names
from eventhub.invites.model import RECORDS, Mail, State
from eventhub.participants.tables import participants, rsvps

from . import pace, stopping
from .pace import Limits, Taken
from .queue import ERROR_LIMIT, OPEN, mail_of
from .tables import mail_optouts, mail_pauses, mails

LEASE = timedelta(minutes=3)


async def has_work(tx: AsyncConnection, at: datetime) -> bool:
    """Whether a mail may be tried, or one has been with the server for longer than anybody holds it."""
    lost = sa.select(sa.literal(1)).where(_is_lost(at)).limit(1)
    if (await tx.execute(lost)).first():
        return True
    stop = await stopping.read_stop(tx)
    if stop is not None and stop.probe_at > at:
        return False
    due = sa.select(sa.literal(1)).where(_is_free(at)).limit(1)
    return (await tx.execute(due)).first() is not None


async def mark_lost(tx: AsyncConnection, at: datetime) -> None:
    """Call uncertain what a sender died over: it may have arrived, so only a person sends it again."""
    await tx.execute(
        mails.update()
        .where(_is_lost(at))
        .values(state=State.UNCERTAIN, claim="", claimed_until=None)
    )


async def claim(
    tx: AsyncConnection, token: str, *, at: datetime, limit: int, limits: Limits | None = None
) -> list[Mail]:
    """Take due mails, earliest first, so that nobody else takes them within the lease.

    A mail waits while an earlier one of the same participant and session is still open, so that a cancellation never
    overtakes its invitation; and while its domain has had its share of the minute, when those behind it go first.
    While the server takes nothing, one is taken whenever it is time to try again.
    """
    # Senders count what others took, so they take turns.
    await lock_names(tx, "mail queue")
    limits = limits or Limits()
    taken = await _taken(tx, at)
    most = pace.room(limits.total, _sum(taken), limit)
    stop = await stopping.read_stop(tx)
    if stop is not None:
        if stop.probe_at > at:
            return []
        await stopping.put_off(tx, at + LEASE)
        most = min(most, 1)
    await _withhold(tx)
    ids = await _choose(tx, at, most, limits, taken)
    if not ids:
        return []
    rows = await tx.execute(
        mails.update()
        .where(mails.c.id.in_(ids))
        .values(claim=token, claimed_until=at + LEASE, taken_at=at)
        .returning(mails)
    )
    return sorted((mail_of(row) for row in rows), key=lambda mail: (mail.due_at, mail.id))


async def _choose(
    tx: AsyncConnection, at: datetime, most: int, limits: Limits, taken: dict[str, Taken]
) -> list[int]:
    chosen: list[int] = []
    per_domain: Counter[str] = Counter()
    # What has had its share is left out and asked for no more, so that it hides nobody behind it.
    full = [name for name, one in taken.items() if pace.room(limits.of(name), one, 1) == 0]
    while len(chosen) < most:
        rows = await _due(tx, at, most - len(chosen), chosen, full)
        passed = len(full)
        for row in rows:
            share = pace.room(limits.of(row.domain), taken.get(row.domain, Taken()), most)
            if per_domain[row.domain] < share:
                per_domain[row.domain] += 1
                chosen.append(row.id)
            elif row.domain not in full:
                full.append(row.domain)
        if len(full) == passed:
            break
    return chosen


async def _due(
    tx: AsyncConnection, at: datetime, limit: int, chosen: list[int], full: list[str]
) -> Collection[Any]:
    earlier = mails.alias("earlier")
    blocked = sa.exists().where(
        earlier.c.participant_id == mails.c.participant_id,
        earlier.c.session_id == mails.c.session_id,
        earlier.c.state.in_(OPEN),
        earlier.c.id < mails.c.id,
    )
    query = (
        sa.select(mails.c.id, mails.c.domain)
        .where(_is_free(at), ~blocked, mails.c.id.not_in(chosen), mails.c.domain.not_in(full))
        .order_by(mails.c.due_at, mails.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await tx.execute(query)).all()


async def _taken(tx: AsyncConnection, at: datetime) -> dict[str, Taken]:
    recent = sa.case((mails.c.taken_at > at - pace.STRETCH, 1), else_=0)
    query = (
        sa.select(mails.c.domain, sa.func.count(), sa.func.sum(recent))
        .where(mails.c.taken_at > at - pace.MINUTE)
        .group_by(mails.c.domain)
    )
    return {name: Taken(minute, stretch) for name, minute, stretch in await tx.execute(query)}


def _sum(taken: dict[str, Taken]) -> Taken:
    return Taken(
        sum(one.minute for one in taken.values()), sum(one.stretch for one in taken.values())
    )


async def _withhold(tx: AsyncConnection) -> None:
    """Take out what its reader asked not to get."""
    unwanted = sa.select(mail_optouts.c.participant_id)
    await tx.execute(
        mails.update()
        .where(
            mails.c.state == State.QUEUED,
            mails.c.kind.not_in(RECORDS),
            mails.c.participant_id.in_(unwanted),
        )
        .values(state=State.SUPERSEDED)
    )


async def read_live(tx: AsyncConnection, taken: Collection[Mail]) -> dict[int, tuple[int, str]]:
    """Return by mail id what is never frozen: the person's link generation, and their last answer."""
    code = mails.c.payload["facts"]["code"].as_string()
    query = (
        sa.select(mails.c.id, participants.c.link_generation, rsvps.c.status)
        .outerjoin_from(mails, participants, participants.c.id == mails.c.participant_id)
        .outerjoin(
            rsvps,
            sa.and_(rsvps.c.participant_id == participants.c.id, rsvps.c.session_code == code),
        )
        .where(mails.c.id.in_([mail.id for mail in taken]))
    )
    return {
        row.id: (row.link_generation or 0, row.status or "needs_action")
        for row in await tx.execute(query)
    }


async def begin(tx: AsyncConnection, mail_id: int, token: str, at: datetime) -> bool:
    """Note that a claimed mail is handed over now; False when somebody else has it meanwhile."""
    result = await tx.execute(
        mails.update()
        .where(mails.c.id == mail_id, mails.c.claim == token, mails.c.state == State.QUEUED)
        .values(state=State.SENDING, claimed_until=at + LEASE, attempts=mails.c.attempts + 1)
    )
    return result.rowcount == 1


async def finish(
    tx: AsyncConnection,
    mail_id: int,
    token: str,
    state: State,
    *,
    at: datetime,
    error: str = "",
    due_at: datetime | None = None,
    counts: bool = True,
) -> None:
    """Write what became of a mail that `begin` gave us; `counts`: as an attempt."""
    values: dict[str, Any] = {
        "state": state,
        "claim": "",
        "claimed_until": None,
        "last_error": error[:ERROR_LIMIT],
        "sent_at": at if state is State.SENT else None,
        "tried_at": at,
    }
    if due_at is not None:
        values["due_at"] = due_at
    if not counts:
        values["attempts"] = mails.c.attempts - 1
        values["tried_at"] = mails.c.tried_at
    await tx.execute(
        mails.update()
        .where(
            mails.c.id == mail_id,
            sa.or_(mails.c.claim == token, mails.c.state == State.UNCERTAIN),
        )
        .values(**values)
    )


async def give_back(tx: AsyncConnection, token: str) -> None:
    """Free what was claimed and not begun."""
    await tx.execute(
        mails.update()
        .where(mails.c.claim == token, mails.c.state == State.QUEUED)
        .values(claim="", claimed_until=None, taken_at=None)
    )


def _is_free(at: datetime) -> sa.ColumnElement[bool]:
    paused = sa.select(mail_pauses.c.event_id)
    return sa.and_(
        mails.c.state == State.QUEUED,
        mails.c.due_at <= at,
        sa.or_(mails.c.claimed_until.is_(None), mails.c.claimed_until < at),
        mails.c.event_id.not_in(paused),
    )


def _is_lost(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(mails.c.state == State.SENDING, mails.c.claimed_until < at)
