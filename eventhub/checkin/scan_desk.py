"""What a scanner may look up: people by name, where it has the right, and scans that do not fit."""

from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Forbidden
from eventhub.events.model import Event
from eventhub.web.access import Principal, device
from eventhub.web.keys import CLOCK, SETTINGS, reading, transaction
from eventhub.wording import render, say

from . import actions, people, phones, store
from .keys import TicketSecrets
from .numbered import number_of
from .remedies import REMEDIES
from .tables import checkpoints, passages, tickets

MOST_PEOPLE = 21  # one more than a phone shows, so that it can say that there are more
SHORTEST = 3
LONGEST = 100


@device
async def find_people(request: web.Request) -> web.StreamResponse:
    """Tell a scanner with that right whom it looks for, with the numbers of their tickets, issued if need be."""
    words = request.query.get("q", "")[:LONGEST].strip()
    async with reading(request) as tx:
        who, event, _ = await phones.scanner_of(tx, request)
        if not who.may_search:
            raise Forbidden(say("This scanner may not look people up by name."))
        enough = len(words) >= SHORTEST
        found = await people.search_attendees(tx, event.id, words, MOST_PEOPLE) if enough else []
        numbers = await _numbers(tx, event, [one.id for one in found])
    missing = [one.id for one in found if one.comes and one.id not in numbers]
    if missing:
        numbers |= await _issued(request, event, missing)
    items = [
        {
            "name": one.name,
            "position": one.position,
            "office": one.delegation,
            "ticket": numbers.get(one.id) if one.comes else None,
        }
        for one in found
    ]
    return phones.answer({"items": items})


async def _issued(request: web.Request, event: Event, missing: list[int]) -> dict[int, str]:
    secrets = TicketSecrets.of(request.app[SETTINGS].secret)
    at = request.app[CLOCK].now()
    async with transaction(request) as tx:
        for person in missing:
            await actions.ticket_for(tx, event, person, secrets=secrets, at=at)
        return await _numbers(tx, event, missing)


async def _numbers(tx: AsyncConnection, event: Event, persons: list[int]) -> dict[int, str]:
    query = sa.select(tickets.c.participant_id, tickets.c.key_id, tickets.c.number).where(
        tickets.c.participant_id.in_(persons), tickets.c.revoked_at.is_(None)
    )
    rows = await tx.execute(query)
    return {row.participant_id: number_of(row.key_id, event.id, row.number) for row in rows}


@device
async def list_conflicts(request: web.Request) -> web.StreamResponse:
    """Tell a scanner what does not fit in today's scans at its checkpoints, and what to do, the latest first."""
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        who, event, reader = await phones.scanner_of(tx, request)
        found = await actions.list_conflicts(tx, event, on=event.day_of(at))
        here = await _scanned_here(tx, event, who, {nonce for c in found for nonce in c.nonces})
        mine = [conflict for conflict in reversed(found) if here & set(conflict.nonces)]
        names = await store.names_of(
            tx, {c.participant_id for c in mine if c.participant_id is not None}
        )
    items: list[dict[str, Any]] = [
        {
            "kind": conflict.kind.value,
            "name": names.get(conflict.participant_id or 0, ""),
            "nonces": list(conflict.nonces),
            "explanation": render(conflict.explanation, reader),
            "remedy": render(REMEDIES[conflict.kind], reader),
        }
        for conflict in mine
    ]
    return phones.answer({"items": items})


async def _scanned_here(
    tx: AsyncConnection, event: Event, who: Principal, nonces: set[str]
) -> set[str]:
    query = sa.select(passages.c.nonce).where(
        passages.c.event_id == event.id, passages.c.nonce.in_(nonces)
    )
    if who.checkpoints:
        query = query.join(checkpoints, checkpoints.c.id == passages.c.checkpoint_id).where(
            checkpoints.c.code.in_(who.checkpoints)
        )
    return set((await tx.execute(query)).scalars())


ROUTES = [
    web.get("/scan/people", find_people, name="checkin.scan_people"),
    web.get("/scan/conflicts", list_conflicts, name="checkin.scan_conflicts"),
]
