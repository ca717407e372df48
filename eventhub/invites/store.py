"""What invitations stand on, read in whole: guests, the last release, and what everybody was told."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.tables import delegations, participants

from .model import Facts, Guest, Invitation, Kind, Method, State
from .queue import chunks
from .tables import informed, invitations, mails


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
