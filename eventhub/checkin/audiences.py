"""Whom each session that a door minds is for, as scanners are told it: sets of sessions, without names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms
from eventhub.participants.tables import participants, stand_ins, substitutes, switches
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import session_audiences, session_speakers, sessions

from .clearance import audience_mark
from .tables import checkpoints


@dataclass(frozen=True, slots=True)
class Door:
    """A session as a door minds it; codes are public, names are not in it."""

    code: str
    room: str
    starts_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class Audiences:
    """Who may enter which sessions: sets of session codes under short names, and each participant's set."""

    doors: Sequence[Door] = ()
    sets: dict[str, list[str]] = field(default_factory=dict)
    offices: Mapping[int, frozenset[str]] = field(default_factory=dict)
    speaking: Mapping[int, set[str]] = field(default_factory=dict)
    named: Mapping[int, dict[str, bool]] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    marks: dict[frozenset[str], str] = field(default_factory=dict)

    def of(self, participant_id: int, delegation_id: int) -> str:
        """Return the name of the set of sessions that are for a participant (`rules.Occasion.is_for`)."""
        wanted: set[str] = set(self.open) | self.offices.get(delegation_id, frozenset())
        if participant_id in self.speaking:
            wanted |= self.speaking[participant_id]
        if participant_id in self.named:
            by_name = self.named[participant_id]
            wanted = {code for code in wanted if by_name.get(code, True)} | {
                code for code, onsite in by_name.items() if onsite
            }
        chosen = frozenset(wanted)
        if chosen not in self.marks:
            self.marks[chosen] = audience_mark(chosen)
            self.sets[self.marks[chosen]] = sorted(chosen)
        return self.marks[chosen]


async def read_audiences(tx: AsyncConnection, event: Event) -> Audiences:
    """Return the sessions that doors mind (see `occasions`) and whom each is for."""
    published = event.state == "published"
    states = [SessionState.PUBLISHED] if published else [SessionState.DRAFT, SessionState.PUBLISHED]
    query = (
        sa.select(sessions.c.id, sessions.c.code, sessions.c.starts_at, sessions.c.ends_at)
        .add_columns(rooms.c.code.label("room"))
        .join(rooms, rooms.c.id == sessions.c.room_id)
        .where(
            sessions.c.event_id == event.id,
            sessions.c.state.in_(states),
            sessions.c.starts_at.is_not(None),
            sa.exists().where(checkpoints.c.room_id == rooms.c.id),
        )
        .order_by(sessions.c.starts_at, sessions.c.id)
    )
    rows = (await tx.execute(query)).all()
    codes = {row.id: row.code for row in rows}
    doors = [Door(row.code, row.room, row.starts_at, row.ends_at) for row in rows]
    named, offices, listed = await _invited(tx, event, codes)
    speaking = await _speaking(tx, event, codes)
    await _add_substitutes(tx, event, codes, named, speaking, listed)
    await _add_switches(tx, event, codes, named)
    await _take_out_delegated(tx, event, codes, named)
    return Audiences(
        doors=doors,
        offices={office: frozenset(their) for office, their in offices.items()},
        speaking=speaking,
        named=named,
        open=frozenset(code for id, code in codes.items() if id not in listed),
    )


async def _invited(
    tx: AsyncConnection, event: Event, codes: Mapping[int, str]
) -> tuple[dict[int, dict[str, bool]], dict[int, set[str]], set[int]]:
    """Return who is invited by name (and whether on site), which offices on site, and sessions that name anybody."""
    query = (
        sa.select(session_audiences)
        .join(sessions, sessions.c.id == session_audiences.c.session_id)
        .where(sessions.c.event_id == event.id)
    )
    named: dict[int, dict[str, bool]] = {}
    offices: dict[int, set[str]] = {}
    listed: set[int] = set()
    for row in await tx.execute(query):
        listed.add(row.session_id)
        code, onsite = codes.get(row.session_id), row.attendance == Attendance.ONSITE
        if code is None:
            continue
        if row.participant_id is not None:
            named.setdefault(row.participant_id, {}).setdefault(code, onsite)
        elif onsite:
            offices.setdefault(row.delegation_id, set()).add(code)
    return named, offices, listed


