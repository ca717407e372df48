"""A programme as people are told of it: a release, or the next one, with whom it is for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.sessions.actions import Upcoming, get_release, latest_release, list_released
from eventhub.sessions.model import Release, Released, SessionState
from eventhub.sessions.released import draft_people, released_people

from .choices import Choices
from .model import Invitation, Item, Seat
from .queue import chunks

ABSTRACT_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme people are told of: `number` of the release (of the next, for a draft), its sessions, and who is
    invited to which as a query of `session_id, participant_id, attendance`."""

    number: int
    sessions: Mapping[int, Released]
    items: Mapping[int, Item]
    people: sa.Select[int, int, str]

    def only_for(self, participant_id: int) -> "Programme":
        """Return the same as far as it concerns one person."""
        everyone = self.people.subquery()
        theirs = sa.select(
            everyone.c.session_id, everyone.c.participant_id, everyone.c.attendance
        ).where(everyone.c.participant_id == participant_id)
        return replace(self, people=theirs)


async def last_programme(tx: AsyncConnection, event_id: int) -> Programme | None:
    """Return the last release, None before the first."""
    release = await latest_release(tx, event_id)
    return None if release is None else await _released(tx, release)


async def old_programme(tx: AsyncConnection, event_id: int, number: int) -> Programme:
    """Return a release by its number."""
    return await _released(tx, await get_release(tx, event_id, number))


async def _released(tx: AsyncConnection, release: Release) -> Programme:
    return released_programme(release, await list_released(tx, release.id))


def upcoming_programme(event: Event, ahead: Upcoming) -> Programme:
    """Return what a release made now would hold."""
    return _programme(ahead.number, ahead.frozen, draft_people(event.id))


def released_programme(last: Release, sessions: Sequence[Released]) -> Programme:
    """Return a release whose sessions are read already."""
    return _programme(last.number, sessions, released_people(last.id))


def _programme(
    number: int, sessions: Sequence[Released], people: sa.Select[int, int, str]
) -> Programme:
    return Programme(
        number,
        {one.session_id: one for one in sessions},
        {one.session_id: _item(one) for one in sessions},
        people,
    )


async def list_seats(
    tx: AsyncConnection, programme: Programme, choices: Choices, held: Iterable[Invitation]
) -> Iterator[Seat]:
    """Return who is invited by mail to which session, or still holds an invitation to it, earliest first."""
    place = {id: position for position, id in enumerate(programme.items)}
    found = {(row[0], row[1]): row[2] for row in await tx.execute(_mailed(programme, choices))}
    # Invitations from before somebody chose otherwise.
    older = {
        (one.session_id, one.participant_id)
        for one in held
        if one.session_id in place and (one.session_id, one.participant_id) not in found
    }
    sessions = {session_id for session_id, _ in older}
    for participant_id, ways in (await list_attendance(tx, programme, sessions)).items():
        for session_id, attendance in ways.items():
            if (session_id, participant_id) in older:
                found[session_id, participant_id] = attendance
    keys = sorted(found, key=lambda key: (place[key[0]], key[1]))
    return (Seat(*key, Attendance(found[key])) for key in keys)


def _mailed(programme: Programme, choices: Choices) -> sa.Select[int, int, str]:
    """Leave out here already what nobody gets a mail for: most of a large event's seats are streams."""
    everyone = programme.people.subquery()
    items = programme.items.values()
    return sa.select(everyone.c.session_id, everyone.c.participant_id, everyone.c.attendance).where(
        sa.or_(
            *(
                sa.and_(
                    everyone.c.attendance == way,
                    everyone.c.session_id.in_(
                        [item.id for item in items if choices.invites(item.kind, way)]
                    ),
                )
                for way in Attendance
            )
        )
    )


async def list_attendance(
    tx: AsyncConnection, programme: Programme, sessions: Collection[int]
) -> dict[int, dict[int, Attendance]]:
    """Return by participant how they attend which of some sessions."""
    everyone = programme.people.subquery()
    found: dict[int, dict[int, Attendance]] = defaultdict(dict)
    for part in chunks(sessions):
        query = sa.select(
            everyone.c.session_id, everyone.c.participant_id, everyone.c.attendance
        ).where(everyone.c.session_id.in_(part))
        for session_id, participant_id, attendance in await tx.execute(query):
            found[participant_id][session_id] = Attendance(attendance)
    return found


def _item(one: Released) -> Item:
    return Item(
        id=one.session_id,
        code=one.code,
        title=one.title,
        abstract=one.abstract[:ABSTRACT_LIMIT],
        kind=one.kind,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        time_zone=one.time_zone,
        place=", ".join(part for part in (one.room_name, one.building) if part),
        is_cancelled=one.state == SessionState.CANCELLED,
        sequence=one.sequence,
    )
