"""Leaving at a set hour: whoever is still counted inside is recorded as having left.

An exit is written as of that hour, through the checkpoint of the entry, by `auto`. It has the same nonce whenever it is
written, so doing it again writes nothing. Plain SQL (see `plain`).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.db.plain import Conversation, Statement, Turn, hold
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.events.tables import events as events_table
from eventhub.installation import Installation
from eventhub.web.access import Right
from eventhub.wording import say

from . import answers, entries, ledger
from .facts import Standing, standing
from .model import Checkpoint, Fact, Holder, Status, Way
from .recording import write_visits
from .surroundings import Surroundings
from .tables import crowds

PAUSE_S = 60.0


async def leave_at_the_set_hour(installation: Installation) -> None:
    """Let those leave who should have by now, at every event that says so."""
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        due = [(event, on) for event in await _set(tx) for on in await _crowded(tx, event, at)]
    for event, on in due:
        async with installation.database.transaction() as tx:
            if await hold(tx, leave(event, on, at=at)):
                right = Right.REPORTS_READ.value
                await news.tell(
                    tx, "occupancy", {"rooms": []}, event_id=event.id, at=at, right=right
                )


def leave(event: Event, on: date, *, at: datetime) -> Conversation[int]:
    """Record the exits of one event day; return how many."""
    assert event.auto_exit_at is not None
    hour = hour_of(event, event.auto_exit_at, on)
    yield Turn(event.id)
    rows = yield Statement(
        """SELECT DISTINCT participant_id FROM visits
           WHERE event_id = :event AND day = :day AND left_at IS NULL AND entered_at < :hour""",
        {"event": event.id, "day": on, "hour": hour},
    )
    people = [row[0] for row in rows]
    if not people:
        return 0
    around = Surroundings(event)
    for fact in (yield from ledger.read_facts(people, [on])):
        around.facts.setdefault((fact.participant_id or 0, on), []).append(fact)
    holders = yield from ledger.read_people(people)
    exits = []
    for key, told in around.facts.items():
        around.visits[key] = around.stored_visits[key] = standing(told).all_visits()
        exits += [
            fact
            for fact in _exits(event, told, hour)
            if all(fact.nonce != known.nonce for known in told)
        ]
    doors = yield from ledger.read_checkpoints(event, {fact.checkpoint for fact in exits})
    for fact in exits:
        around.take_in(fact)
    written = [
        _passage(event, fact, doors[fact.checkpoint], holders[fact.participant_id or 0], at)
        for fact in exits
    ]
    yield from entries.insert_passages(written)
    yield from write_visits(event, around)
    return len(exits)


def hour_of(event: Event, hour: time, on: date) -> datetime:
    """Return when an hour strikes on an event day: what lies before the day's start belongs to the next date."""
    shown = on if hour >= event.day_starts_at else on + timedelta(days=1)
    return datetime.combine(shown, hour, event.zone)


def _exits(event: Event, told: list[Fact], hour: datetime) -> Iterator[Fact]:
    """Yield one exit by the gate, which ends the stays in rooms too, or one by each door."""
    stood: Standing = standing([fact for fact in told if fact.scanned_at < hour])
    for place in [None] if None in stood.inside else list(stood.inside):
        entry = stood.inside[place]
        name = f"eventhub/left/{event.id}/{entry.day}/{entry.participant_id}/{place or 0}"
        yield Fact(
            scanned_at=hour,
            nonce=str(uuid5(NAMESPACE_URL, name)),
            participant_id=entry.participant_id,
            day=entry.day,
            way=Way.EXIT,
            checkpoint=entry.checkpoint,
            room_id=place,
            status=Status.OK,
        )


def _passage(
    event: Event, fact: Fact, door: Checkpoint, holder: Holder, at: datetime
) -> list[object]:
    text = say("Counted as gone at the set hour.")
    return [
        event.id, fact.nonce, door.id, fact.participant_id, holder.ticket_id, None, fact.way, fact.scanned_at, at,
        fact.day, fact.status, None, None, None, False, None, False, None, "", door.place_limit,
        answers.pack(text, None, door.place_limit, ()), "auto", 0, f"{fact.scanned_at:%H:%M}",
    ]  # fmt: skip


async def _set(tx: AsyncConnection) -> list[Event]:
    query = sa.select(events_table).where(events_table.c.auto_exit_at.is_not(None))
    return [events.event_of(row) for row in await tx.execute(query)]


async def _crowded(tx: AsyncConnection, event: Event, at: datetime) -> list[date]:
    """Return the event days on which the hour has struck and somebody is still counted inside."""
    assert event.auto_exit_at is not None
    query = sa.select(crowds.c.day).where(crowds.c.event_id == event.id, crowds.c.inside > 0)
    days = (await tx.execute(query.distinct())).scalars()
    return [on for on in days if hour_of(event, event.auto_exit_at, on) <= at]
