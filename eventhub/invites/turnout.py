"""Who answered what: per session of the last release in numbers, and one session's people a page at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance, Event
from eventhub.invites.model import Method
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import delegations, participants, rsvps, substitutes
from eventhub.sessions.actions import find_released, latest_release, list_released
from eventhub.sessions.model import Released, SessionState
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import released_sessions, sessions
from eventhub.wording import say

from .answered import given
from .switching import STAYS_AWAY, Seats, limit_of, list_limits, list_rules, rule_of
from .tables import invitations


@dataclass(frozen=True, slots=True)
class Turnout:
    """A session's answers: how many gave which, of how many the release invites.

    `answers` are those of the invited and of who comes in their place; `substitutes` is how many those are, who are
    no further invited. `mailed` is how many hold an invitation by mail; the others have their page.
    """

    code: str
    title: str
    starts_at: datetime
    answers: Mapping[Rsvp, int]
    mailed: int
    substitutes: int
    onsite: Seats

    @property
    def invited(self) -> int:
        return sum(self.answers.values()) - self.substitutes


@dataclass(frozen=True, slots=True)
class Office:
    """A delegation's answers to one session or all: seats by answer, and how many are expected on site."""

    code: str
    name: str
    answers: Mapping[Rsvp, int]
    substitutes: int
    onsite: int

    @property
    def invited(self) -> int:
        return sum(self.answers.values()) - self.substitutes


async def list_turnout(
    tx: AsyncConnection,
    event: Event,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Turnout]:
    """Return the last release's sessions within [start, end) to which somebody is invited, earliest first."""
    release = await latest_release(tx, event.id)
    if release is None:
        return []
    held = [
        one
        for one in await list_released(tx, release.id, start=start, end=end)
        if one.state != SessionState.CANCELLED
    ]
    counts = await _count(tx, release.id, [one.session_id for one in held])
    mailed = await _count_mailed(tx, event.id)
    limits = await list_limits(tx, event)
    rules = await list_rules(tx, event.id)
    turnouts = (
        Turnout(
            code=one.code,
            title=one.title,
            starts_at=one.starts_at,
            answers=_by_answer(counts.get(one.session_id, ())),
            mailed=mailed.get(one.session_id, 0),
            substitutes=sum(each.people for each in counts.get(one.session_id, ()) if each.instead),
            onsite=Seats(
                sum(each.people for each in counts.get(one.session_id, ()) if each.is_expected),
                limit_of(one, limits, rule_of(rules, one.session_id)),
            ),
        )
        for one in held
    )
    return [turnout for turnout in turnouts if turnout.invited]


@dataclass(frozen=True, slots=True)
class _Count:
    answer: Rsvp
    attendance: Attendance
    instead: bool
    people: int

    @property
    def is_expected(self) -> bool:
        return self.attendance is Attendance.ONSITE and self.answer not in STAYS_AWAY


def _by_answer(counts: Iterable[_Count]) -> dict[Rsvp, int]:
    found = dict.fromkeys(Rsvp, 0)
    for one in counts:
        found[one.answer] += one.people
    return found


async def _count(
    tx: AsyncConnection, release_id: int, session_ids: Sequence[int]
) -> dict[int, list[_Count]]:
    """Return by session how many answered what."""
    everyone = released_people(release_id).subquery()
    return await _grouped(
        tx, everyone, everyone.c.session_id, everyone.c.session_id.in_(session_ids)
    )


async def _grouped(
    tx: AsyncConnection,
    everyone: sa.Subquery,
    key: sa.ColumnElement[int],
    wanted: sa.ColumnElement[bool],
) -> dict[int, list[_Count]]:
    query = (
        sa.select(
            key.label("key"),
            given(everyone.c.participant_id).label("status"),
            everyone.c.attendance,
            substitutes.c.participant_id.is_not(None).label("instead"),
            sa.func.count().label("people"),
        )
        .join_from(everyone, sessions, sessions.c.id == everyone.c.session_id)
        .join(participants, participants.c.id == everyone.c.participant_id)
        .outerjoin(substitutes, substitutes.c.participant_id == everyone.c.participant_id)
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == everyone.c.participant_id,
                rsvps.c.session_code == sessions.c.code,
            ),
        )
        .where(wanted)
        .group_by(sa.text("1"), sa.text("2"), sa.text("3"), sa.text("4"))
    )
    counted: dict[int, list[_Count]] = {}
    for row in await tx.execute(query):
        answer = Rsvp(row.status)
        one = _Count(answer, Attendance(row.attendance), bool(row.instead), row.people)
        counted.setdefault(row.key, []).append(one)
    return counted


async def list_offices(
    tx: AsyncConnection, event_id: int, release_id: int, session_id: int | None = None
) -> list[Office]:
    """Return by delegation, by name, what was answered to a session or (None) to all that are not cancelled."""
    everyone = released_people(release_id, session_id=session_id).subquery()
    off = sa.exists().where(
        released_sessions.c.release_id == release_id,
        released_sessions.c.session_id == everyone.c.session_id,
        released_sessions.c.state == SessionState.CANCELLED,
    )
    counts = await _grouped(tx, everyone, participants.c.delegation_id, ~off)
    query = (
        sa.select(delegations.c.id, delegations.c.code, delegations.c.name)
        .where(delegations.c.event_id == event_id)
        .order_by(delegations.c.name, delegations.c.id)
    )
    return [
        Office(
            code=row.code,
            name=row.name,
            answers=_by_answer(counts[row.id]),
            substitutes=sum(one.people for one in counts[row.id] if one.instead),
            onsite=sum(one.people for one in counts[row.id] if one.is_expected),
        )
        for row in await tx.execute(query)
        if row.id in counts
    ]


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
