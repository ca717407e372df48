"""What stands in the way in the stored programme."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.errors import Conflict
from eventhub.events.actions import get_event_by_id
from eventhub.events.model import Event
from eventhub.wording import Text

from . import lookup, rules, store
from .conflict_lists import gathered
from .model import ProgrammeConflict, Session, Severity, Subject
from .neighbours import list_touching
from .together import margin


class ProgrammeClash(Conflict):
    """A session that cannot stand where it was put; `found` says what is in the way."""

    def __init__(self, found: Sequence[ProgrammeConflict], text: Text | None = None) -> None:
        super().__init__(text or found[0].explanation, [as_json(conflict) for conflict in found])
        self.found = tuple(found)


def as_json(conflict: ProgrammeConflict) -> dict[str, Any]:
    """Return a conflict in the contract's shape, its texts unrendered."""
    return {
        "kind": conflict.kind,
        "severity": conflict.severity.value,
        "sessions": list(conflict.sessions),
        "subject": _subject(conflict.subject),
        "further": [_subject(subject) for subject in conflict.further],
        "count": conflict.count,
        "explanation": conflict.explanation,
    }


def _subject(subject: Subject) -> dict[str, str]:
    return {"type": subject.type, "code": subject.code, "name": subject.name}


async def check_placement(
    tx: AsyncConnection, event: Event, session: Session
) -> list[ProgrammeConflict]:
    """Return what would stand in a session's way, whatever its severity; changes nothing."""
    others = await list_touching(tx, session, margin(event))
    around = await lookup.surroundings(tx, event, [session, *others])
    return rules.conflicts(session, others, event, around)


async def conflicts_of(tx: AsyncConnection, event: Event) -> list[ProgrammeConflict]:
    """Return every conflict of the draft programme."""
    every = await store.list_sessions(tx, event.id, store.Wanted())
    return await in_programme(tx, event, every)


async def in_programme(
    tx: AsyncConnection, event: Event, every: Sequence[Session]
) -> list[ProgrammeConflict]:
    """Return every conflict among some sessions, worked out beside the loop: of a whole event it takes its time."""
    around = await lookup.surroundings(tx, event, every)
    return await asyncio.to_thread(rules.all_conflicts, every, event, around)


async def of_day(
    tx: AsyncConnection, event: Event, day: date
) -> tuple[list[Session], list[ProgrammeConflict]]:
    """Return the sessions of a day and every conflict that one of them has part in, also with the days beside it."""
    begin, end = event.day_bounds(day)
    apart = margin(event)
    start, stop = begin - apart, end + apart
    near = await store.list_sessions(tx, event.id, store.Wanted(start, stop))
    every = [each for each in near if each.ends_at > begin and each.starts_at < end]
    first = min((each.starts_at - apart for each in every), default=start)
    last = max((each.ends_at + apart for each in every), default=stop)
    if first < start or last > stop:
        wanted = store.Wanted(min(first, start), max(last, stop))
        near = await store.list_sessions(tx, event.id, wanted)
    codes = {each.code for each in every}
    found = await in_programme(tx, event, near)
    return every, [conflict for conflict in found if not codes.isdisjoint(conflict.sessions)]


@asynccontextmanager
async def hold(tx: AsyncConnection, event_id: int) -> AsyncIterator[None]:
    """Refuse a change of the event or its rooms that leaves a blocking conflict which was not there before."""
    await lock_event(tx, event_id)
    known = {_identity(conflict) for conflict in await _blocking(tx, event_id)}
    yield
    fresh = [found for found in await _blocking(tx, event_id) if _identity(found) not in known]
    if fresh:
        raise ProgrammeClash(gathered(fresh))


async def _blocking(tx: AsyncConnection, event_id: int) -> list[ProgrammeConflict]:
    found = await conflicts_of(tx, await get_event_by_id(tx, event_id))
    return [conflict for conflict in found if conflict.severity is Severity.BLOCK]


def _identity(conflict: ProgrammeConflict) -> tuple[str, tuple[str, ...], str]:
    return conflict.kind, conflict.sessions, conflict.subject.code
