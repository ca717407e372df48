"""Reading what scanners keep to decide offline (docs/scanner.md), and whether any of it changed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.events.tables import events, rooms
from eventhub.participants.tables import (
    delegations,
    participants,
    stand_ins,
    substitutes,
    switches,
)
from eventhub.sessions.tables import sessions

from . import badge
from .clearance import Standing
from .handed import who_instead
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

    def chosen(table: sa.Table, *what: sa.ColumnElement[Any]) -> list[sa.ScalarSelect[Any]]:
        mine = sa.select(participants.c.id).where(participants.c.event_id == event.id)
        who = table.c.participant_id.in_(mine)
        return [sa.select(one).where(who).select_from(table).scalar_subquery() for one in what]

    count, last, total = sa.func.count(), sa.func.max, sa.func.sum
    # Products, as one who gives way to another leaves counts as they are.
    seats = stand_ins.c.participant_id * 1009 + stand_ins.c.session_id
    whole = sa.case((substitutes.c.is_whole, substitutes.c.participant_id), else_=0)
    wanted = [
        sa.select(events.c.version).where(of_event).scalar_subquery(),
        *told(tickets, count, last(tickets.c.id), sa.func.count(tickets.c.revoked_at)),
        *told(ticket_keys, count, sa.func.count(ticket_keys.c.retired_at)),
        *told(participants, count, total(participants.c.version), last(participants.c.id)),
        *chosen(substitutes, count, total(whole)),
        *chosen(stand_ins, count, total(seats)),
        *chosen(switches, count, last(switches.c.switched_at)),
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
            who_instead().label("instead"),
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
