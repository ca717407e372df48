"""Attending another way than invited, within what the organizers allow: on site, in the meeting, by the stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict
from eventhub.events.model import Attendance, Event, room_limit
from eventhub.events.tables import rooms
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import participants, rsvps, switch_rules, switches
from eventhub.sessions.model import Format, Released, SessionState
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import released_sessions
from eventhub.wording import say

from .answered import given

SWITCHED = "participants.switched"
STAYS_AWAY = (Rsvp.DECLINED, Rsvp.DELEGATED)


@dataclass(frozen=True, slots=True)
class SwitchRule:
    """What is allowed. `onsite_limit`: how many may be expected on site, None for the room's limit."""

    is_allowed: bool
    onsite_limit: int | None = None


NONE_ALLOWED = SwitchRule(is_allowed=False)


@dataclass(frozen=True, slots=True)
class Seats:
    """How many are expected on site (not declined, not delegated), of how many there is room for (None: no room)."""

    expected: int
    limit: int | None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.expected > self.limit

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.expected >= self.limit


def ways(format: str, *, has_meeting: bool, has_stream: bool) -> tuple[Attendance, ...]:
    """Return the ways in which a session can be attended."""
    offered = {
        Attendance.ONSITE: format != Format.ONLINE,
        Attendance.MEETING: format != Format.ONSITE and has_meeting,
        Attendance.STREAM: has_stream,
    }
    return tuple(way for way, is_offered in offered.items() if is_offered)


async def list_rules(tx: AsyncConnection, event_id: int) -> dict[int | None, SwitchRule]:
    """Return what is allowed by session id, for all others by None."""
    query = sa.select(switch_rules).where(switch_rules.c.event_id == event_id)
    return {
        row.session_id: SwitchRule(row.is_allowed, row.onsite_limit)
        for row in await tx.execute(query)
    }


def rule_of(rules: dict[int | None, SwitchRule], session_id: int) -> SwitchRule:
    """Return what is allowed for a session."""
    return rules.get(session_id) or rules.get(None) or NONE_ALLOWED


async def save_rule(
    tx: AsyncConnection, event_id: int, session_id: int | None, rule: SwitchRule | None
) -> None:
    """Write what is allowed for a session or (None) all others; None for a rule: as for all others."""
    await lock_event(tx, event_id)
    await tx.execute(
        switch_rules.delete().where(
            switch_rules.c.event_id == event_id,
            switch_rules.c.session_id.is_(None)
            if session_id is None
            else switch_rules.c.session_id == session_id,
        )
    )
    if rule is not None:
        await tx.execute(
            switch_rules.insert().values(
                event_id=event_id,
                session_id=session_id,
                is_allowed=rule.is_allowed,
                onsite_limit=rule.onsite_limit,
            )
        )


async def count_seats(
    tx: AsyncConnection, event: Event, release_id: int, session: Released, rule: SwitchRule
) -> Seats:
    """Return who is expected on site at a session, and how many may be."""
    everyone = released_people(release_id, session_id=session.session_id).subquery()
    query = (
        sa.select(sa.func.count())
        .select_from(everyone)
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == everyone.c.participant_id,
                rsvps.c.session_code == session.code,
            ),
        )
        .where(
            everyone.c.attendance == Attendance.ONSITE,
            given(everyone.c.participant_id).not_in(STAYS_AWAY),
        )
    )
    expected = int((await tx.execute(query)).scalar_one())
    return Seats(expected, limit_of(session, await list_limits(tx, event), rule))


def limit_of(session: Released, limits: Mapping[str, int], rule: SwitchRule) -> int | None:
    """Return how many may be on site at a session, None when it has no room."""
    limit = limits.get(session.room_code) if session.room_code else None
    if rule.onsite_limit is None:
        return limit
    return rule.onsite_limit if limit is None else min(limit, rule.onsite_limit)


