"""Reading what scanners keep to decide offline (docs/scanner.md), and whether any of it changed."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.events.tables import events, rooms
from eventhub.participants.tables import delegations, participants
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import session_audiences, session_speakers, sessions

from . import badge
from .clearance import Standing, audience_mark
from .model import CheckpointKind, Declaration, Proof, Status, Way
from .sealing import text_of
from .tables import (
    checkpoints,
    declarations,
    passages,
    proofs,
    ticket_keys,
    tickets,
    visits,
)

PAGE = 2000


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


@dataclass(frozen=True, slots=True)
class People:
    """What is known of participants beyond their own rows, by participant id."""

    standings: Mapping[int, Standing]
    declared: Mapping[int, list[Declaration]]
    shown: Mapping[int, list[Proof]]


def public_keys(event: Event, keys: Mapping[int, Any]) -> list[dict[str, Any]]:
    """Return the keys that still vouch for tickets."""
    return [
        {
            "key_id": key_id,
            "event": badge.event_mark(event.id),
            "public_key": text_of(key.public_key),
        }
        for key_id, key in sorted(keys.items())
        if key.retired_at is None
    ]


async def read_mark(tx: AsyncConnection, event: Event, day: date) -> tuple[Any, ...]:
    """Return a value that differs whenever a snapshot made now might."""
    of_event = events.c.id == event.id

    def told(table: sa.Table, *what: sa.ColumnElement[Any]) -> list[sa.ScalarSelect[Any]]:
        mine = table.c.event_id == event.id
        return [sa.select(one).where(mine).select_from(table).scalar_subquery() for one in what]

    count, last, total = sa.func.count(), sa.func.max, sa.func.sum
    wanted = [
        sa.select(events.c.version).where(of_event).scalar_subquery(),
        *told(tickets, count, last(tickets.c.id), sa.func.count(tickets.c.revoked_at)),
        *told(ticket_keys, count, sa.func.count(ticket_keys.c.retired_at)),
        *told(participants, count, total(participants.c.version), last(participants.c.id)),
        *told(delegations, count, total(delegations.c.version)),
        *told(rooms, count, total(rooms.c.version)),
        *told(sessions, count, total(sessions.c.version), last(sessions.c.id)),
        *told(declarations, count, last(declarations.c.id)),
        *told(proofs, count, last(proofs.c.id)),
        *told(passages, count, last(passages.c.id), sa.func.count(passages.c.annulled_at)),
        *told(
            visits,
            count,
            last(visits.c.id),
            sa.func.count(visits.c.left_at),
            last(visits.c.entered_at),
            last(visits.c.left_at),
        ),
    ]
    row = (await tx.execute(sa.select(*wanted))).one()
    return (day, *row)


async def read_tickets(tx: AsyncConnection, event: Event) -> AsyncIterator[Sequence[Any]]:
    """Yield the event's tickets with their holders, a page at a time, so that nobody waits for all of them."""
    after = 0
    while True:
        query = _tickets(event).where(tickets.c.id > after).limit(PAGE)
        page = (await tx.execute(query)).all()
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].id


def _tickets(event: Event) -> sa.Select[Any]:
    return (
        sa.select(
            tickets.c.id,
            tickets.c.number,
            tickets.c.key_id,
            tickets.c.revoked_at,
            tickets.c.participant_id,
            participants.c.name,
            participants.c.position,
            participants.c.attendance,
            participants.c.delegation_id,
            delegations.c.name.label("delegation"),
        )
        .join(participants, participants.c.id == tickets.c.participant_id)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .where(tickets.c.event_id == event.id)
        .order_by(tickets.c.id)
    )


async def read_people(tx: AsyncConnection, event: Event, day: date) -> People:
    """Return where everybody is, who was checked, and what was declared and shown."""
    places = await _places(tx, event, day)
    checked = await _checked(tx, event, day)
    standings = {
        person: Standing(
            day,
            None in places.get(person, {}),
            next((room for room in places.get(person, {}).values() if room), None),
            person in checked,
        )
        for person in places.keys() | checked
    }
    protocol = event.protocol
    asks = protocol.enabled
    declared = await _declared(tx, event) if asks and protocol.declaration_required else {}
    shown = await _shown(tx, event) if asks and protocol.proof_required else {}
    return People(standings, declared, shown)


async def _places(
    tx: AsyncConnection, event: Event, day: date
) -> dict[int, dict[int | None, str | None]]:
    """Return where participants are: room ids (None: the event) and their codes."""
    query = (
        sa.select(visits.c.participant_id, visits.c.room_id, rooms.c.code)
        .outerjoin(rooms, rooms.c.id == visits.c.room_id)
        .where(
            visits.c.event_id == event.id,
            visits.c.day == day,
            visits.c.left_at.is_(None),
        )
    )
    found: dict[int, dict[int | None, str | None]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.participant_id, {})[row.room_id] = row.code
    return found


async def _checked(tx: AsyncConnection, event: Event, day: date) -> set[int]:
    """Return whom a gate need not ask any more, as the protocol's `recheck` says."""
    if not event.protocol.enabled:
        return set()
    query = (
        sa.select(passages.c.participant_id)
        .join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id)
        .where(
            passages.c.event_id == event.id,
            passages.c.participant_id.is_not(None),
            passages.c.status == Status.OK,
            passages.c.annulled_at.is_(None),
            passages.c.type == Way.ENTRY,
            checkpoints.c.kind == CheckpointKind.GATE,
        )
        .distinct()
    )
    if event.protocol.recheck == "daily":
        query = query.where(passages.c.day == day)
    return set((await tx.execute(query)).scalars())


async def _declared(tx: AsyncConnection, event: Event) -> dict[int, list[Declaration]]:
    query = sa.select(declarations).where(declarations.c.event_id == event.id)
    latest: dict[int, dict[date, Declaration]] = {}
    for r in await tx.execute(query.order_by(declarations.c.declared_at, declarations.c.id)):
        one = Declaration(r.date, r.symptoms, r.contact, r.travel)
        latest.setdefault(r.participant_id, {})[r.date] = one
    return {person: [days[day] for day in sorted(days)] for person, days in latest.items()}


async def _shown(tx: AsyncConnection, event: Event) -> dict[int, list[Proof]]:
    query = sa.select(proofs).where(proofs.c.event_id == event.id).order_by(proofs.c.id)
    found: dict[int, list[Proof]] = {}
    for r in await tx.execute(query):
        one = Proof(r.kind, r.taken_at, r.negative, r.doses)
        found.setdefault(r.participant_id, []).append(one)
    return found


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
    return Audiences(
        doors=doors,
        offices={office: frozenset(their) for office, their in offices.items()},
        speaking=await _speaking(tx, event, codes),
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
