"""What a person's page reads, across capabilities."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.checkin.tables import declarations
from eventhub.events.model import Attendance
from eventhub.invites.switching import ways
from eventhub.invites.tables import invitations
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import delegations, participants, rsvps
from eventhub.sessions.model import SessionState
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import released_sessions, releases, sessions

from .model import Item, Person


async def find_person(tx: AsyncConnection, participant_id: int, generation: int) -> Person | None:
    """Return a participant, unless their links were renewed since this one was made."""
    numbers = releases.alias("numbers")
    latest = (
        sa.select(sa.func.max(numbers.c.number))
        .where(numbers.c.event_id == participants.c.event_id)
        .correlate(participants)
        .scalar_subquery()
    )
    statement = (
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
        .where(participants.c.id == participant_id, participants.c.link_generation == generation)
    )
    row = (await tx.execute(statement)).mappings().one_or_none()
    return _person(row) if row else None


def _person(row: Mapping[Any, Any]) -> Person:
    return Person(
        id=row["id"],
        event_id=row["event_id"],
        name=row["name"],
        position=row["position"],
        office=row["office"],
        time_zone=row["time_zone"],
        language=row["language"],
        attendance=Attendance(row["attendance"]),
        in_place_of=row["in_place_of"],
        generation=row["link_generation"],
        release_id=row["release_id"],
        published_at=row["published_at"],
    )


async def list_agenda(tx: AsyncConnection, person: Person) -> list[Item]:
    """Return the sessions of the last release the person is invited to, earliest first, with their answers."""
    if person.release_id is None:
        return []
    invited = released_people(person.release_id, participant_id=person.id).subquery()
    statement = (
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
            & (released_sessions.c.release_id == person.release_id),
        )
        .join(sessions, sessions.c.id == invited.c.session_id)
        .outerjoin(
            rsvps,
            (rsvps.c.participant_id == person.id) & (rsvps.c.session_code == sessions.c.code),
        )
        .outerjoin(
            invitations,
            (invitations.c.participant_id == person.id)
            & (invitations.c.session_id == invited.c.session_id),
        )
        .order_by(released_sessions.c.starts_at, invited.c.session_id)
    )
    return [_item(row) for row in (await tx.execute(statement)).mappings()]


def _item(row: Mapping[Any, Any]) -> Item:
    shown, attendance = row["snapshot"], Attendance(row["attendance"])
    places = (shown["room_name"], shown["building"]) if attendance is Attendance.ONSITE else ()
    return Item(
        session_id=row["session_id"],
        code=row["code"],
        title=shown["title"],
        abstract=shown["abstract"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=shown["time_zone"],
        place=", ".join(place for place in places if place),
        attendance=attendance,
        answer=Rsvp(row["answer"] or Rsvp.NEEDS_ACTION),
        is_cancelled=row["state"] == SessionState.CANCELLED,
        sequence=shown["sequence"],
        uid=row["uid"] or "",
        ways=ways(
            shown["format"], has_meeting=bool(shown["meeting_url"]), has_stream=shown["stream"]
        ),
    )


async def has_declared(tx: AsyncConnection, person_id: int, day: date, *, or_before: bool) -> bool:
    """Whether the person gave a health declaration for a day, or for any day until then."""
    dated = declarations.c.date <= day if or_before else declarations.c.date == day
    given = sa.select(declarations.c.id).where(declarations.c.participant_id == person_id, dated)
    return (await tx.execute(given.limit(1))).first() is not None