async def list_limits(tx: AsyncConnection, event: Event) -> dict[str, int]:
    """Return by code how many each room may hold."""
    query = sa.select(rooms.c.code, rooms.c.capacity, rooms.c.protocol_percent).where(
        rooms.c.event_id == event.id
    )
    return {
        row.code: room_limit(row.capacity, row.protocol_percent, event.protocol)
        for row in await tx.execute(query)
    }


async def switch(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    session: Released,
    release_id: int,
    *,
    way: Attendance,
    at: datetime,
) -> None:
    """Let somebody attend a session another way; Conflict says why not. Who was invited gets an update.

    Their ticket follows: who comes to anything on site is registered so, who comes to nothing more is not.
    """
    await lock_event(tx, event.id)
    rule = rule_of(await list_rules(tx, event.id), session.session_id)
    _check_offered(session, rule, way)
    if way is Attendance.ONSITE:
        _check_free(session, await count_seats(tx, event, release_id, session, rule))
    await _save(tx, participant_id, {session.session_id: way}, at)
    await _register(tx, participant_id, release_id, way, at)
    payload = {"participants": [participant_id], "principal": participant_id}
    await outbox.add(tx, SWITCHED, payload, event_id=event.id, at=at)


def _check_offered(session: Released, rule: SwitchRule, way: Attendance) -> None:
    offered = ways(session.format, has_meeting=bool(session.meeting_url), has_stream=session.stream)
    if not rule.is_allowed or way not in offered:
        raise Conflict(
            say("{session} cannot be attended in this way by your own choice. Please ask the organizers.",
                session=session.title)
        )  # fmt: skip


def _check_free(session: Released, seats: Seats) -> None:
    if seats.is_full:
        raise Conflict(
            say(
                "All {limit} places on site at {session} are taken. You can attend from afar.",
                limit=seats.limit,
                session=session.title,
            )
        )


async def _register(
    tx: AsyncConnection, participant_id: int, release_id: int, way: Attendance, at: datetime
) -> None:
    """Write how somebody attends the event on the whole, which their ticket goes by.

    Sessions that go by this (whoever speaks somewhere is invited as they attend) stay as they were.
    """
    before = await _ways_of(tx, release_id, participant_id)
    coming = {one.attendance for one in before.values() if one.ends_at > at}
    if way is not Attendance.ONSITE and Attendance.ONSITE in coming:
        return
    onsite = participants.c.attendance == Attendance.ONSITE
    differs = ~onsite if way is Attendance.ONSITE else onsite
    changed = await tx.execute(
        participants.update()
        .where(participants.c.id == participant_id, differs)
        .values(attendance=way, version=participants.c.version + 1)
    )
    if not changed.rowcount:
        return
    after = await _ways_of(tx, release_id, participant_id)
    kept = {id: one.attendance for id, one in before.items() if after[id] != one}
    await _save(tx, participant_id, kept, at)


@dataclass(frozen=True, slots=True)
class _Seat:
    """How somebody attends a session, and when it ends."""

    attendance: Attendance
    ends_at: datetime


async def _ways_of(tx: AsyncConnection, release_id: int, participant_id: int) -> dict[int, _Seat]:
    """Return how somebody attends which session of a release that is not cancelled."""
    invited = released_people(release_id, participant_id=participant_id).subquery()
    held = released_sessions.c
    query = sa.select(invited.c.session_id, invited.c.attendance, held.ends_at).join(
        released_sessions,
        sa.and_(held.release_id == release_id, held.session_id == invited.c.session_id),
    )
    query = query.where(held.state != SessionState.CANCELLED)
    return {
        row.session_id: _Seat(Attendance(row.attendance), row.ends_at)
        for row in await tx.execute(query)
    }


async def _save(
    tx: AsyncConnection, participant_id: int, chosen: Mapping[int, Attendance], at: datetime
) -> None:
    """Write how somebody attends some sessions, by id."""
    await tx.execute(
        switches.delete().where(
            switches.c.participant_id == participant_id, switches.c.session_id.in_(chosen)
        )
    )
    for session_id, way in chosen.items():
        await tx.execute(
            switches.insert().values(
                participant_id=participant_id,
                session_id=session_id,
                attendance=way,
                switched_at=at,
            )
        )
