"""Telling the invited in words who comes in their place, where no update of an invitation says so."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event

from . import programmes, queue, rules, store
from .desk import Desk
from .instead_store import read_insteads
from .model import Facts, Guest, Method, State
from .tables import invitations, mails


async def tell(
    tx: AsyncConnection,
    event: Event,
    principal_id: int,
    session_id: int | None,
    *,
    of: int,
    at: datetime,
    domain: str,
) -> bool:
    """Queue the mail that says who comes to a session or (None) to everything; return whether there was need to.

    `of` is the job that asks for it: done twice it queues nothing the second time.
    """
    guest = (await store.list_guests(tx, event.id)).get(principal_id)
    insteads = await read_insteads(tx, event.id)
    who = insteads.who_for(principal_id, session_id)
    if guest is None or not guest.address or who is None:
        return False
    if session_id is not None and await _holds(tx, principal_id, session_id):
        return False
    facts = await _facts(tx, event, guest, session_id)
    common = {"event_id": event.id, "state": State.QUEUED, "due_at": at, "created_at": at}
    row = Desk(event, domain, common, None).instead(guest, who, facts)
    return await _insert(tx, row | {"message_id": f"instead-{of}@{domain}"})


async def _facts(
    tx: AsyncConnection, event: Event, guest: Guest, session_id: int | None
) -> Facts | None:
    programme = await programmes.last_programme(tx, event.id)
    if session_id is None or programme is None or session_id not in programme.items:
        return None
    ways = await programmes.list_attendance(tx, programme, [session_id])
    attendance = ways.get(guest.id, {}).get(session_id, guest.attendance)
    return rules.facts(programme.items[session_id], guest, attendance)


async def _holds(tx: AsyncConnection, participant_id: int, session_id: int) -> bool:
    query = sa.select(invitations.c.id).where(
        invitations.c.participant_id == participant_id,
        invitations.c.session_id == session_id,
        invitations.c.method == Method.REQUEST,
    )
    return (await tx.execute(query)).first() is not None


async def _insert(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    known = sa.select(mails.c.id).where(mails.c.message_id == row["message_id"])
    if (await tx.execute(known)).first():
        return False
    await queue.insert_mails(tx, [row])
    return True
