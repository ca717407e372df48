"""What is shown of the queue: never more than a page at a time, counts from the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.invites.model import Kind, Mail, State
from eventhub.invites.queue import mail_of
from eventhub.participants.tables import participants
from eventhub.wording import say

from .tables import mails


@dataclass(frozen=True, slots=True)
class Line:
    """A mail of the outbox page, without its payload."""

    id: int
    name: str
    to_address: str
    subject: str
    kind: Kind
    state: State
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    last_error: str


_SHOWN = [column for column in mails.c if column.name not in {"payload", "message_id"}]


async def count_mails(
    tx: AsyncConnection, event_id: int, release: int | None = None
) -> Mapping[State, int]:
    """Return how many mails stand where, all or those of a release."""
    query = (
        sa.select(mails.c.state, sa.func.count())
        .where(mails.c.event_id == event_id)
        .group_by(mails.c.state)
    )
    if release is not None:
        query = query.where(mails.c.release == release)
    found = {State(row[0]): row[1] for row in await tx.execute(query)}
    return {state: found.get(state, 0) for state in State}


def total(counts: Mapping[State, int]) -> int:
    """Return how many mails there are, without those overtaken."""
    return sum(number for state, number in counts.items() if state is not State.SUPERSEDED)


async def latest_drafted(tx: AsyncConnection, event_id: int) -> int | None:
    """Return the last release of which mails wait for approval."""
    query = sa.select(sa.func.max(mails.c.release)).where(
        mails.c.event_id == event_id, mails.c.state == State.DRAFT
    )
    number: int | None = (await tx.execute(query)).scalar_one()
    return number


async def list_mails(
    tx: AsyncConnection,
    event_id: int,
    *,
    state: State | None = None,
    kind: Kind | None = None,
    wanted: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """Return mails, the newest first, those before one; `wanted` is part of a name or address."""
    query = (
        sa.select(*_SHOWN, sa.func.coalesce(participants.c.name, "").label("name"))
        .outerjoin_from(mails, participants, participants.c.id == mails.c.participant_id)
        .where(mails.c.event_id == event_id, *_matching(state, kind, wanted))
        .order_by(mails.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(mails.c.id < before)
    return [_line(row) for row in await tx.execute(query)]


def _matching(
    state: State | None, kind: Kind | None, wanted: str
) -> Iterator[sa.ColumnElement[bool]]:
    if state is not None:
        yield mails.c.state == state
    if kind is not None:
        yield mails.c.kind == kind
    if wanted:
        yield sa.or_(
            participants.c.name.icontains(wanted, autoescape=True),
            mails.c.to_address.icontains(wanted, autoescape=True),
        )


def _line(row: Any) -> Line:
    return Line(
        id=row.id,
        name=row.name,
        to_address=row.to_address,
        subject=row.subject,
        kind=Kind(row.kind),
        state=State(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        sent_at=row.sent_at,
        last_error=row.last_error,
    )


async def get_mail(tx: AsyncConnection, event_id: int, mail_id: int) -> Mail:
    """Return a mail of the event, or raise NotFound."""
    query = sa.select(mails).where(mails.c.event_id == event_id, mails.c.id == mail_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(say("There is no such mail."))
    return mail_of(row)
