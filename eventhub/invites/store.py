"""What invitations stand on, read in whole: guests, the last release, and what everybody was told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.model import Rsvp
from eventhub.participants.tables import delegations, participants, rsvps
from eventhub.sessions.actions import latest_release, list_released
from eventhub.sessions.model import Released, SessionState
from eventhub.sessions.released import released_people
from eventhub.sessions.tables import sessions

from . import rules
from .model import Facts, Guest, Held, Invitation, Item, Kind, Method, Reply, Seat, State
from .tables import invitations, mails

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


async def list_programme(tx: AsyncConnection, event_id: int) -> tuple[list[Item], Iterator[Seat]]:
    """Return the sessions of the last release, earliest first, and who is invited to which; both empty before it."""
    release = await latest_release(tx, event_id)
    if release is None:
        return [], iter(())
    items = [_item(one) for one in await list_released(tx, release.id)]
    place = {item.id: position for position, item in enumerate(items)}
    rows = sorted(
        await tx.execute(_mailed(release.id, items)), key=lambda row: (place[row[0]], row[1])
    )
    return items, (Seat(row[0], row[1], Attendance(row[2])) for row in rows)


def _mailed(release_id: int, items: Iterable[Item]) -> sa.Select[int, int, str]:
    """Leave out here already what nobody gets a mail for: most of a large event's seats are streams."""
    everyone = released_people(release_id).subquery()
    streams = [item.id for item in items if rules.is_mailed(item.kind, Attendance.STREAM)]
    return sa.select(everyone.c.session_id, everyone.c.participant_id, everyone.c.attendance).where(
        sa.or_(
            everyone.c.attendance != Attendance.STREAM,
            everyone.c.session_id.in_(streams),
        )
    )


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
    """Return what everybody holds."""
    query = sa.select(invitations).where(invitations.c.event_id == event_id)
    return [
        Invitation(
            id=row.id,
            participant_id=row.participant_id,
            session_id=row.session_id,
            uid=row.uid,
            sequence=row.sequence,
            method=Method(row.method),
            told=Facts.read(row.told),
        )
        for row in await tx.execute(query)
    ]


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


async def find_held(tx: AsyncConnection, uid: str) -> Held | None:
    """Return the invitation of a UID with the answer known to it; None where none was sent."""
    query = (
        sa.select(
            invitations,
            participants.c.name,
            sessions.c.code,
            rsvps.c.status,
            rsvps.c.answered_at,
        )
        .join_from(invitations, participants, participants.c.id == invitations.c.participant_id)
        .join(sessions, sessions.c.id == invitations.c.session_id)
        .outerjoin(
            rsvps,
            sa.and_(
                rsvps.c.participant_id == invitations.c.participant_id,
                rsvps.c.session_code == sessions.c.code,
            ),
        )
        .where(invitations.c.uid == uid)
    )
    row = (await tx.execute(query)).one_or_none()
    return _held(row) if row else None


def _held(row: Any) -> Held:
    told = Facts.read(row.told)
    return Held(
        id=row.id,
        event_id=row.event_id,
        participant_id=row.participant_id,
        name=row.name,
        session=row.code,
        title=told.title,
        method=Method(row.method),
        sequence=row.sequence,
        address=told.address,
        replied_sequence=row.replied_sequence,
        replied_dtstamp=row.replied_dtstamp,
        replied_at=row.replied_at,
        answered_at=row.answered_at,
        answer=Rsvp(row.status or Rsvp.NEEDS_ACTION),
    )


async def save_reply(tx: AsyncConnection, held: Held, reply: Reply, at: datetime) -> None:
    """Note on an invitation which answer by mail counts now."""
    await tx.execute(
        invitations.update()
        .where(invitations.c.id == held.id)
        .values(
            replied_sequence=held.sequence,
            replied_dtstamp=reply.dtstamp,
            replied_at=at,
            delegate=reply.delegate,
            comment=reply.comment,
        )
    )
