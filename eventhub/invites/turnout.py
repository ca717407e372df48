"""Who answered what: per session of the last release in numbers, and one session's people a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.invites.model import Method
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import delegations, participants, rsvps
from eventhub.sessions.actions import find_released, latest_release, list_released
from eventhub.sessions.model import Released, SessionState
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import sessions
from eventhub.wording import say

from .tables import invitations


@dataclass(frozen=True, slots=True)
class Turnout:
    """A session's answers: how many gave which, of how many the release invites.

    `mailed` is how many of them hold an invitation by mail; the others have their page.
    """

    code: str
    title: str
    starts_at: datetime
    answers: Mapping[Rsvp, int]
    mailed: int

    @property
    def invited(self) -> int:
        return sum(self.answers.values())


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's answer; `delegate` and `comment` came with an answer by mail, "" where not."""

    participant_id: int
    name: str
    office: str
    attendance: Attendance
    answer: Rsvp
    answered_at: datetime | None
    delegate: str
    comment: str


async def list_turnout(
    tx: AsyncConnection,
    event_id: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Turnout]:
    """Return the last release's sessions within [start, end) to which somebody is invited, earliest first."""
    release = await latest_release(tx, event_id)
    if release is None:
        return []
    held = [
        one
        for one in await list_released(tx, release.id, start=start, end=end)
        if one.state != SessionState.CANCELLED
    ]
    counted = await _count(tx, release.id, [one.session_id for one in held])
    mailed = await _count_mailed(tx, event_id)
    turnouts = (
        Turnout(
            code=one.code,
            title=one.title,
            starts_at=one.starts_at,
            answers={answer: counted.get((one.session_id, answer), 0) for answer in Rsvp},
            mailed=mailed.get(one.session_id, 0),
        )
        for one in held
    )
    return [turnout for turnout in turnouts if turnout.invited]


async def _count(
    tx: AsyncConnection, release_id: int, session_ids: Sequence[int]
) -> dict[tuple[int, Rsvp], int]:
    everyone = released_people(release_id).subquery()
    query = (
        sa.select(everyone.c.session_id, rsvps.c.status, sa.func.count())
        .join_from(everyone, sessions, sessions.c.id == everyone.c.session_id)
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == everyone.c.participant_id,
                rsvps.c.session_code == sessions.c.code,
            ),
        )
        .where(everyone.c.session_id.in_(session_ids))
        .group_by(everyone.c.session_id, rsvps.c.status)
    )
    counted: dict[tuple[int, Rsvp], int] = {}
    for session_id, status, number in await tx.execute(query):
        answer = Rsvp(status or Rsvp.NEEDS_ACTION)
        counted[session_id, answer] = counted.get((session_id, answer), 0) + number
    return counted


async def _count_mailed(tx: AsyncConnection, event_id: int) -> dict[int, int]:
    query = (
        sa.select(invitations.c.session_id, sa.func.count())
        .where(invitations.c.event_id == event_id, invitations.c.method == Method.REQUEST)
        .group_by(invitations.c.session_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def get_invited_session(
    tx: AsyncConnection, event_id: int, code: str
) -> tuple[int, Released]:
    """Return the last release's id and a session of it, or raise NotFound."""
    release = await latest_release(tx, event_id)
    found = await find_released(tx, release.id, code) if release else None
    if release is None or found is None:
        raise NotFound(say("There is no session {code}.", code=code))
    return release.id, found


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
    everyone = released_people(release_id, session_id=session.session_id).subquery()
    given = sa.func.coalesce(rsvps.c.status, str(Rsvp.NEEDS_ACTION))
    query = (
        sa.select(
            participants.c.id,
            participants.c.name,
            delegations.c.name.label("office"),
            everyone.c.attendance,
            given.label("answer"),
            rsvps.c.answered_at,
            invitations.c.delegate,
            invitations.c.comment,
        )
        .join_from(everyone, participants, participants.c.id == everyone.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == participants.c.id, rsvps.c.session_code == session.code
            ),
        )
        .outerjoin(
            invitations,
            sa.and_(
                invitations.c.participant_id == participants.c.id,
                invitations.c.session_id == session.session_id,
            ),
        )
        .where(participants.c.id > after)
        .order_by(participants.c.id)
        .limit(limit)
    )
    if answer is not None:
        query = query.where(given == answer)
    return [
        Voice(
            participant_id=row.id,
            name=row.name,
            office=row.office,
            attendance=Attendance(row.attendance),
            answer=Rsvp(row.answer),
            answered_at=row.answered_at,
            delegate=row.delegate or "" if row.answer == Rsvp.DELEGATED else "",
            comment=row.comment or "",
        )
        for row in await tx.execute(query)
    ]
