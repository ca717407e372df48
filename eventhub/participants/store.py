"""Participants in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.wording import say

from .delegation_store import ids_of_codes, parents
from .model import Details, Participant, Rsvp
from .tables import delegations, participants, rsvps

PARTICIPANTS = sa.select(participants, delegations.c.code.label("delegation")).join(
    delegations, delegations.c.id == participants.c.delegation_id
)

# Tables of capabilities above this one, by name: what awaits a participant's answer, and what taking one out
# would take along.
INVITATIONS = sa.table(
    "invitations", sa.column("participant_id"), sa.column("session_id"), sa.column("method")
)
SESSIONS = sa.table("sessions", sa.column("id"), sa.column("code"))
RECORDS = tuple(
    sa.table(name, sa.column("participant_id"))
    for name in ("passages", "visits", "viewings", "declarations", "proofs")
)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which participants are asked for: `words` must all occur in name, position or office."""

    words: tuple[str, ...] = ()
    delegation: str | None = None
    attendance: Attendance | None = None


async def find_participant(
    tx: AsyncConnection, event_id: int, participant_id: int
) -> Participant | None:
    """Return the event's participant of an id."""
    query = PARTICIPANTS.where(
        participants.c.event_id == event_id, participants.c.id == participant_id
    )
    row = (await tx.execute(query)).one_or_none()
    return _participant(row) if row else None


async def get_participant(tx: AsyncConnection, event_id: int, participant_id: int) -> Participant:
    """Return the event's participant of an id, or raise NotFound."""
    participant = await find_participant(tx, event_id, participant_id)
    if participant is None:
        raise NotFound(say("There is no participant {id}.", id=participant_id))
    return participant


