"""The programme as the welcome tells it in words, to whoever gets no invitation to most of it: by day."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event

from .choices import Choices, Told
from .model import Item
from .programmes import Programme

# What a mail tells of one day and in all; the rest stands on the personal page.
OF_A_DAY = 8
IN_ALL = 60

Days = list[dict[str, Any]]
# The sessions told in words, and those to which an invitation of its own goes out.
Agenda = tuple[frozenset[int], frozenset[int]]


async def read_days(
    tx: AsyncConnection, event: Event, programme: Programme, choices: Choices
) -> dict[int, Days]:
    """Return by participant the days of who is told something in words: `{"day", "sessions", "told"}`.

    `sessions` counts those without an invitation of their own; `told` are the first of the day, each
    `{"title", "starts_at", "ends_at", "time_zone", "is_asked"}`.
    """
    in_words = await _read(tx, _select(programme, choices, Told.DIGEST))
    theirs = sa.select(_select(programme, choices, Told.DIGEST).subquery().c.participant_id)
    asked = await _read(tx, _select(programme, choices, Told.REQUEST, theirs)) if in_words else {}
    written: dict[Agenda, Days] = {}
    found: dict[int, Days] = {}
    for id, sessions in in_words.items():
        agenda = frozenset(sessions), frozenset(asked.get(id, ()))
        if agenda not in written:
            written[agenda] = days_of(event, programme.items, *agenda)
        found[id] = written[agenda]
    return found


async def _read(tx: AsyncConnection, query: sa.Select[int, int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for session_id, participant_id in await tx.execute(query):
        found[participant_id].add(session_id)
    return found


def _select(
    programme: Programme, choices: Choices, told: Told, among: sa.Select[int] | None = None
) -> sa.Select[int, int]:
    """Select who is told so of which session, perhaps only of some people."""
    everyone = programme.people.subquery()
    cells = [
        sa.and_(
            everyone.c.attendance == way,
            everyone.c.session_id.in_(_sessions(programme, choices, told, way)),
        )
        for way in Attendance
    ]
    query = sa.select(everyone.c.session_id, everyone.c.participant_id).where(sa.or_(*cells))
    return query if among is None else query.where(everyone.c.participant_id.in_(among))


def _sessions(programme: Programme, choices: Choices, told: Told, way: Attendance) -> list[int]:
    return [
        item.id
        for item in programme.items.values()
        if not item.is_cancelled and choices.of(item.kind, way) is told
    ]


def days_of(
    event: Event, items: Mapping[int, Item], in_words: frozenset[int], asked: frozenset[int]
) -> Days:
    """Return the days of some sessions, as `read_days` does; `asked` have an invitation of their own."""
    by_day: dict[date, list[Item]] = defaultdict(list)
    for item in sorted((items[id] for id in in_words | asked), key=lambda i: (i.starts_at, i.id)):
        by_day[event.day_of(item.starts_at)].append(item)
    left, found = IN_ALL, []
    for day, held in sorted(by_day.items()):
        # What somebody is asked to comes first, so that it is never what there is no room for.
        first = sorted(held, key=lambda item: item.id not in asked)[: min(OF_A_DAY, left)]
        left -= len(first)
        told = [_told(item, is_asked=item.id in asked) for item in held if item in first]
        many = sum(item.id in in_words for item in held)
        more = len(held) - len(told)
        found.append({"day": day.isoformat(), "sessions": many, "told": told, "more": more})
    return found


def _told(item: Item, *, is_asked: bool) -> dict[str, Any]:
    return {
        "title": item.title,
        "starts_at": item.starts_at.isoformat(),
        "ends_at": item.ends_at.isoformat(),
        "time_zone": item.time_zone,
        "is_asked": is_asked,
    }
