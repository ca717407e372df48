"""Mails leave the queue: taking them within the limits, and what became of each.

A mail's way: `queued`, claimed for `LEASE` by one sender, `sending` while it is with the server, then
`sent`, `failed` or `uncertain`. Whoever finds a `sending` whose lease ran out calls it uncertain.

Whoever scans at the gate waits for these transactions, so they are plain SQL, and read no more than they must.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.plain import Conversation, Statement, Turn, among
from eventhub.invites.model import Mail, State

from . import pace, stopping
from .choosing import Choice, choose, set_aside
from .pace import Limits, Taken
from .queue import ERROR_LIMIT, mail_of
from .tables import mail_pauses, mails

LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Mails taken by one sender, by id; `probes`: the server took nothing lately, and this one tries it."""

    ids: Sequence[int] = ()
    probes: bool = False


async def has_work(tx: AsyncConnection, at: datetime) -> bool:
    """Whether a mail may be tried, or one has been with the server for longer than anybody holds it."""
    is_lost = sa.and_(mails.c.state == State.SENDING, mails.c.claimed_until < at)
    if (await tx.execute(sa.select(sa.literal(1)).where(is_lost).limit(1))).first():
        return True
    stop = await stopping.read_stop(tx)
    if stop is not None and stop.probe_at > at:
        return False
    due = sa.and_(
        mails.c.state == State.QUEUED,
        mails.c.due_at <= at,
        sa.or_(mails.c.claimed_until.is_(None), mails.c.claimed_until < at),
        mails.c.event_id.not_in(sa.select(mail_pauses.c.event_id)),
    )
    return (await tx.execute(sa.select(sa.literal(1)).where(due).limit(1))).first() is not None


def claim(
    token: str, *, at: datetime, limit: int, limits: Limits | None = None
) -> Conversation[Claimed]:
    """Take due mails, earliest first, so that nobody else takes them within the lease.

    A mail waits while an earlier one of the same participant and session is still open, so that a cancellation never
    overtakes its invitation; and while its domain has had its share of the minute, when those behind it go first.
    While the server takes nothing, one is taken whenever it is time to try again.
    """
    # Senders count what others took, so they take turns.
    yield Turn("mail queue")
    yield from _mark_lost(at)
    limits = limits or Limits()
    taken = yield from _taken(limits, at)
    most = pace.room(limits.total, _sum(taken), limit)
    stop = yield from stopping.find_stop()
    if stop is not None:
        if stop.probe_at > at:
            return Claimed()
        yield from stopping.put_off(at + LEASE)
        most = min(most, 1)
    choice = Choice(limits, taken, most)
    yield from choose(choice, at)
    yield from set_aside(choice.unwanted)
    if choice.ids:
        inside, values = among("id", choice.ids)
        yield Statement(
            "UPDATE mails SET claim = :claim, claimed_until = :until, taken_at = :at"  # noqa: S608 -- names of ours
            f" WHERE id IN {inside}",
            values | {"claim": token, "until": at + LEASE, "at": at},
        )
    return Claimed(choice.ids, stop is not None)


def _mark_lost(at: datetime) -> Conversation[None]:
    """Call uncertain what a sender died over: it may have arrived, so only a person sends it again."""
    yield Statement(
        "UPDATE mails SET state = 'uncertain', claim = '', claimed_until = NULL"
        " WHERE state = 'sending' AND claimed_until < :at",
        {"at": at},
    )


def _taken(limits: Limits, at: datetime) -> Conversation[dict[str, Taken]]:
    if not limits.are_set:
        return {}
    rows = yield Statement(
        "SELECT domain, count(*), sum(CASE WHEN taken_at > :stretch THEN 1 ELSE 0 END)"
        " FROM mails WHERE taken_at > :minute GROUP BY domain",
        {"minute": at - pace.MINUTE, "stretch": at - pace.STRETCH},
    )
    return {name: Taken(minute, stretch) for name, minute, stretch in rows}


def _sum(taken: dict[str, Taken]) -> Taken:
    return Taken(
        sum(one.minute for one in taken.values()), sum(one.stretch for one in taken.values())
    )


async def read_mails(tx: AsyncConnection, ids: Collection[int]) -> list[Mail]:
    """Return mails by id, in the order in which they go out."""
    query = sa.select(mails).where(mails.c.id.in_(ids)).order_by(mails.c.due_at, mails.c.id)
    return [mail_of(row) for row in await tx.execute(query)]


def begin(ids: Sequence[int], token: str, at: datetime) -> Conversation[set[int]]:
    """Note that claimed mails are handed over now; return those that may be: still ours, and not paused meanwhile."""
    inside, values = among("id", ids)
    rows = yield Statement(
        "UPDATE mails SET state = 'sending', claimed_until = :until, attempts = attempts + 1"  # noqa: S608 -- names of ours
        f" WHERE id IN {inside} AND claim = :claim AND state = 'queued'"
        " AND event_id NOT IN (SELECT event_id FROM mail_pauses) RETURNING id",
        values | {"claim": token, "until": at + LEASE},
    )
    return {row[0] for row in rows}


def finish(ids: Sequence[int], token: str, at: datetime) -> Conversation[None]:
    """Write that mails which `begin` gave us were taken by the server."""
    set_to = "state = 'sent', last_error = '', sent_at = :at, tried_at = :at"
    yield from _end(ids, token, set_to, {"at": at})


def fail(
    id: int,
    token: str,
    state: State,
    *,
    at: datetime,
    error: str,
    due_at: datetime | None = None,
) -> Conversation[None]:
    """Write what became of a mail that `begin` gave us and the server did not take; `due_at`: tried again then."""
    due = ", due_at = :due" if due_at is not None else ""
    set_to = f"state = :state, last_error = :error, sent_at = NULL, tried_at = :at{due}"
    values = {"at": at, "state": state.value, "error": error[:ERROR_LIMIT], "due": due_at}
    yield from _end([id], token, set_to, values)


def undo(id: int, token: str, error: str) -> Conversation[None]:
    """Put back a mail that `begin` gave us, as if it had not been tried: there was no server to try."""
    set_to = "state = 'queued', last_error = :error, attempts = attempts - 1"
    yield from _end([id], token, set_to, {"error": error[:ERROR_LIMIT]})


def _end(
    ids: Sequence[int], token: str, set_to: str, values: Mapping[str, object]
) -> Conversation[None]:
    """End the hand-over of mails. Somebody may have called them uncertain when the lease was over: now we know."""
    inside, ours = among("id", ids)
    yield Statement(
        f"UPDATE mails SET {set_to}, claim = '', claimed_until = NULL"  # noqa: S608 -- names of ours
        f" WHERE id IN {inside} AND (claim = :claim OR state = 'uncertain')",
        ours | {"claim": token, **values},
    )


def give_back(ids: Sequence[int], token: str) -> Conversation[None]:
    """Free those of claimed mails that were not begun."""
    inside, values = among("id", ids)
    yield Statement(
        "UPDATE mails SET claim = '', claimed_until = NULL, taken_at = NULL"  # noqa: S608 -- names of ours
        f" WHERE id IN {inside} AND claim = :claim AND state = 'queued'",
        values | {"claim": token},
    )
