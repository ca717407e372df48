"""Mails leave the queue: taking them within the limits, and what became of each.

A mail's way: `queued`, claimed for `LEASE` by one sender, `sending` while it is with the server, then
`sent`, `failed` or `uncertain`. Whoever finds a `sending` whose lease ran out calls it uncertain.

Whoever scans at the gate waits for these transactions, so they are plain SQL, and read no more than they must.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.plain import Conversation, Row, Statement, Turn, among
from eventhub.invites.model import RECORDS, Mail, State

from . import pace, stopping
from .pace import Limits, Taken
from .queue import ERROR_LIMIT, mail_of
from .tables import mail_pauses, mails

LEASE = timedelta(minutes=3)

# Who wants no other mail gets what they need to hold all the same.
_DUE = """
SELECT m.id, m.domain, m.kind NOT IN {records} AND EXISTS (
    SELECT 1 FROM mail_optouts AS o WHERE o.participant_id = m.participant_id
) FROM mails AS m
WHERE m.state = 'queued' AND m.due_at <= :at AND (m.claimed_until IS NULL OR m.claimed_until < :at)
AND m.event_id NOT IN (SELECT event_id FROM mail_pauses)
AND NOT EXISTS (
    SELECT 1 FROM mails AS e WHERE e.participant_id = m.participant_id AND e.session_id = m.session_id
    AND e.state IN ('queued', 'sending') AND e.id < m.id
)
"""


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
    choice = _Choice(limits, taken, most)
    yield from _choose(choice, at)
    yield from _set_aside(choice.unwanted)
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


@dataclass(slots=True)
class _Choice:
    """Picks from what is due, `most` at the most, so that no domain gets more than its share."""

    limits: Limits
    taken: dict[str, Taken]
    most: int
    ids: list[int] = field(default_factory=list)
    unwanted: list[int] = field(default_factory=list)
    full: list[str] = field(default_factory=list)
    _of_domain: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        # What has had its share is left out and asked for no more, so that it hides nobody behind it.
        self.full = [
            name for name, one in self.taken.items() if pace.room(self.limits.of(name), one, 1) == 0
        ]

    @property
    def left(self) -> int:
        """How many more may be chosen."""
        return self.most - len(self.ids)

    def add(self, rows: Collection[Row]) -> bool:
        """Choose from rows; whether others may be found in place of some that were left out."""
        passed = len(self.full) + len(self.unwanted)
        for id, domain, is_unwanted in rows:
            share = pace.room(self.limits.of(domain), self.taken.get(domain, Taken()), self.most)
            if is_unwanted:
                self.unwanted.append(id)
            elif self._of_domain[domain] < share:
                self._of_domain[domain] += 1
                self.ids.append(id)
            elif domain not in self.full:
                self.full.append(domain)
        return len(self.full) + len(self.unwanted) > passed


def _choose(choice: _Choice, at: datetime) -> Conversation[None]:
    more = choice.left > 0
    while more and choice.left > 0:
        records, values = among("record", [str(kind) for kind in RECORDS])
        text = _DUE.format(records=records)
        values |= {"at": at, "limit": choice.left}
        for column, name, without in (
            ("id", "seen", [*choice.ids, *choice.unwanted]),
            ("domain", "full", choice.full),
        ):
            if without:
                inside, more_values = among(name, without)
                text += f"AND m.{column} NOT IN {inside}\n"
                values |= more_values
        text += "ORDER BY m.due_at, m.id LIMIT :limit"
        rows = yield Statement(text, values, takes_free=True)
        more = choice.add(rows)


def _set_aside(unwanted: Sequence[int]) -> Conversation[None]:
    """Take out what its reader asked not to get."""
    if unwanted:
        inside, values = among("id", unwanted)
        yield Statement(
            f"UPDATE mails SET state = 'superseded' WHERE id IN {inside}",  # noqa: S608 -- names of ours
            values,
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
