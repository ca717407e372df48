"""From the queue to a draft: what is read only when a mail is written joins what was frozen in it."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.participants.tables import participants, rsvps

from .drafts import Draft
from .model import Mail
from .tables import mails


async def read_drafts(tx: AsyncConnection, found: Sequence[Mail]) -> list[Draft]:
    """Return mails with what is read only when they are written, but for the ticket."""
    live = await _read_live(tx, found)
    known = {id: await events.get_event_by_id(tx, id) for id in {mail.event_id for mail in found}}
    return [Draft(mail, known[mail.event_id], *live[mail.id]) for mail in found]


async def _read_live(tx: AsyncConnection, found: Sequence[Mail]) -> dict[int, tuple[int, str]]:
    """Return by mail id what is never frozen: the person's link generation, and their last answer."""
    code = mails.c.payload["facts"]["code"].as_string()
    query = (
        sa.select(mails.c.id, participants.c.link_generation, rsvps.c.status)
        .outerjoin_from(mails, participants, participants.c.id == mails.c.participant_id)
        .outerjoin(
            rsvps,
            sa.and_(rsvps.c.participant_id == participants.c.id, rsvps.c.session_code == code),
        )
        .where(mails.c.id.in_([mail.id for mail in found]))
    )
    return {
        row.id: (row.link_generation or 0, row.status or "needs_action")
        for row in await tx.execute(query)
    }


async def read_tickets(installation: Installation, drafts: Iterable[Draft]) -> dict[int, str]:
    """Return by participant the texts of the tickets that mails show, made where there are none yet.

    Whoever attends from afar has none.
    """
    shown = {draft.mail.participant_id for draft in drafts if draft.wants_ticket}
    return await installation.ticket_texts(installation.database, shown) if shown else {}
