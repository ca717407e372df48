"""Any message to anybody, looked at before it is queued, and sent to oneself as a test."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.errors import NotFound
from eventhub.mail.message import Letter
from eventhub.mail.outcome import Fate
from eventhub.web.access import Right, allow
from eventhub.web.fields import INT32
from eventhub.web.forms import posted
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    INSTALLATION,
    PRINCIPAL,
    SETTINGS,
    reading,
    transaction,
)
from eventhub.web.pages import page
from eventhub.wording import Text, say

from . import drafting, sample, showing, store, trial
from .model import Guest, Mail
from .writing import Writer

PEOPLE = 20
NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """A message nobody has queued, and the letter it would be."""

    mail: Mail
    letter: Letter


@allow(Right.INVITATIONS)
async def show_sample(request: web.Request) -> web.Response:
    """Show the choice of a person and a message, and the message once both are chosen."""
    return await _page(request)


@allow(Right.INVITATIONS)
async def show_sample_body(request: web.Request) -> web.Response:
    """Answer the HTML part for the frame of the page."""
    async with reading(request) as tx:
        recipient = await _recipient(request, tx)
    if recipient is None:
        raise NotFound(say("There is no such participant."))
    written = await _written(request, recipient)
    return showing.body(written.letter)


@allow(Right.INVITATIONS)
async def send_sample(request: web.Request) -> web.Response:
    """Hand the message over to whoever asks, and say what the server answered."""
    await posted(request)
    async with reading(request) as tx:
        recipient = await _recipient(request, tx)
    if recipient is None:
        raise NotFound(say("There is no such participant."))
    written, who = await _written(request, recipient), request[PRINCIPAL]
    outcome = await trial.hand_over(request, written.mail, written.letter, who)
    async with transaction(request) as tx:
        await audit.record(
            tx,
            who,
            "mail.tested",
            f"{written.mail.kind} {recipient.guest.name}",
            event_id=request[EVENT].id,
            at=request.app[CLOCK].now(),
            detail={"fate": str(outcome.fate)},
        )
    tone = "ok" if outcome.fate is Fate.ACCEPTED else "bad"
    text = trial.result(outcome, who, has_server=bool(request.app[SETTINGS].smtp_url))
    return await _page(request, (tone, text))


async def _page(request: web.Request, tested: tuple[str, Text] | None = None) -> web.Response:
    event, words = request[EVENT], request.query.get("q", "").strip()[:NAME_LIMIT]
    async with reading(request) as tx:
        recipient = await _recipient(request, tx)
        found = await _people(tx, event.id, words) if recipient is None else []
    chosen = request.query.get("what", "")
    offers = recipient.offers() if recipient else []
    if recipient and chosen not in {offer.value for offer in offers}:
        chosen = offers[0].value
    values: dict[str, Any] = {}
    if recipient and recipient.guest.address:
        written = await _written(request, recipient, chosen)
        values = showing.shown(written.mail, written.letter, tested)
    return await page(
        request,
        "invites/sample.html",
        people=found[:PEOPLE],
        more=len(found) > PEOPLE,
        words=words,
        guest=recipient.guest if recipient else None,
        offers=offers,
        chosen=chosen,
        days={day.isoformat(): day for day in event.days},
        **values,
    )


async def _people(tx: AsyncConnection, event_id: int, words: str) -> list[Guest]:
    needles = words.casefold().split()
    guests = (await store.list_guests(tx, event_id)).values()
    return [
        one
        for one in guests
        if all(needle in f"{one.name} {one.office}".casefold() for needle in needles)
    ]


async def _recipient(request: web.Request, tx: AsyncConnection) -> sample.Recipient | None:
    """Return whose messages are asked for, None where nobody is chosen."""
    id = request.query.get("person", "")
    if not id:
        return None
    number = min(int(id), INT32) if id.isdecimal() and len(id) < 12 else 0
    return await sample.read_recipient(tx, request[EVENT], number, at=request.app[CLOCK].now())


async def _written(
    request: web.Request, recipient: sample.Recipient, chosen: str | None = None
) -> Sample:
    """Return the message of the address's `what`, or the chosen one."""
    installation = request.app[INSTALLATION]
    what = request.query.get("what", "") if chosen is None else chosen
    mail = recipient.mail(what, installation.settings.mail_domain)
    async with reading(request) as tx:
        draft = await sample.read_draft(tx, recipient.event, mail, recipient.guest)
    tickets = await drafting.read_tickets(installation, [draft])
    writer = Writer(installation.settings, installation.ticket_picture)
    letter = await asyncio.to_thread(writer.write, draft, tickets.get(recipient.guest.id))
    return Sample(mail, letter)


HERE = "/manage/{event}/invitations/sample"

ROUTES = [
    web.get(HERE, show_sample, name="invitations.sample"),
    web.get(f"{HERE}/body.html", show_sample_body, name="invitations.sample_body"),
    web.post(f"{HERE}/test", send_sample, name="invitations.sample_test"),
]
