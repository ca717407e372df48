"""The outbox while it is sent: how far it has got, pausing and going on, and a test to oneself."""

import asyncio
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.plain import hold
from eventhub.mail.message import Letter
from eventhub.mail.outcome import Fate
from eventhub.web.access import Right, allow
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
from eventhub.web.pages import page, see_other

from . import drafting, listing, progress, sending, showing, stopping, trial
from .model import Mail
from .writing import Writer


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
        await _note(tx, request, stopping.RESUMED, event.slug)
    return see_other(request, "invitations.show", event=event.slug)


@allow(Right.INVITATIONS)
async def send_test(request: web.Request) -> web.Response:
    """Hand a mail over to whoever asks, at once and outside the queue; say what the server answered."""
    await posted(request)
    who = request[PRINCIPAL]
    mail, letter = await letter_of(request)
    outcome = await trial.hand_over(request, mail, letter, who)
    async with transaction(request) as tx:
        await _note(tx, request, "mail.tested", str(mail.id), {"fate": str(outcome.fate)})
    tone = "ok" if outcome.fate is Fate.ACCEPTED else "bad"
    text = trial.result(outcome, who, has_server=bool(request.app[SETTINGS].smtp_url))
    return await page(request, "invites/mail.html", **showing.shown(mail, letter, (tone, text)))


async def letter_of(request: web.Request) -> tuple[Mail, Letter]:
    """Return the mail of the address as it is or will be sent."""
    installation = request.app[INSTALLATION]
    writer = Writer(installation.settings, installation.ticket_picture)
    async with reading(request) as tx:
        mail = await listing.get_mail(tx, request[EVENT].id, int(request.match_info["mail"]))
        [draft] = await drafting.read_drafts(tx, [mail])
    tickets = await drafting.read_tickets(installation, [draft])
    return mail, await asyncio.to_thread(writer.write, draft, tickets.get(mail.participant_id))


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
