"""A frozen session as the conflict rules see sessions: with the ids that a release tells as codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms

from . import lookup
from .model import Audience, Released, Session


@dataclass(frozen=True, slots=True)
class Ids:
    """What releases name and the event still has: rooms and offices by code, people by id."""

    rooms: Mapping[str, int]
    offices: Mapping[str, int]
    people: frozenset[int]


async def ids_of(tx: AsyncConnection, event: Event, frozen: Sequence[Released]) -> Ids:
    """Return the ids of what some frozen sessions name."""
    named = [row for each in frozen for row in each.audience]
    people = {row["participant"] for row in named if "participant" in row}
    people |= {person for each in frozen for person, _ in each.speakers}
    codes = {row["delegation"] for row in named if "delegation" in row}
    places = await tx.execute(
        sa.select(rooms.c.code, rooms.c.id).where(rooms.c.event_id == event.id)
    )
    return Ids(
        {row.code: row.id for row in places},
        await lookup.delegation_ids(tx, event.id, codes),
        frozenset(await lookup.names(tx, people, event.id)),
    )


def thawed(frozen: Released, event: Event, ids: Ids) -> Session:
    """Return a frozen session with ids; whoever is gone meanwhile stands in nobody's way."""
    return Session(
        id=frozen.session_id, event_id=event.id, code=frozen.code, title=frozen.title,
        abstract=frozen.abstract, kind=frozen.kind, format=frozen.format,
        starts_at=frozen.starts_at, ends_at=frozen.ends_at, time_zone=frozen.time_zone,
        room_id=ids.rooms.get(frozen.room_code or ""), meeting_url=frozen.meeting_url,
        stream=frozen.stream, track=frozen.track, state=frozen.state, sequence=frozen.sequence,
        speakers=tuple(person for person, _ in frozen.speakers if person in ids.people),
        audience=_audience(frozen, ids),
    )  # fmt: skip


def _audience(frozen: Released, ids: Ids) -> tuple[Audience, ...]:
    found = []
    for row in frozen.audience:
        way = Attendance(row["attendance"])
        if row.get("delegation") in ids.offices:
            found.append(Audience(way, delegation_id=ids.offices[row["delegation"]]))
        elif row.get("participant") in ids.people:
            found.append(Audience(way, participant_id=row["participant"]))
    return tuple(found)
