"""What is shown of invitations and of the queue: never more than a page at a time, counts from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.invites.model import Kind, Mail, Method, State
from eventhub.invites.queue import mail_of
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import participants, rsvps
from eventhub.sessions.tables import sessions
from eventhub.wording import say

from .tables import invitations, mails


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one invitation stands: what was sent last, how the mail fared, what the answer is.

    `mail_error` is the server's reason, `delegate` who comes instead (both "" where none), `comment`
    what was written beside the last answer by mail.
    """

    id: int
    participant_id: int
    email: str
    session: str
    uid: str
    sequence: int
    method: Method
    attendance: Attendance
    rsvp: str
    in_place_of: str | None
    mail: State
    mail_error: str
    delegate: str
    comment: str


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


async def list_standings(
    tx: AsyncConnection, event_id: int, after: int = 0, limit: int | None = None
) -> list[Standing]:
    """Return invitations by id, those after one."""
    newest = (
        sa.select(sa.func.max(mails.c.id).label("id"))
        .where(
            mails.c.event_id == event_id,
            mails.c.session_id.is_not(None),
            mails.c.state != State.SUPERSEDED,
        )
        .group_by(mails.c.participant_id, mails.c.session_id)
        .subquery()
    )
    latest = (
        sa.select(
            mails.c.participant_id,
            mails.c.session_id,
            mails.c.state,
            mails.c.to_address,
            mails.c.last_error,
        )
        .join(newest, newest.c.id == mails.c.id)
        .subquery()
    )
    query = (
        sa.select(
            invitations,
            sessions.c.code,
            participants.c.in_place_of,
            latest.c.to_address,
            latest.c.state,
            latest.c.last_error,
            rsvps.c.status,
        )
        .join_from(invitations, sessions, sessions.c.id == invitations.c.session_id)
        .join(participants, participants.c.id == invitations.c.participant_id)
        .join(
            latest,
            sa.and_(
                latest.c.participant_id == invitations.c.participant_id,
                latest.c.session_id == invitations.c.session_id,
            ),
        )
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == invitations.c.participant_id,
                rsvps.c.session_code == sessions.c.code,
            ),
        )
        .where(invitations.c.event_id == event_id, invitations.c.id > after)
        .order_by(invitations.c.id)
        .limit(limit)
    )
    return [_standing(row) for row in await tx.execute(query)]


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.id,
        participant_id=row.participant_id,
        email=row.to_address,
        session=row.code,
        uid=row.uid,
        sequence=row.sequence,
        method=Method(row.method),
        attendance=Attendance(row.attendance),
        rsvp=row.status or "needs_action",
        in_place_of=row.in_place_of,
        mail=State(row.state),
        mail_error=row.last_error,
        delegate=row.delegate if row.status == Rsvp.DELEGATED else "",
        comment=row.comment,
    )


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
        .where(mails.c.event_id == event_id)
        .order_by(mails.c.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(mails.c.state == state)
    if kind is not None:
        query = query.where(mails.c.kind == kind)
    if wanted:
        query = query.where(
            sa.or_(
                participants.c.name.icontains(wanted, autoescape=True),
                mails.c.to_address.icontains(wanted, autoescape=True),
            )
        )
    if before is not None:
        query = query.where(mails.c.id < before)
    return [
        Line(
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
        for row in await tx.execute(query)
    ]


async def get_mail(tx: AsyncConnection, event_id: int, mail_id: int) -> Mail:
    """Return a mail of the event, or raise NotFound."""
    query = sa.select(mails).where(mails.c.event_id == event_id, mails.c.id == mail_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(say("There is no such mail."))
    return mail_of(row)
