"""Attendance put together from what the stores hold: whole, and a page at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Event
from eventhub.wording import say

from . import people_store, rules, stays, store
from .model import (
    Came,
    DelegationFigures,
    People,
    PersonFigures,
    Report,
    ReportedSession,
    SessionFigures,
    Totals,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A part of a list, and how many there are in all."""

    items: list[T]
    total: int


async def whole_report(
    tx: AsyncConnection, event: Event, *, now: datetime, day: date | None = None
) -> Report:
    """Return the attendance of the event, or of the sessions of one of its days."""
    wanted = store.counted_sessions(event, day)
    sessions = await store.list_sessions(tx, wanted)
    invited = await store.count_invited(tx, event, wanted)
    came = await _came(tx, event, wanted, sessions=sessions, now=now)
    office_of = await store.delegations_of(tx, event)
    named = await store.count_invited_people(tx, event, wanted)
    offices = await store.list_delegations(tx, event)
    by_session = rules.session_figures(sessions, invited, came)
    pairs = [(each, office_of[each.participant_id]) for each in came]
    by_delegation = rules.delegation_figures(offices, named, pairs)
    province_of = await people_store.provinces_of(tx, event)
    return Report(
        _totals(by_session, came, sum(named.values())),
        tuple(by_session),
        tuple(by_delegation),
        tuple(rules.province_figures(by_delegation, province_of)),
    )


async def session_part(
    tx: AsyncConnection,
    event: Event,
    *,
    now: datetime,
    day: date | None,
    start: int,
    limit: int,
) -> Part[SessionFigures]:
    """Return a page of sessions with their figures."""
    wanted = store.counted_sessions(event, day)
    total = await store.count_sessions(tx, wanted)
    sessions = await store.list_sessions(tx, wanted, start=start, limit=limit)
    shown = store.only([session.id for session in sessions])
    invited = await store.count_invited(tx, event, shown)
    came = await _came(tx, event, shown, sessions=sessions, now=now)
    return Part(rules.session_figures(sessions, invited, came), total)


async def delegation_part(
    tx: AsyncConnection,
    event: Event,
    words: Sequence[str],
    *,
    now: datetime,
    day: date | None,
    start: int,
    limit: int,
) -> Part[DelegationFigures]:
    """Return a page of delegations with their figures."""
    wanted = store.counted_sessions(event, day)
    total = await store.count_delegations(tx, event, words)
    offices = await store.list_delegations(tx, event, words, start=start, limit=limit)
    people = store.members([office.id for office in offices])
    sessions = await store.list_sessions(tx, wanted)
    came = await _came(tx, event, wanted, sessions=sessions, now=now, people=people)
    office_of = await store.delegations_of(tx, event, people)
    named = await store.count_invited_people(tx, event, wanted, people)
    pairs = [(each, office_of[each.participant_id]) for each in came]
    return Part(rules.delegation_figures(offices, named, pairs), total)


async def people_part(
    tx: AsyncConnection,
    event: Event,
    code: str,
    *,
    now: datetime,
    start: int,
    limit: int,
) -> tuple[SessionFigures, Part[PersonFigures]]:
    """Return one session's figures and a page of who was invited or came to it, by office; or raise NotFound."""
    wanted = store.counted_sessions(event, code=code)
    sessions = await store.list_sessions(tx, wanted)
    if not sessions:
        raise NotFound(say("There is no session {code}.", code=code))
    invited = await store.count_invited(tx, event, wanted)
    came = await _came(tx, event, wanted, sessions=sessions, now=now)
    (figures,) = rules.session_figures(sessions, invited, came)
    ids = [each.participant_id for each in came]
    by_person = {each.participant_id: each for each in came}
    people = await people_store.list_people(
        tx, event, sessions[0].id, ids, start=start, limit=limit
    )
    total = await people_store.count_people(tx, event, sessions[0].id, ids)
    return figures, Part(
        [
            PersonFigures(*person, invited=way, came=by_person.get(person[0]))
            for person, way in people
        ],
        total,
    )


async def _came(
    tx: AsyncConnection,
    event: Event,
    wanted: sa.Select[int],
    *,
    sessions: Sequence[ReportedSession],
    now: datetime,
    people: sa.Select[int] | None = None,
) -> list[Came]:
    """Work out who came in a thread: an event's viewings are many."""
    found = await stays.list_stays(tx, event, wanted, now, people)
    by_id = {session.id: session for session in sessions}
    return await asyncio.to_thread(rules.attendance, found, by_id, event.presence_rule)


def _totals(figures: Sequence[SessionFigures], came: Sequence[Came], named: int) -> Totals:
    return Totals(
        invited=rules.total(each.invited for each in figures),
        present=rules.total(each.present for each in figures),
        attended=rules.total(each.attended for each in figures),
        people=People(
            named,
            len({each.participant_id for each in came}),
            len({each.participant_id for each in came if each.attended}),
        ),
        minutes=sum(each.minutes for each in came),
    )