async def list_participants(
    tx: AsyncConnection,
    event_id: int,
    wanted: PeopleFilter,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[Participant]:
    """Return the participants asked for by id, those after one."""
    query = _wanted(PARTICIPANTS, event_id, wanted).where(participants.c.id > after)
    return [
        _participant(row)
        for row in await tx.execute(query.order_by(participants.c.id).limit(limit))
    ]


async def list_by_office(
    tx: AsyncConnection, event_id: int, wanted: PeopleFilter, *, start: int = 0, limit: int | None
) -> list[tuple[Participant, str, str | None]]:
    """Return the participants asked for with the names of their office and its parent, by office, then name."""
    query = (
        _wanted(PARTICIPANTS, event_id, wanted)
        .outerjoin(parents, parents.c.id == delegations.c.parent_id)
        .add_columns(delegations.c.name.label("office"), parents.c.name.label("above"))
        .order_by(delegations.c.name, participants.c.name, participants.c.id)
        .offset(start)
        .limit(limit)
    )
    return [(_participant(row), row.office, row.above) for row in await tx.execute(query)]


async def count_participants(tx: AsyncConnection, event_id: int, wanted: PeopleFilter) -> int:
    """Count the participants asked for."""
    query = sa.select(sa.func.count()).join_from(
        participants, delegations, delegations.c.id == participants.c.delegation_id
    )
    return int((await tx.execute(_wanted(query, event_id, wanted))).scalar_one())


def _wanted(query: sa.Select[Any], event_id: int, wanted: PeopleFilter) -> sa.Select[Any]:
    query = query.where(participants.c.event_id == event_id)
    for word in wanted.words:
        fields = (participants.c.name, participants.c.position, delegations.c.name)
        query = query.where(sa.or_(*(field.icontains(word, autoescape=True) for field in fields)))
    if wanted.delegation is not None:
        query = query.where(delegations.c.code == wanted.delegation)
    if wanted.attendance is not None:
        query = query.where(participants.c.attendance == wanted.attendance)
    return query


async def insert_participant(
    tx: AsyncConnection, event_id: int, details: Details, delegation_id: int, at: datetime
) -> int:
    """Write a new participant; return the id."""
    values = _new_participant(event_id, details, delegation_id, at)
    result = await tx.execute(participants.insert().values(values))
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


async def insert_participants(
    tx: AsyncConnection, event_id: int, people: Sequence[Details], at: datetime
) -> None:
    """Write new participants in one statement; their delegations must be there."""
    if people:
        ids = await ids_of_codes(tx, event_id)
        await tx.execute(
            participants.insert(),
            [_new_participant(event_id, person, ids[person.delegation], at) for person in people],
        )


async def save_details(
    tx: AsyncConnection, event_id: int, people: Sequence[tuple[Participant, Details]]
) -> None:
    """Write what is written about participants in one statement; each version rises."""
    if not people:
        return
    ids = await ids_of_codes(tx, event_id)
    fields = (*_details_values(people[0][1]), "delegation_id", "version")
    await tx.execute(
        participants.update()
        .where(participants.c.id == sa.bindparam("of"))
        .values({name: sa.bindparam(f"new_{name}") for name in fields}),
        [
            {"of": before.id, "new_delegation_id": ids[after.delegation]}
            | {"new_version": before.version + 1}
            | {f"new_{name}": value for name, value in _details_values(after).items()}
            for before, after in people
        ],
    )


async def raise_generation(tx: AsyncConnection, participant_id: int) -> None:
    """Let the links of a participant be worth nothing from now on."""
    await tx.execute(
        participants.update()
        .where(participants.c.id == participant_id)
        .values(link_generation=participants.c.link_generation + 1)
    )


async def is_recorded(tx: AsyncConnection, participant_id: int) -> bool:
    """Whether anything a participant did was recorded."""
    found = [
        sa.exists().where(table.c.participant_id == participant_id).select_from(table)
        for table in RECORDS
    ]
    return bool((await tx.execute(sa.select(sa.or_(*found)))).scalar_one())


async def delete_participant(tx: AsyncConnection, participant_id: int) -> None:
    """Take a participant out; what refers to them makes the database refuse."""
    await tx.execute(participants.delete().where(participants.c.id == participant_id))


async def list_rsvps(
    tx: AsyncConnection, participant_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """Return by session code what each participant answered, `needs_action` where an invitation awaits it."""
    waiting = (
        sa.select(INVITATIONS.c.participant_id, SESSIONS.c.code)
        .join_from(INVITATIONS, SESSIONS, SESSIONS.c.id == INVITATIONS.c.session_id)
        .where(INVITATIONS.c.method == "REQUEST", INVITATIONS.c.participant_id.in_(participant_ids))
    )
    answered = sa.select(rsvps).where(rsvps.c.participant_id.in_(participant_ids))
    answers: dict[int, dict[str, str]] = {id: {} for id in participant_ids}
    for participant_id, code in await tx.execute(waiting.order_by(SESSIONS.c.code)):
        answers[participant_id][code] = Rsvp.NEEDS_ACTION
    for row in await tx.execute(answered.order_by(rsvps.c.session_code)):
        answers[row.participant_id][row.session_code] = row.status
    return answers


async def save_answer(
    tx: AsyncConnection, participant_id: int, code: str, answer: Rsvp, at: datetime
) -> None:
    """Write an answer over the one before."""
    held = (rsvps.c.participant_id == participant_id) & (rsvps.c.session_code == code)
    values = {"status": str(answer), "answered_at": at}
    if (await tx.execute(rsvps.update().where(held).values(values))).rowcount == 0:
        await tx.execute(
            rsvps.insert().values(participant_id=participant_id, session_code=code, **values)
        )


async def lock_participant(tx: AsyncConnection, participant_id: int) -> None:
    """Lock a participant's row until the transaction ends."""
    await tx.execute(
        sa.select(participants.c.id).where(participants.c.id == participant_id).with_for_update()
    )


def _new_participant(
    event_id: int, details: Details, delegation_id: int, at: datetime
) -> dict[str, Any]:
    return _details_values(details) | {
        "event_id": event_id,
        "delegation_id": delegation_id,
        "link_generation": 1,
        "created_at": at,
        "version": 1,
    }


def _details_values(details: Details) -> dict[str, Any]:
    return {name: getattr(details, name) for name in Details.__slots__ if name != "delegation"}


def _participant(row: Any) -> Participant:
    return Participant(
        id=row.id,
        event_id=row.event_id,
        delegation_id=row.delegation_id,
        delegation=row.delegation,
        name=row.name,
        position=row.position,
        email=row.email,
        phone=row.phone,
        language=row.language,
        attendance=Attendance(row.attendance),
        in_place_of=row.in_place_of,
        link_generation=row.link_generation,
        version=row.version,
    )
