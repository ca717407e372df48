"""Who was taken out of the event keeps nothing in the calendar: what they hold is cancelled.

Mails and invitations outlive their participant for that; what is left of them afterwards is the cancellations.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.events.model import Attendance, Event

from . import queue, store
from .desk import Desk
from .model import Facts, Guest, Invitation, Kind, Mail, News, State
from .tables import invitations, mails

# A mail that may lie with its reader.
GONE_OUT = (State.SENT, State.SENDING, State.UNCERTAIN)
# One that is with the server this moment is left to whoever hands it over.
KEPT = (State.SENDING, State.UNCERTAIN)


async def take_leave(
    tx: AsyncConnection, event: Event, participant_id: int, *, at: datetime, domain: str
) -> int:
    """Queue a cancellation of all that a participant taken out holds; return how many. Twice it does nothing more."""
    await lock_event(tx, event.id)
    held = [
        one
        for one in await store.list_invitations(tx, event.id)
        if one.participant_id == participant_id
    ]
    written = await _list_mails(tx, participant_id)
    common = {"event_id": event.id, "state": State.QUEUED, "due_at": at, "created_at": at}
    desk = Desk(event, domain, common, None)
    rows = [row for one in held if (row := _cancellation(desk, one, written))]
    ids = [mail.id for mail in written if mail.state not in KEPT and mail.kind is not Kind.CANCEL]
    for part in queue.chunks(ids):
        await tx.execute(mails.delete().where(mails.c.id.in_(part)))
    await tx.execute(invitations.delete().where(invitations.c.participant_id == participant_id))
    await queue.insert_mails(tx, rows)
    return len(rows)


async def _list_mails(tx: AsyncConnection, participant_id: int) -> list[Mail]:
    query = sa.select(mails).where(mails.c.participant_id == participant_id).order_by(mails.c.id)
    return [queue.mail_of(row) for row in await tx.execute(query)]


def _cancellation(desk: Desk, one: Invitation, written: list[Mail]) -> dict[str, Any] | None:
    out = [m for m in written if m.session_id == one.session_id and m.state in GONE_OUT]
    if not out or out[-1].kind is Kind.CANCEL:
        return None
    last = out[-1]
    guest = Guest(
        id=last.participant_id,
        delegation="",
        address=last.to_address,
        language=last.language,
        attendance=Attendance(last.payload["facts"]["attendance"]),
        generation=0,
        **last.payload["guest"],
    )
    told = Facts.read(last.payload["facts"])
    news = News(Kind.CANCEL, one.participant_id, one.session_id, one.sequence + 1, told)
    return desk.letter(news, guest, one.uid, None)
