"""Who a session is for and who speaks, as organizers write it: one per line.

An audience line is a delegation (code or name) or a participant (e-mail, `#` and number), then how they
attend: `papua meeting`, `#12 onsite`. Left out, the attendance is the one they are registered with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Fault
from eventhub.events.model import Attendance
from eventhub.participants.tables import delegations, participants
from eventhub.wording import say

from .model import Audience, Described

_WAYS = {way.value: way for way in Attendance}


@dataclass(frozen=True, slots=True)
class Directory:
    """The event's offices and people, by what a line may call them; people with their attendance."""

    offices: dict[str, tuple[int, Attendance]]
    people: dict[str, tuple[int, Attendance]]
    office_codes: dict[int, str]
    kinds: dict[str, list[int]]


async def directory(tx: AsyncConnection, event_id: int) -> Directory:
    """Return the offices and people of an event; of those that share a name, the first made counts."""
    office = delegations.c
    offices: dict[str, tuple[int, Attendance]] = {}
    codes: dict[int, str] = {}
    kinds: dict[str, list[int]] = {}
    query = sa.select(office.id, office.code, office.name, office.kind, office.attendance)
    rows = list(await tx.execute(query.where(office.event_id == event_id).order_by(office.id)))
    for row in rows:
        codes[row.id] = row.code
        kinds.setdefault(row.kind, []).append(row.id)
        offices.setdefault(row.name.casefold(), (row.id, Attendance(row.attendance)))
    for row in rows:
        offices[row.code.casefold()] = (row.id, Attendance(row.attendance))
    return Directory(offices, await _people(tx, event_id), codes, kinds)


async def _people(tx: AsyncConnection, event_id: int) -> dict[str, tuple[int, Attendance]]:
    person = participants.c
    found: dict[str, tuple[int, Attendance]] = {}
    query = sa.select(person.id, person.name, person.email, person.attendance)
    for row in await tx.execute(query.where(person.event_id == event_id).order_by(person.id)):
        entry = (row.id, Attendance(row.attendance))
        for key in (f"#{row.id}", row.email.casefold(), row.name.casefold()):
            if key:
                found.setdefault(key, entry)
    return found


def read_audience(text: str, known: Directory) -> tuple[tuple[Audience, ...], list[Fault]]:
    """Return the rows that lines describe, each office and person once, and what could not be understood."""
    rows: dict[tuple[int | None, int | None], Audience] = {}
    faults: list[Fault] = []
    for line in _lines(text):
        name, way = _split(line)
        key = name.casefold()
        if key in known.offices:
            office, usual = known.offices[key]
            rows.setdefault((office, None), Audience(way or usual, delegation_id=office))
        elif key in known.people:
            person, usual = known.people[key]
            rows.setdefault((None, person), Audience(way or usual, participant_id=person))
        else:
            faults.append(
                Fault(
                    "audience",
                    say("There is no delegation or participant “{name}”.", name=name[:80]),
                )
            )
    return tuple(rows.values()), faults[:1]


def read_speakers(text: str, known: Directory) -> tuple[tuple[int, ...], list[Fault]]:
    """Return the participants that lines name, and what could not be understood."""
    found: dict[int, None] = {}
    faults: list[Fault] = []
    for line in _lines(text):
        key = line.split(" ")[0] if line.startswith("#") else line.casefold()
        if key in known.people:
            found.setdefault(known.people[key][0])
        else:
            faults.append(
                Fault("speakers", say("There is no participant “{name}”.", name=line[:80]))
            )
    return tuple(found), faults[:1]


def with_group(
    rows: tuple[Audience, ...], kind: str, way: str, known: Directory
) -> tuple[Audience, ...]:
    """Return an audience with every delegation of a kind added that it does not name yet."""
    if kind not in known.kinds or way not in _WAYS:
        return rows
    named = {row.delegation_id for row in rows}
    added = (
        Audience(_WAYS[way], delegation_id=each) for each in known.kinds[kind] if each not in named
    )
    return (*rows, *added)


def audience_text(rows: Sequence[Audience], known: Directory) -> str:
    """Write an audience as lines."""
    return "\n".join(
        f"{known.office_codes[row.delegation_id]} {row.attendance}"
        if row.delegation_id is not None
        else f"#{row.participant_id} {row.attendance}"
        for row in rows
    )


def speakers_text(session: Described, names: dict[int, str]) -> str:
    """Write speakers as lines: number and name."""
    return "\n".join(f"#{person} {names[person]}" for person in session.speakers)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _split(line: str) -> tuple[str, Attendance | None]:
    name, _, last = line.rpartition(" ")
    way = _WAYS.get(last.casefold())
    return (name.strip(), way) if name and way else (line, None)
