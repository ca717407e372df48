"""Wanting less mail: notices, reminders and digests stop; what somebody needs to hold still comes.

An invitation, its change and its end go out whatever was chosen here: they are official letters. Who no longer comes
answers them or asks the organizers.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_names
from eventhub.errors import NotFound
from eventhub.events import actions as events
from eventhub.participants.links import PersonalLinks
from eventhub.participants.tables import participants
from eventhub.signing import BadToken
from eventhub.web.access import personal
from eventhub.web.keys import CLOCK, EVENT, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from .tables import mail_optouts


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose mail it is, and whether they want less of it."""

    id: int
    event_id: int
    name: str
    wants_less: bool


@personal
async def show_choice(request: web.Request) -> web.Response:
    """Say what comes and what may stop; looking at it changes nothing, as mail scanners follow links."""
    async with reading(request) as tx:
        reader = await _open(request, tx)
    return await page(
        request, "invites/optout.html", reader_of=reader, token=request.match_info["token"]
    )


@personal
async def choose(request: web.Request) -> web.StreamResponse:
    """Stop notices, reminders and digests, or let them come again.

    A mail program's one click (RFC 8058, 3.2) posts `List-Unsubscribe=One-Click` and is answered without a redirection.
    """
    form = await request.post()
    less = form.get("mail") != "all"
    async with transaction(request) as tx:
        # Two clicks at once find one after the other what stands.
        await lock_names(tx, "mail optouts")
        reader = await _open(request, tx)
        await _keep(tx, request, reader, less=less)
    if form.get("List-Unsubscribe") == "One-Click":
        return web.Response(status=200)
    return see_other(request, "invitations.optout", token=request.match_info["token"])


async def _keep(tx: AsyncConnection, request: web.Request, reader: Reader, *, less: bool) -> None:
    if less == reader.wants_less:
        return
    at = request.app[CLOCK].now()
    if less:
        row = {"participant_id": reader.id, "event_id": reader.event_id, "at": at}
        await tx.execute(mail_optouts.insert().values(row))
    else:
        await tx.execute(mail_optouts.delete().where(mail_optouts.c.participant_id == reader.id))
    action = "mail.less_wanted" if less else "mail.all_wanted"
    await audit.record(tx, "participant", action, str(reader.id), event_id=reader.event_id, at=at)


async def _open(request: web.Request, tx: AsyncConnection) -> Reader:
    settings = request.app[SETTINGS]
    gone = NotFound(say("This link does not work. Please use the link in the latest e-mail."))
    try:
        # Of any generation: links that were renewed stop no less mail.
        claim = PersonalLinks(settings.secret, settings.base_url).open_mail(
            request.match_info["token"]
        )
    except BadToken as error:
        raise gone from error
    query = (
        sa.select(participants.c.event_id, participants.c.name, mail_optouts.c.at)
        .outerjoin_from(
            participants, mail_optouts, mail_optouts.c.participant_id == participants.c.id
        )
        .where(participants.c.id == claim.participant_id)
    )
    row = (await tx.execute(query)).first()
    if row is None:
        raise gone
    request[EVENT] = await events.get_event_by_id(tx, row.event_id)
    return Reader(claim.participant_id, row.event_id, row.name, row.at is not None)


HERE = r"/p/mail/{token:[\w-]{20,80}}"
ROUTES = [
    web.get(HERE, show_choice, name="invitations.optout"),
    web.post(HERE, choose, name="invitations.choose_mail"),
]
