"""The outbox while it is sent: how far it has got, pausing and going on, and a test to oneself."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.plain import hold
from eventhub.errors import Forbidden, Invalid
from eventhub.language import Reader
from eventhub.mail.message import Letter, Mailbox, compose
from eventhub.mail.outcome import Fate, Outcome
from eventhub.mail.ways import way_out
from eventhub.web.access import Principal, Right, allow
from eventhub.web.forms import posted
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    INSTALLATION,
    PRINCIPAL,
    READER,
    SETTINGS,
    reading,
    transaction,
)
from eventhub.web.pages import page, see_other
from eventhub.wording import Text, render, say

from . import drafting, listing, progress, sending, stopping
from .model import Mail
from .writing import Writer

# A test waits for the server as long as a person does.
PATIENCE_S = 25


@allow(Right.INVITATIONS)
async def show_progress(request: web.Request) -> web.Response:
    """Show what stands above the outbox, for a page that is open."""
    return await page(request, "invites/progress.html", **await progress_of(request))


async def progress_of(request: web.Request) -> dict[str, Any]:
    """Return what the template of the progress shows."""
    event, at = request[EVENT], request.app[CLOCK].now()
    limits = sending.limits_of(request.app[INSTALLATION])
    async with reading(request) as tx:
        counts = await listing.count_mails(tx, event.id)
        stands = await progress.read_progress(tx, event.id, limits=limits, at=at)
    return {
        "counts": {str(name): number for name, number in counts.items()},
        "total": listing.total(counts),
        "stands": stands,
    }


@allow(Right.INVITATIONS)
async def pause_mail(request: web.Request) -> web.Response:
    """Let the event's mail wait."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await stopping.pause(tx, event.id, who=request[PRINCIPAL].name, at=at)
        await _note(tx, request, "mail.paused", event.slug)
    return see_other(request, "invitations.show", event=event.slug)


@allow(Right.INVITATIONS)
async def resume_mail(request: web.Request) -> web.Response:
    """Let the event's mail go on, and try a server at once that took nothing."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await stopping.resume(tx, event.id)
        await hold(tx, stopping.put_off(at))
        await _note(tx, request, "mail.resumed", event.slug)
    return see_other(request, "invitations.show", event=event.slug)


@allow(Right.INVITATIONS)
async def send_test(request: web.Request) -> web.Response:
    """Hand a mail over to whoever asks, at once and outside the queue; say what the server answered."""
    await posted(request)
    who = request[PRINCIPAL]
    mail, letter = await letter_of(request)
    outcome = await _hand_over_test(request, mail, letter, who)
    async with transaction(request) as tx:
        await _note(tx, request, "mail.tested", str(mail.id), {"fate": str(outcome.fate)})
    tone = "ok" if outcome.fate is Fate.ACCEPTED else "bad"
    text = _test_result(outcome, who, has_server=bool(request.app[SETTINGS].smtp_url))
    return await page(request, "invites/mail.html", **shown(mail, letter, (tone, text)))


def _test_result(outcome: Outcome, who: Principal, *, has_server: bool) -> Text:
    if outcome.fate is not Fate.ACCEPTED:
        return say("The test was not taken: {answer}", answer=outcome.answer)
    if not has_server:
        return say("The test lies in the folder of mail, as no mail server is set.")
    return say("The test went out to {address}.", address=who.name)


async def _hand_over_test(
    request: web.Request, mail: Mail, letter: Letter, who: Principal
) -> Outcome:
    if who.kind != "user":
        raise Forbidden(say("Only somebody who is signed in has an address to send a test to."))
    installation = request.app[INSTALLATION]
    reader: Reader = request[READER]
    subject = render(say("Test: {subject}", subject=letter.subject), reader)
    # Another Message-ID: the mail itself must not look like a repetition when it comes.
    id = f"{uuid4().hex}@{installation.settings.mail_domain}"
    test = replace(letter, to=Mailbox(who.name), subject=subject, message_id=id, unsubscribe="")
    async with way_out(installation.settings) as way:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await way.hand_over(f"{mail.id:08d}-{mail.kind}", who.name, compose(test))
        except TimeoutError:
            return Outcome(Fate.LATER, str(say("The mail server does not answer.")))


async def letter_of(request: web.Request) -> tuple[Mail, Letter]:
    """Return the mail of the address as it is or will be sent."""
    installation = request.app[INSTALLATION]
    writer = Writer(installation.settings, installation.ticket_picture)
    async with reading(request) as tx:
        mail = await listing.get_mail(tx, request[EVENT].id, int(request.match_info["mail"]))
        [draft] = await drafting.read_drafts(tx, [mail])
    tickets = await drafting.read_tickets(installation, [draft])
    return mail, await asyncio.to_thread(writer.write, draft, tickets.get(mail.participant_id))


def shown(mail: Mail, letter: Letter, tested: tuple[str, Text] | None = None) -> dict[str, Any]:
    """Return what the template of a mail shows; `tested`: the tone and text of what became of a test."""
    source, refusal = "", None
    try:
        source = compose(letter).decode("ascii")
    except Invalid as unusable:
        refusal = unusable
    return {
        "mail": mail,
        "letter": letter,
        "headers": source.partition("\r\n\r\n")[0],
        "source": source,
        "calendar": letter.calendar.body.decode() if letter.calendar else "",
        "refusal": refusal,
        "tested": tested,
    }


async def _note(
    tx: AsyncConnection,
    request: web.Request,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
) -> None:
    event, at = request[EVENT], request.app[CLOCK].now()
    await audit.record(
        tx, request[PRINCIPAL], action, subject, event_id=event.id, at=at, detail=detail
    )


HERE = "/manage/{event}/invitations"

ROUTES = [
    web.get(f"{HERE}/progress", show_progress, name="invitations.progress"),
    web.post(f"{HERE}/pause", pause_mail, name="invitations.pause"),
    web.post(f"{HERE}/resume", resume_mail, name="invitations.resume"),
    web.post(HERE + r"/mails/{mail:\d{1,9}}/test", send_test, name="invitations.test"),
]
