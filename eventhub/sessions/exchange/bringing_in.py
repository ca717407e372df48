"""Brings a read file into the programme: makes missing rooms and speakers, writes sessions, lists conflicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event, Room
from eventhub.language import Reader
from eventhub.participants import actions as people
from eventhub.participants.model import Delegation, DelegationKind, Details
from eventhub.participants.tables import participants
from eventhub.sessions import conflicts, store
from eventhub.sessions.model import AnySession, ProgrammeConflict
from eventhub.sessions.programme_news import tell_changed
from eventhub.wording import render, say

from .item import Frame, Item, Listed, RowFault
from .planning import (
    Known,
    Plan,
    called,
    free_code,
    is_nowhere,
    match,
    plan,
    room_key,
    rooms_by_name,
)
from .reading import read_programme

SPEAKERS = "speakers"
NOWHERE = "to-be-announced"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in the contract's words; reasons are not yet rendered."""

    created: int
    updated: int
    unchanged: int
    faulty: tuple[RowFault, ...]
    conflicts: Sequence[ProgrammeConflict]

    @property
    def counts(self) -> dict[str, int]:
        return {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}


async def read_for(event: Event, content: bytes, zone: str) -> Listed:
    """Return what a file says, read for an event; `zone` is the zone of times that name none ("" when not given)."""
    end = event.day_bounds(max(event.days))[1]
    return await read_programme(content, Frame(zone, event.day_starts_at, end))


async def import_programme(
    tx: AsyncConnection, event: Event, listed: Listed, *, at: datetime, dry_run: bool
) -> Imported:
    """Write what a file says over the programme; a dry run writes nothing and answers the same."""
    await lock_event(tx, event.id)
    held = await tx.begin_nested()
    planned = await _write(tx, event, listed, at)
    found = await conflicts.conflicts_of(tx, event)
    if dry_run:
        await held.rollback()
    else:
        await held.commit()
        written = (*planned.created, *planned.changed)
        await tell_changed(tx, event.id, (each.code for each in written), at=at, why="imported")
    faulty = sorted([*listed.faulty, *planned.faulty], key=lambda fault: fault.row)
    touched = tuple(each for each in found if not planned.codes.isdisjoint(each.sessions))
    return Imported(
        len(planned.created), len(planned.changed), planned.unchanged, tuple(faulty), touched
    )


async def _write(tx: AsyncConnection, event: Event, listed: Listed, at: datetime) -> Plan:
    planned = (await prepare(tx, event, listed, at)).plan
    await store.insert_sessions(tx, planned.created)
    await store.save_sessions(tx, planned.changed)
    return planned


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a file changes, and the programme's sessions: all, and those the file means (ids)."""

    plan: Plan
    sessions: Sequence[AnySession]
    meant: frozenset[int]


async def prepare(tx: AsyncConnection, event: Event, listed: Listed, at: datetime) -> Prepared:
    """Make the rooms and speakers a file names and the event lacks; return what it changes, not yet written."""
    wanted = store.Wanted()
    sessions = await store.list_any(
        tx, event.id, wanted, scheduled=None, after=None, limit=store.MOST
    )
    rooms = await _rooms(tx, event, listed)
    speakers = await _speakers(tx, event, listed.items, at)
    meant = match(listed.items, sessions)
    homeless = any(is_nowhere(item) and n not in meant for n, item in enumerate(listed.items))
    nowhere = await _nowhere(tx, event) if homeless else None
    planned = plan(listed.items, Known(event, sessions, rooms, speakers, nowhere))
    return Prepared(planned, sessions, frozenset(session.id for session in meant.values()))


async def _rooms(tx: AsyncConnection, event: Event, listed: Listed) -> dict[str, int]:
    """Return the rooms by name, those the file names and the event lacks made; their seats as told, else none."""
    known = await events.list_rooms(tx, event.id)
    by_name = rooms_by_name(known)
    taken = {room.code for room in known}
    seats = {called(name): count for name, count in listed.seats.items()}
    for item in listed.items:
        key = room_key(item, by_name)
        if not item.room or key in by_name:
            continue
        code = free_code(item.room, taken, "room")
        taken.add(code)
        room = Room(0, event.id, code, item.room, item.building, seats.get(called(item.room), 0))
        by_name[key] = (await events.add_room(tx, room)).id
        by_name.setdefault(called(f"{item.room}, {item.building}"), by_name[key])
    return by_name


async def _nowhere(tx: AsyncConnection, event: Event) -> int:
    """Return the room of sessions whose room is not told, in which any number may meet at once."""
    room = await events.find_room(tx, event.id, NOWHERE)
    if room is None:
        name = _in_words(event, say("Room to be announced"))
        room = await events.add_room(tx, Room(0, event.id, NOWHERE, name, "", 0, parallel=True))
    return room.id


async def _speakers(
    tx: AsyncConnection, event: Event, items: Sequence[Item], at: datetime
) -> dict[str, list[int]]:
    """Return people by name; those the event lacks are made, in a delegation of speakers."""
    found: dict[str, list[int]] = {}
    person = participants.c
    query = sa.select(person.id, person.name).where(person.event_id == event.id).order_by(person.id)
    for row in await tx.execute(query):
        found.setdefault(called(row.name), []).append(row.id)
    wanted = {called(name): name for item in reversed(items) for name in item.speakers}
    missing = [name for key, name in wanted.items() if key not in found]
    if missing:
        await _hold_office(tx, event)
    for name in sorted(missing):
        details = _details(event, name)
        made = await people.add_participant(tx, event, details, at=at)
        found[called(name)] = [made.id]
    return found


def _details(event: Event, name: str) -> Details:
    return Details(
        name=name, position="", delegation=SPEAKERS, email="", phone="", language=event.languages[0],
        attendance=Attendance.ONSITE,
    )  # fmt: skip


async def _hold_office(tx: AsyncConnection, event: Event) -> None:
    if await people.find_delegation(tx, event.id, SPEAKERS) is None:
        name = _in_words(event, say("Speakers"))
        office = Delegation(0, event.id, SPEAKERS, name, DelegationKind.OTHER)
        await people.add_delegation(tx, office)


def _in_words(event: Event, text: Any) -> str:
    return render(text, Reader(event.languages[0], event.zone))


def answer_of(imported: Imported) -> Mapping[str, Any]:
    """Return the contract's answer, its texts unrendered."""
    faulty = [{"row": f.row, "field": f.field, "reason": f.reason} for f in imported.faulty]
    found = [conflicts.as_json(conflict) for conflict in imported.conflicts]
    return imported.counts | {"faulty": faulty, "conflicts": found}
