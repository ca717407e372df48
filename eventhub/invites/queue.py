"""The mail queue in the database: writing into it, taking from it, and what became of each mail.

A mail's way: `queued`, claimed for `LEASE` by one sender, `sending` while it is with the server, then
`sent`, `failed` or `uncertain`. Whoever finds a `sending` whose lease ran out calls it uncertain.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.invites.model import Kind, Mail, State
from eventhub.participants.tables import participants, rsvps

from .tables import mails

LEASE = timedelta(minutes=3)
ERROR_LIMIT = 500
# SQLite takes at most 32,766 values in one statement.
CHUNK = 5000
OPEN = (State.QUEUED, State.SENDING)


async def insert_mails(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write mails; each row holds all columns that are the mail's own."""
    blank = {"attempts": 0, "claim": "", "claimed_until": None, "last_error": "", "sent_at": None}
    if rows:
        await tx.execute(mails.insert(), [blank | dict(row) for row in rows])


async def supersede(
    tx: AsyncConnection, event_id: int, threads: Collection[tuple[int, int | None]]
) -> None:
    """Take out what never went out of these threads (participant; session, None for the welcome).

    That is drafts nobody approved, and mails that were refused, before something newer came.
    """
    rows = await tx.execute(
        sa.select(mails.c.id, mails.c.participant_id, mails.c.session_id).where(
            mails.c.event_id == event_id,
            mails.c.kind != Kind.NOTICE,
            mails.c.state.in_([State.DRAFT, State.FAILED, State.BOUNCED]),
        )
    )
    old = [row.id for row in rows if (row.participant_id, row.session_id) in threads]
    await take_out(tx, old)


async def take_out(tx: AsyncConnection, ids: Collection[int]) -> None:
    """Note that mails will not go out."""
    for part in chunks(ids):
        await tx.execute(mails.update().where(mails.c.id.in_(part)).values(state=State.SUPERSEDED))


async def list_drafts(
    tx: AsyncConnection,
    event_id: int,
    *,
    kind: Kind | None = None,
    release: int | None = None,
    ids: Collection[int] | None = None,
) -> list[Mail]:
    """Return what waits for approval, in the order in which it was written; `ids` narrows it to some."""
    query = sa.select(mails).where(mails.c.event_id == event_id, mails.c.state == State.DRAFT)
    if kind is not None:
        query = query.where(mails.c.kind == kind)
    if release is not None:
        query = query.where(mails.c.release == release)
    rows = await tx.execute(query.order_by(mails.c.id))
    return [mail_of(row) for row in rows if ids is None or row.id in ids]


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Split ids into parts that one statement can take."""
    ordered = sorted(ids)
    return (ordered[n : n + CHUNK] for n in range(0, len(ordered), CHUNK))


async def has_work(tx: AsyncConnection, at: datetime) -> bool:
    """Whether a mail is due, or one has been with the server for longer than anybody holds it."""
    due = sa.select(sa.literal(1)).where(_is_free(at))
    lost = sa.select(sa.literal(1)).where(_is_lost(at))
    return (await tx.execute(sa.union_all(due, lost).limit(1))).first() is not None


async def mark_lost(tx: AsyncConnection, at: datetime) -> None:
    """Call uncertain what a sender died over: it may have arrived, so only a person sends it again."""
    await tx.execute(
        mails.update()
        .where(_is_lost(at))
        .values(state=State.UNCERTAIN, claim="", claimed_until=None)
    )


async def claim(tx: AsyncConnection, token: str, *, at: datetime, limit: int) -> list[Mail]:
    """Take due mails, earliest first, so that nobody else takes them within the lease.

    A mail waits while an earlier one of the same participant and session is still open, so that a
    cancellation never overtakes its invitation.
    """
    earlier = mails.alias("earlier")
    blocked = sa.exists().where(
        earlier.c.participant_id == mails.c.participant_id,
        earlier.c.session_id == mails.c.session_id,
        earlier.c.state.in_(OPEN),
        earlier.c.id < mails.c.id,
    )
    due = (
        sa.select(mails.c.id)
        .where(_is_free(at), ~blocked)
        .order_by(mails.c.due_at, mails.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.execute(due)).scalars())
    if not ids:
        return []
    rows = await tx.execute(
        mails.update()
        .where(mails.c.id.in_(ids))
        .values(claim=token, claimed_until=at + LEASE)
        .returning(mails)
    )
    return sorted((mail_of(row) for row in rows), key=lambda mail: (mail.due_at, mail.id))


async def read_live(tx: AsyncConnection, taken: Collection[Mail]) -> dict[int, tuple[int, str]]:
    """Return by mail id what is never frozen: the person's link generation, and their last answer."""
    code = mails.c.payload["facts"]["code"].as_string()
    query = (
        sa.select(mails.c.id, participants.c.link_generation, rsvps.c.status)
        .join_from(mails, participants, participants.c.id == mails.c.participant_id)
        .outerjoin(
            rsvps,
            sa.and_(rsvps.c.participant_id == participants.c.id, rsvps.c.session_code == code),
        )
        .where(mails.c.id.in_([mail.id for mail in taken]))
    )
    return {
        row.id: (row.link_generation, row.status or "needs_action")
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
    error: str = "",
    due_at: datetime | None = None,
    sent_at: datetime | None = None,
    counts: bool = True,
) -> None:
    """Write what became of a mail that `begin` gave us; `counts`: as an attempt."""
    values: dict[str, Any] = {
        "state": state,
        "claim": "",
        "claimed_until": None,
        "last_error": error[:ERROR_LIMIT],
        "sent_at": sent_at,
    }
    if due_at is not None:
        values["due_at"] = due_at
    if not counts:
        values["attempts"] = mails.c.attempts - 1
    await tx.execute(
        mails.update()
        .where(
            mails.c.id == mail_id,
            sa.or_(mails.c.claim == token, mails.c.state == State.UNCERTAIN),
        )
        .values(**values)
    )


