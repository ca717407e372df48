"""An invitation as an answer by mail finds it, and what is noted of the answer."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.model import Rsvp
from eventhub.participants.tables import participants, rsvps
from eventhub.sessions.tables import sessions

from .model import Facts, Method
from .reply_model import Held, Reply
from .tables import invitations


async def find_held(tx: AsyncConnection, uid: str) -> Held | None:
    """Return the invitation of a UID with the answer known to it; None where none was sent."""
    return await _find(tx, invitations.c.uid == uid)


async def find_held_by(tx: AsyncConnection, participant_id: int, session_id: int) -> Held | None:
    """Return the same of what a participant holds of a session."""
    return await _find(
        tx,
        sa.and_(
            invitations.c.participant_id == participant_id, invitations.c.session_id == session_id
        ),
    )


async def _find(tx: AsyncConnection, wanted: sa.ColumnElement[bool]) -> Held | None:
    query = (
        sa.select(
            invitations,
            participants.c.name,
            sessions.c.code,
            rsvps.c.status,
            rsvps.c.answered_at,
        )
        .join_from(invitations, participants, participants.c.id == invitations.c.participant_id)
        .join(sessions, sessions.c.id == invitations.c.session_id)
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == invitations.c.participant_id,
                rsvps.c.session_code == sessions.c.code,
            ),
        )
        .where(wanted)
    )
    row = (await tx.execute(query)).one_or_none()
    return _held(row) if row else None


def _held(row: Any) -> Held:
    told = Facts.read(row.told)
    return Held(
        id=row.id,
        event_id=row.event_id,
        participant_id=row.participant_id,
        session_id=row.session_id,
        uid=row.uid,
        name=row.name,
        session=row.code,
        title=told.title,
        method=Method(row.method),
        sequence=row.sequence,
        address=told.address,
        replied_sequence=row.replied_sequence,
        replied_dtstamp=row.replied_dtstamp,
        replied_at=row.replied_at,
        answered_at=row.answered_at,
        answer=Rsvp(row.status or Rsvp.NEEDS_ACTION),
    )


async def save_reply(tx: AsyncConnection, held: Held, reply: Reply, at: datetime) -> None:
    """Note on an invitation which answer by mail counts now."""
    await tx.execute(
        invitations.update()
        .where(invitations.c.id == held.id)
        .values(
            replied_sequence=held.sequence,
            replied_dtstamp=reply.dtstamp,
            replied_at=at,
            delegate=reply.delegate,
            comment=reply.comment,
        )
    )