async def _speaking(
    tx: AsyncConnection, event: Event, codes: Mapping[int, str]
) -> dict[int, set[str]]:
    query = (
        sa.select(session_speakers.c.session_id, session_speakers.c.participant_id)
        .join(sessions, sessions.c.id == session_speakers.c.session_id)
        .where(sessions.c.event_id == event.id)
    )
    found: dict[int, set[str]] = {}
    for row in await tx.execute(query):
        if row.session_id in codes:
            found.setdefault(row.participant_id, set()).add(codes[row.session_id])
    return found


async def _add_substitutes(  # noqa: PLR0917 -- what was read so far, each of another kind
    tx: AsyncConnection,
    event: Event,
    codes: Mapping[int, str],
    named: dict[int, dict[str, bool]],
    speaking: dict[int, set[str]],
    listed: set[int],
) -> None:
    """Let who comes in somebody's place in where that person is invited, and nowhere else but to open sessions."""
    invited = {codes[id] for id in listed if id in codes}
    for person, (principal, ids) in (await _seats(tx, event)).items():
        theirs = set(codes.values()) if ids is None else {codes.get(id, "") for id in ids}
        for code, onsite in named.get(principal, {}).items():
            if code in theirs:
                named.setdefault(person, {}).setdefault(code, onsite)
        if spoken := theirs & speaking.get(principal, set()):
            speaking.setdefault(person, set()).update(spoken)
        for code in invited - theirs - speaking.get(person, set()):
            named.setdefault(person, {}).setdefault(code, False)


async def _seats(tx: AsyncConnection, event: Event) -> dict[int, tuple[int, frozenset[int] | None]]:
    """Return by substitute in whose place they come, and to which sessions (None: the whole event)."""
    query = (
        sa.select(substitutes, stand_ins.c.session_id)
        .join(participants, participants.c.id == substitutes.c.participant_id)
        .outerjoin(stand_ins, stand_ins.c.participant_id == substitutes.c.participant_id)
        .where(participants.c.event_id == event.id)
    )
    found: dict[int, tuple[int, frozenset[int] | None]] = {}
    for row in await tx.execute(query):
        _, before = found.get(row.participant_id, (0, frozenset()))
        ids = None if row.is_whole or before is None else before | {row.session_id or 0}
        found[row.participant_id] = row.principal_id, ids
    return found


async def _add_switches(
    tx: AsyncConnection,
    event: Event,
    codes: Mapping[int, str],
    named: dict[int, dict[str, bool]],
) -> None:
    """Let the way to attend that somebody chose win."""
    query = (
        sa.select(switches)
        .join(participants, participants.c.id == switches.c.participant_id)
        .where(participants.c.event_id == event.id)
    )
    for row in await tx.execute(query):
        if row.session_id in codes:
            by_name = named.setdefault(row.participant_id, {})
            by_name[codes[row.session_id]] = row.attendance == Attendance.ONSITE


async def _take_out_delegated(
    tx: AsyncConnection,
    event: Event,
    codes: Mapping[int, str],
    named: dict[int, dict[str, bool]],
) -> None:
    """Let whoever delegated a session not in there; who delegated everything has no ticket that admits."""
    query = (
        sa.select(substitutes.c.principal_id, stand_ins.c.session_id)
        .join_from(
            stand_ins, substitutes, substitutes.c.participant_id == stand_ins.c.participant_id
        )
        .join(participants, participants.c.id == substitutes.c.principal_id)
        .where(participants.c.event_id == event.id)
    )
    for principal, session_id in await tx.execute(query):
        if session_id in codes:
            named.setdefault(principal, {})[codes[session_id]] = False


def told_doors(doors: Iterable[Door]) -> list[dict[str, Any]]:
    """Return sessions as the snapshot lists them."""
    return [
        {
            "code": door.code,
            "room": door.room,
            "starts_at": door.starts_at.isoformat(),
            "ends_at": door.ends_at.isoformat(),
        }
        for door in doors
    ]