async def bounce(tx: AsyncConnection, message_ids: Collection[str], reason: str) -> Mail | None:
    """Mark the mail that came back, by its Message-ID; None where it is not ours or not out any more."""
    out = (State.SENT, State.SENDING, State.UNCERTAIN)
    row = (
        await tx.execute(
            mails.update()
            .where(mails.c.message_id.in_(message_ids), mails.c.state.in_(out))
            .values(
                state=State.BOUNCED,
                last_error=reason[:ERROR_LIMIT],
                claim="",
                claimed_until=None,
            )
            .returning(mails)
        )
    ).first()
    return mail_of(row) if row else None


async def pause(tx: AsyncConnection, until: datetime, error: str) -> None:
    """Let all that is queued wait, as the server takes nothing: nobody's fault, so no attempt is counted."""
    await tx.execute(
        mails.update()
        .where(mails.c.state == State.QUEUED, mails.c.due_at < until)
        .values(due_at=until, last_error=error[:ERROR_LIMIT], claim="", claimed_until=None)
    )


async def give_back(tx: AsyncConnection, token: str) -> None:
    """Free what was claimed and not begun."""
    await tx.execute(
        mails.update()
        .where(mails.c.claim == token, mails.c.state == State.QUEUED)
        .values(claim="", claimed_until=None)
    )


async def requeue(
    tx: AsyncConnection,
    event_id: int,
    *,
    at: datetime,
    states: Collection[State],
    mail_id: int | None = None,
    release: int | None = None,
) -> int:
    """Queue mails of these states again, all, one, or those of a release; return how many."""
    chosen = mails.c.event_id == event_id
    if mail_id is not None:
        chosen = sa.and_(chosen, mails.c.id == mail_id)
    if release is not None:
        chosen = sa.and_(chosen, mails.c.release == release)
    result = await tx.execute(
        mails.update()
        .where(chosen, mails.c.state.in_(states))
        .values(state=State.QUEUED, due_at=at, attempts=0, claim="", claimed_until=None)
    )
    return int(result.rowcount)


def _is_free(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        mails.c.state == State.QUEUED,
        mails.c.due_at <= at,
        sa.or_(mails.c.claimed_until.is_(None), mails.c.claimed_until < at),
    )


def _is_lost(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(mails.c.state == State.SENDING, mails.c.claimed_until < at)


def mail_of(row: Any) -> Mail:
    """Return a row as a mail."""
    return Mail(
        id=row.id,
        event_id=row.event_id,
        participant_id=row.participant_id,
        session_id=row.session_id,
        kind=Kind(row.kind),
        state=State(row.state),
        to_address=row.to_address,
        subject=row.subject,
        language=row.language,
        payload=row.payload,
        message_id=row.message_id,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        last_error=row.last_error,
        release=row.release,
    )
