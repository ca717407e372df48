"""Who answered what to one session, person by person, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import delegations, participants, rsvps, stand_ins, substitutes
from eventhub.sessions.model import Released
from eventhub.sessions.released import released_people

from .answered import given
from .tables import invitations


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's answer; `comment` came with an answer by mail, `delegate` is who comes instead, "" where nobody.

    `in_place_of` is whom they come for, "" for themselves.
    """

    participant_id: int
    name: str
    office: str
    attendance: Attendance
    answer: Rsvp
    answered_at: datetime | None
    delegate: str
    comment: str
    in_place_of: str = ""


async def list_voices(
    tx: AsyncConnection,
    release_id: int,
    session: Released,
    *,
    answer: Rsvp | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Voice]:
    """Return who is invited to a session by id, those after one, perhaps only who gave one answer."""
    query = _voices(release_id, session).where(participants.c.id > after).limit(limit)
    if answer is not None:
        query = query.where(given(participants.c.id) == answer)
    rows = (await tx.execute(query)).all()
    coming = await _coming_instead(tx, [row.id for row in rows], session.session_id)
    return [_voice(row, coming.get(row.id, "")) for row in rows]


def _voices(release_id: int, session: Released) -> sa.Select[Any]:
    everyone = released_people(release_id, session_id=session.session_id).subquery()
    answered = sa.and_(
        rsvps.c.participant_id == participants.c.id, rsvps.c.session_code == session.code
    )
    held = sa.and_(
        invitations.c.participant_id == participants.c.id,
        invitations.c.session_id == session.session_id,
    )
    return (
        sa.select(
            participants.c.id,
            participants.c.name,
            participants.c.in_place_of,
            delegations.c.name.label("office"),
            everyone.c.attendance,
            given(participants.c.id).label("answer"),
            rsvps.c.answered_at,
            invitations.c.delegate,
            invitations.c.comment,
        )
        .join_from(everyone, participants, participants.c.id == everyone.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(rsvps, answered)
        .outerjoin(invitations, held)
        .order_by(participants.c.id)
    )


def _voice(row: Any, coming: str) -> Voice:
    """Return a row as a voice; without somebody who comes instead, the name an answer gave stands for them."""
    named = row.delegate or "" if row.answer == Rsvp.DELEGATED else ""
    return Voice(
        participant_id=row.id,
        name=row.name,
        office=row.office,
        attendance=Attendance(row.attendance),
        answer=Rsvp(row.answer),
        answered_at=row.answered_at,
        delegate=coming or named,
        comment=row.comment or "",
        in_place_of=row.in_place_of or "",
    )


async def _coming_instead(
    tx: AsyncConnection, principals: Sequence[int], session_id: int
) -> dict[int, str]:
    """Return by invited person who comes to a session in their place: name and position."""
    chosen = sa.exists().where(
        stand_ins.c.participant_id == substitutes.c.participant_id,
        stand_ins.c.session_id == session_id,
    )
    query = (
        sa.select(substitutes.c.principal_id, participants.c.name, participants.c.position)
        .join_from(substitutes, participants, participants.c.id == substitutes.c.participant_id)
        .where(substitutes.c.principal_id.in_(principals), sa.or_(substitutes.c.is_whole, chosen))
    )
    return {
        row.principal_id: ", ".join(part for part in (row.name, row.position) if part)
        for row in await tx.execute(query)
    }
