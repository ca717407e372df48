"""Who comes in whose place, in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .tables import participants, stand_ins, substitutes, switches


@dataclass(frozen=True, slots=True)
class Substitute:
    """Who comes in somebody's place: for the whole event, or for some sessions by their ids."""

    id: int
    principal_id: int
    name: str
    position: str
    email: str
    is_whole: bool
    session_ids: frozenset[int]

    def stands_in_at(self, session_id: int) -> bool:
        return self.is_whole or session_id in self.session_ids


async def list_substitutes(tx: AsyncConnection, principal_id: int) -> list[Substitute]:
    """Return who comes in a participant's place, by id."""
    return await _list(tx, substitutes.c.principal_id == principal_id)


async def find_substitute(tx: AsyncConnection, participant_id: int) -> Substitute | None:
    """Return a participant as a substitute; None when they come for themselves."""
    found = await _list(tx, substitutes.c.participant_id == participant_id)
    return found[0] if found else None


async def list_ids(tx: AsyncConnection, event_id: int) -> set[int]:
    """Return who of an event comes in somebody's place."""
    query = (
        sa.select(substitutes.c.participant_id)
        .join(participants, participants.c.id == substitutes.c.participant_id)
        .where(participants.c.event_id == event_id)
    )
    return set((await tx.execute(query)).scalars())


async def find_seat(
    tx: AsyncConnection, participant_id: int
) -> tuple[list[Substitute], Substitute | None]:
    """Return who comes in a participant's place, and the participant as a substitute, None when they are none."""
    concerned = sa.or_(
        substitutes.c.principal_id == participant_id,
        substitutes.c.participant_id == participant_id,
    )
    found = await _list(tx, concerned)
    themselves = next((one for one in found if one.id == participant_id), None)
    return [one for one in found if one.id != participant_id], themselves


async def _list(tx: AsyncConnection, wanted: sa.ColumnElement[bool]) -> list[Substitute]:
    query = (
        sa.select(
            substitutes, participants.c.name, participants.c.position, participants.c.email,
            stand_ins.c.session_id,
        )
        .join_from(substitutes, participants, participants.c.id == substitutes.c.participant_id)
        .outerjoin(stand_ins, stand_ins.c.participant_id == substitutes.c.participant_id)
        .where(wanted)
        .order_by(substitutes.c.participant_id)
    )  # fmt: skip
    rows = (await tx.execute(query)).all()
    sessions: dict[int, set[int]] = {}
    for row in rows:
        of = sessions.setdefault(row.participant_id, set())
        if row.session_id is not None:
            of.add(row.session_id)
    people = {row.participant_id: row for row in rows}
    return [
        Substitute(
            id, row.principal_id, row.name, row.position, row.email, row.is_whole,
            frozenset(sessions[id]),
        )
        for id, row in people.items()
    ]  # fmt: skip


async def insert_substitute(
    tx: AsyncConnection, participant_id: int, principal_id: int, at: datetime
) -> None:
    """Write that a participant comes in another's place, for nothing yet."""
    await tx.execute(
        substitutes.insert().values(
            participant_id=participant_id, principal_id=principal_id, is_whole=False, named_at=at
        )
    )


async def save_whole(tx: AsyncConnection, participant_id: int, *, is_whole: bool) -> None:
    """Write whether a substitute comes for the whole event."""
    await tx.execute(
        substitutes.update()
        .where(substitutes.c.participant_id == participant_id)
        .values(is_whole=is_whole)
    )


async def delete_stand_ins(
    tx: AsyncConnection, people: Collection[int], session_id: int | None = None
) -> None:
    """Take out the sessions, or one, that substitutes come to."""
    statement = stand_ins.delete().where(stand_ins.c.participant_id.in_(people))
    if session_id is not None:
        statement = statement.where(stand_ins.c.session_id == session_id)
    await tx.execute(statement)


async def insert_stand_in(tx: AsyncConnection, participant_id: int, session_id: int) -> None:
    """Write that a substitute comes to a session."""
    await tx.execute(
        stand_ins.insert().values(participant_id=participant_id, session_id=session_id)
    )


async def copy_switches(
    tx: AsyncConnection, principal_id: int, participant_id: int, session_id: int | None
) -> None:
    """Let who takes a seat attend as its holder had chosen to, in a session or (None) all, unless they chose too."""
    own = sa.select(switches.c.session_id).where(switches.c.participant_id == participant_id)
    chosen = sa.select(
        sa.literal(participant_id),
        switches.c.session_id,
        switches.c.attendance,
        switches.c.switched_at,
    ).where(switches.c.participant_id == principal_id, switches.c.session_id.not_in(own))
    if session_id is not None:
        chosen = chosen.where(switches.c.session_id == session_id)
    names = ["participant_id", "session_id", "attendance", "switched_at"]
    await tx.execute(switches.insert().from_select(names, chosen))
