"""Where every invitation stands: what was sent last, how that mail fared, what the answer is."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import participants, rsvps
from eventhub.sessions.tables import sessions

from .model import Method, State
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


async def list_standings(
    tx: AsyncConnection, event_id: int, after: int = 0, limit: int | None = None
) -> list[Standing]:
    """Return invitations by id, those after one."""
    latest = _latest(event_id).subquery()
    mailed = sa.and_(
        latest.c.participant_id == invitations.c.participant_id,
        latest.c.session_id == invitations.c.session_id,
    )
    answered = sa.and_(
        rsvps.c.participant_id == invitations.c.participant_id,
        rsvps.c.session_code == sessions.c.code,
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
        .join(latest, mailed)
        .outerjoin(rsvps, answered)
        .where(invitations.c.event_id == event_id, invitations.c.id > after)
        .order_by(invitations.c.id)
        .limit(limit)
    )
    return [_standing(row) for row in await tx.execute(query)]


def _latest(event_id: int) -> sa.Select[Any]:
    """Return the query of the last mail of every invitation, of those not overtaken."""
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
    return sa.select(
        mails.c.participant_id,
        mails.c.session_id,
        mails.c.state,
        mails.c.to_address,
        mails.c.last_error,
    ).join(newest, newest.c.id == mails.c.id)


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
