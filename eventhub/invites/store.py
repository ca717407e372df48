"""What invitations stand on, read in whole: guests, the last release, and what everybody was told."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.actions import (
    Upcoming,
    get_release,
    latest_release,
    list_released,
)
from eventhub.sessions.model import Release, Released, SessionState
from eventhub.sessions.released import draft_people, released_people

from .choices import Choices, Told
from .model import Facts, Guest, Invitation, Item, Kind, Method, Seat, State
from .queue import chunks
from .tables import informed, invitations, mails

ABSTRACT_LIMIT = 2_000


async def list_guests(tx: AsyncConnection, event_id: int) -> dict[int, Guest]:
    """Return all participants by id."""
    query = (
        sa.select(
            participants.c.id,
            participants.c.name,
            participants.c.position,
            participants.c.in_place_of,
            participants.c.email,
            participants.c.language,
            participants.c.attendance,
            participants.c.link_generation,
            delegations.c.code,
            delegations.c.name.label("office"),
            delegations.c.time_zone,
            delegations.c.email.label("office_email"),
        )
        .join_from(participants, delegations, delegations.c.id == participants.c.delegation_id)
        .where(participants.c.event_id == event_id)
        .order_by(participants.c.id)
    )
    return {row.id: _guest(row) for row in await tx.execute(query)}


def _guest(row: Any) -> Guest:
    return Guest(
        id=row.id,
        name=row.name,
        position=row.position,
        delegation=row.code,
        office=row.office,
        time_zone=row.time_zone,
        in_place_of=row.in_place_of,
        address=row.email or row.office_email,
        language=row.language,
        attendance=Attendance(row.attendance),
        generation=row.link_generation,
    )


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme people are told of: `number` of the release (of the next, for a draft), its sessions, and who is
    invited to which as a query of `session_id, participant_id, attendance`."""

    number: int
    sessions: Mapping[int, Released]
    items: Mapping[int, Item]
    people: sa.Select[int, int, str]


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


async def list_days(
    tx: AsyncConnection, event: Event, programme: Programme, choices: Choices
) -> dict[int, list[dict[str, Any]]]:
    """Return by participant their event days of what is told in words, each with its number of sessions."""
    everyone = programme.people.subquery()
    days = {item.id: event.day_of(item.starts_at) for item in programme.items.values()}
    told = [
        sa.and_(
            everyone.c.attendance == way,
            everyone.c.session_id.in_(
                [
                    item.id
                    for item in programme.items.values()
                    if not item.is_cancelled and choices.of(item.kind, way) is Told.DIGEST
                ]
            ),
        )
        for way in Attendance
    ]
    query = sa.select(everyone.c.session_id, everyone.c.participant_id).where(sa.or_(*told))
    found: dict[int, Counter[date]] = defaultdict(Counter)
    for session_id, participant_id in await tx.execute(query):
        found[participant_id][days[session_id]] += 1
    return {
        id: [{"day": day.isoformat(), "sessions": counts[day]} for day in sorted(counts)]
        for id, counts in found.items()
    }


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


async def list_invitations(tx: AsyncConnection, event_id: int) -> list[Invitation]:
    """Return what everybody holds, and what they would hold if no draft went out."""
    drafts = {
        (row.participant_id, row.session_id): row.payload["earlier"]
        for row in await tx.execute(
            sa.select(mails.c.participant_id, mails.c.session_id, mails.c.payload).where(
                mails.c.event_id == event_id,
                mails.c.state == State.DRAFT,
                mails.c.session_id.is_not(None),
            )
        )
    }
    rows = await tx.execute(sa.select(invitations).where(invitations.c.event_id == event_id))
    return await asyncio.to_thread(lambda: [_invitation(row, drafts) for row in rows])


def _invitation(row: Any, drafts: Mapping[tuple[int, int], Any]) -> Invitation:
    key = (row.participant_id, row.session_id)
    held = Invitation(
        id=row.id,
        participant_id=row.participant_id,
        session_id=row.session_id,
        uid=row.uid,
        sequence=row.sequence,
        method=Method(row.method),
        told=Facts.read(row.told),
    )
    if key not in drafts:
        return held
    return replace(held, is_draft=True, earlier=held.as_stored(drafts[key]))


async def welcomed(tx: AsyncConnection, event_id: int) -> dict[int, tuple[str, int]]:
    """Return whom a welcome was written to: address and link generation of the last one."""
    query = (
        sa.select(mails.c.participant_id, mails.c.to_address, mails.c.payload)
        .where(
            mails.c.event_id == event_id,
            mails.c.kind == Kind.WELCOME,
            mails.c.state != State.SUPERSEDED,
        )
        .order_by(mails.c.id)
    )
    return {
        row.participant_id: (row.to_address, row.payload["generation"])
        for row in await tx.execute(query)
    }


async def insert_invitations(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write invitations people did not hold before."""
    if rows:
        await tx.execute(invitations.insert(), [dict(row) for row in rows])


async def save_invitations(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write sequence, method, attendance and what was told of invitations, by `id`."""
    if not rows:
        return
    statement = (
        invitations.update()
        .where(invitations.c.id == sa.bindparam("of"))
        .values(
            sequence=sa.bindparam("sequence"),
            method=sa.bindparam("method"),
            attendance=sa.bindparam("attendance"),
            told=sa.bindparam("told"),
        )
    )
    await tx.execute(statement, [{**row} for row in rows])


async def take_back(tx: AsyncConnection, held: Collection[Invitation]) -> None:
    """Bring invitations whose draft does not go out back to what people know; those nobody knows go."""
    new = [one.id for one in held if one.earlier is None]
    for part in chunks(new):
        await tx.execute(invitations.delete().where(invitations.c.id.in_(part)))
    known = [(one.id, one.earlier) for one in held if one.earlier is not None]
    await save_invitations(tx, [{"of": id, **earlier.stored()} for id, earlier in known])


async def list_informed(tx: AsyncConnection, event_id: int) -> dict[int, int]:
    """Return by participant the number of the release they know."""
    query = sa.select(informed.c.participant_id, informed.c.release).where(
        informed.c.event_id == event_id
    )
    return {row.participant_id: row.release for row in await tx.execute(query)}


async def save_informed(tx: AsyncConnection, event_id: int, known: Mapping[int, int]) -> None:
    """Write which release people know."""
    for part in chunks(known.keys()):
        await tx.execute(informed.delete().where(informed.c.participant_id.in_(part)))
        rows = [{"participant_id": id, "event_id": event_id, "release": known[id]} for id in part]
        await tx.execute(informed.insert(), rows)
