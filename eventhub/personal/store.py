"""What a person's page reads, across capabilities."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.checkin.tables import declarations
from eventhub.db.ready import Ready
from eventhub.events.model import Attendance
from eventhub.events.tables import events
from eventhub.invites.switching import ways
from eventhub.invites.tables import invitations
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import delegations, participants, rsvps
from eventhub.sessions.model import SessionState
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import released_sessions, releases, sessions

from .model import Item, Person


# The statements are built once: building them takes longer than the database does, and calendars fetch agendas
# again and again.
def _person_query() -> sa.Select[Any]:
    numbers = releases.alias("numbers")
    latest = (
        sa.select(sa.func.max(numbers.c.number))
        .where(numbers.c.event_id == participants.c.event_id)
        .correlate(participants)
        .scalar_subquery()
    )
    return (
        sa.select(
            participants,
            delegations.c.name.label("office"),
            delegations.c.time_zone,
            releases.c.id.label("release_id"),
            releases.c.published_at,
        )
        .join_from(participants, delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(
            releases,
            (releases.c.event_id == participants.c.event_id) & (releases.c.number == latest),
        )
        .where(
            participants.c.id == sa.bindparam("person"),
            participants.c.link_generation == sa.bindparam("generation"),
        )
    )


def _agenda_query() -> sa.Select[Any]:
    release = sa.bindparam("release", type_=sa.Integer)
    person = sa.bindparam("person", type_=sa.Integer)
    invited = released_people(release, participant_id=person).subquery()
    return (
        sa.select(
            invited.c.session_id,
            invited.c.attendance,
            sessions.c.code,
            released_sessions.c.starts_at,
            released_sessions.c.ends_at,
            released_sessions.c.state,
            released_sessions.c.snapshot,
            rsvps.c.status.label("answer"),
            invitations.c.uid,
        )
        .join_from(
            invited,
            released_sessions,
            (released_sessions.c.session_id == invited.c.session_id)
            & (released_sessions.c.release_id == release),
        )
        .join(sessions, sessions.c.id == invited.c.session_id)
        .outerjoin(
            rsvps,
            (rsvps.c.participant_id == person) & (rsvps.c.session_code == sessions.c.code),
        )
        .outerjoin(
            invitations,
            (invitations.c.participant_id == person)
            & (invitations.c.session_id == invited.c.session_id),
        )
        .order_by(released_sessions.c.starts_at, invited.c.session_id)
    )


_PERSON = Ready(_person_query())
_OF_EVENT = Ready(
    _person_query()
    .add_columns(events.c.slug, events.c.title, events.c.time_zone.label("event_zone"))
    .join(events, events.c.id == participants.c.event_id)
)
_AGENDA = Ready(_agenda_query())


async def find_person(tx: AsyncConnection, participant_id: int, generation: int) -> Person | None:
    """Return a participant, unless their links were renewed since this one was made."""
    row = await _PERSON.row(tx, person=participant_id, generation=generation)
    return _person(row) if row else None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a calendar says of the event."""

    slug: str
    title: str
    zone: ZoneInfo


async def find_reader(
    tx: AsyncConnection, participant_id: int, generation: int
) -> tuple[Person, Occasion] | None:
    """Return whose calendar it is with its event in one statement; None as `find_person` does."""
    row = await _OF_EVENT.row(tx, person=participant_id, generation=generation)
    if row is None:
        return None
    return _person(row), Occasion(row.slug, row.title, ZoneInfo(row.event_zone))


def _person(row: Any) -> Person:
    return Person(
        id=row.id,
        event_id=row.event_id,
        name=row.name,
        position=row.position,
        office=row.office,
        time_zone=row.time_zone,
        language=row.language,
        attendance=Attendance(row.attendance),
        in_place_of=row.in_place_of,
        generation=row.link_generation,
        release_id=row.release_id,
        published_at=row.published_at,
    )


async def list_agenda(tx: AsyncConnection, person: Person) -> list[Item]:
    """Return the sessions of the last release the person is invited to, earliest first, with their answers."""
    if person.release_id is None:
        return []
    rows = await _AGENDA.rows(tx, release=person.release_id, person=person.id)
    return [_item(row) for row in rows]


def _item(row: Any) -> Item:
    shown, attendance = row.snapshot, Attendance(row.attendance)
    places = (shown["room_name"], shown["building"]) if attendance is Attendance.ONSITE else ()
    return Item(
        session_id=row.session_id,
        code=row.code,
        title=shown["title"],
        abstract=shown["abstract"],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=shown["time_zone"],
        place=", ".join(place for place in places if place),
        attendance=attendance,
        answer=Rsvp(row.answer or Rsvp.NEEDS_ACTION),
        is_cancelled=row.state == SessionState.CANCELLED,
        sequence=shown["sequence"],
        uid=row.uid or "",
        ways=ways(
            shown["format"], has_meeting=bool(shown["meeting_url"]), has_stream=shown["stream"]
        ),
    )


async def codes_of(tx: AsyncConnection, session_ids: Collection[int]) -> dict[int, str]:
    """Return sessions' codes by id."""
    query = sa.select(sessions.c.id, sessions.c.code).where(sessions.c.id.in_(session_ids))
    return {row.id: row.code for row in await tx.execute(query)}


async def has_declared(tx: AsyncConnection, person_id: int, day: date, *, or_before: bool) -> bool:
    """Whether the person gave a health declaration for a day, or for any day until then."""
    dated = declarations.c.date <= day if or_before else declarations.c.date == day
    given = sa.select(declarations.c.id).where(declarations.c.participant_id == person_id, dated)
    return (await tx.execute(given.limit(1))).first() is not None
