"""The mail queue in the database: writing into it, and putting mails back; `taking` is how they leave it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.invites.model import Kind, Mail, State

from .pace import domain_of
from .tables import mails

ERROR_LIMIT = 500
# SQLite takes at most 32,766 values in one statement.
CHUNK = 5000
OPEN = (State.QUEUED, State.SENDING)
# What tells one person of one session, and is overtaken by the next of them.
THREAD = (Kind.REQUEST, Kind.UPDATE, Kind.CANCEL)
_BLANK = {
    "attempts": 0,
    "claim": "",
    "claimed_until": None,
    "taken_at": None,
    "tried_at": None,
    "last_error": "",
    "sent_at": None,
}


async def insert_mails(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write mails; each row holds all columns that are the mail's own."""
    if rows:
        await tx.execute(
            mails.insert(),
            [_BLANK | dict(row) | {"domain": domain_of(row["to_address"])} for row in rows],
        )


async def supersede(
    tx: AsyncConnection, event_id: int, threads: Collection[tuple[int, int | None]]
) -> None:
    """Take out what never went out of these threads (participant; session, None for the welcome).

    That is drafts nobody approved, and mails that were refused, before something newer came.
    """
    rows = await tx.execute(
        sa.select(mails.c.id, mails.c.participant_id, mails.c.session_id).where(
            mails.c.event_id == event_id,
            mails.c.kind.not_in([Kind.NOTICE, Kind.REMINDER, Kind.INSTEAD]),
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


async def requeue(
    tx: AsyncConnection,
    event_id: int,
    *,
    at: datetime,
    states: Collection[State],
    mail_id: int | None = None,
    release: int | None = None,
) -> int:
    """Queue mails of these states again, all, one, or those of a release; return how many.

    Where a later mail of the same participant and session went out or will, the earlier one is overtaken: an
    invitation that was refused never comes after its cancellation.
    """
    chosen = sa.and_(mails.c.event_id == event_id, mails.c.state.in_(states))
    if mail_id is not None:
        chosen = sa.and_(chosen, mails.c.id == mail_id)
    if release is not None:
        chosen = sa.and_(chosen, mails.c.release == release)
    later = mails.alias("later")
    overtaken = sa.exists().where(
        mails.c.kind.in_(THREAD),
        later.c.kind.in_(THREAD),
        later.c.participant_id == mails.c.participant_id,
        later.c.session_id == mails.c.session_id,
        later.c.state.in_((*OPEN, State.SENT, State.UNCERTAIN)),
        later.c.id > mails.c.id,
    )
    await tx.execute(mails.update().where(chosen, overtaken).values(state=State.SUPERSEDED))
    result = await tx.execute(
        mails.update()
        .where(chosen)
        .values(state=State.QUEUED, due_at=at, attempts=0, claim="", claimed_until=None)
    )
    return int(result.rowcount)


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
