"""Inviting, and the outbox: what was sent to whom, what waits, what went wrong."""

from urllib.parse import quote

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.mail.message import compose
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other

from . import (
    actions,
    answer_pages,
    choice_pages,
    listing,
    notice_pages,
    optout_pages,
    queue_pages,
    reminder_pages,
    sample_pages,
    shares,
    showing,
)
from .model import Kind, State

PER_PAGE = 50
OFFICES = 20
INT32 = 2**31 - 1


@allow(Right.INVITATIONS)
async def show_invitations(request: web.Request) -> web.Response:
    """Show how many mails stand where, and the outbox, newest first."""
    event, query = request[EVENT], request.query
    state = State(query["state"]) if query.get("state") in set(State) else None
    kind = Kind(query["kind"]) if query.get("kind") in set(Kind) else None
    wanted = query.get("q", "").strip()[:200]
    before = query.get("before", "")
    async with reading(request) as tx:
        mails = await listing.list_mails(
            tx,
            event.id,
            state=state,
            kind=kind,
            wanted=wanted,
            before=min(int(before), INT32) if before.isdecimal() and len(before) < 12 else None,
            limit=PER_PAGE + 1,
        )
        drafts_of = await listing.latest_drafted(tx, event.id)
    older = mails[PER_PAGE - 1].id if len(mails) > PER_PAGE else None
    chosen = {"state": state or "", "kind": kind or "", "q": wanted}
    return await page(
        request,
        "invites/outbox.html",
        **await queue_pages.progress_of(request),
        mails=mails[:PER_PAGE],
        drafts_of=drafts_of,
        older=older,
        is_first=not before,
        chosen=chosen,
        has_server=bool(request.app[SETTINGS].smtp_url),
        folder=request.app[SETTINGS].data / "mail",
    )


@allow(Right.INVITATIONS)
async def preview_invitations(request: web.Request) -> web.Response:
    """Show what would be queued now, and ask."""
    async with transaction(request) as tx:
        queued = await actions.send_invitations(
            tx,
            request[EVENT],
            at=request.app[CLOCK].now(),
            domain=request.app[SETTINGS].mail_domain,
            dry_run=True,
        )
    kinds = {str(kind): number for kind, number in queued.kinds.items()}
    wanted, start = request.query.get("q", "").strip()[:200], request.query.get("from", "")
    found = list(shares.matching(queued.shares, wanted))
    first = min(int(start), len(found)) if start.isdecimal() and len(start) < 12 else 0
    last = first + OFFICES
    return await page(
        request,
        "invites/send.html",
        queued=queued,
        kinds=kinds,
        shares=found[first:last],
        of=len(found),
        wanted=wanted,
        is_first=not first,
        next_from=last if len(found) > last else None,
    )


@allow(Right.INVITATIONS)
async def send_invitations(request: web.Request) -> web.Response:
    """Queue what people do not have yet."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        queued = await actions.send_invitations(
            tx, event, at=at, domain=request.app[SETTINGS].mail_domain
        )
        await _note(tx, request, "invitations.sent", queued.total)
    return see_other(request, "invitations.show", event=event.slug)


@allow(Right.INVITATIONS)
async def approve_drafts(request: web.Request) -> web.Response:
    """Let the notices of a release go out."""
    await posted(request)
    event = request[EVENT]
    async with transaction(request) as tx:
        count = await actions.approve_drafts(tx, event, at=request.app[CLOCK].now())
        await _note(tx, request, "invitations.approved", count)
    return see_other(request, "invitations.show", event=event.slug)


@allow(Right.INVITATIONS)
async def send_again(request: web.Request) -> web.Response:
    """Queue mails again: all of one state, or one."""
    form = await posted(request)
    event = request[EVENT]
    wished = str(form.get("state", ""))
    states = {State(wished)} if wished in set(State) else set(State)
    mail = str(form.get("mail", ""))
    mail_id = min(int(mail), INT32) if mail.isdecimal() and len(mail) < 12 else None
    async with transaction(request) as tx:
        count = await actions.send_again(
            tx, event, at=request.app[CLOCK].now(), states=states, mail_id=mail_id
        )
        await _note(tx, request, "invitations.sent_again", count)
    return see_other(request, "invitations.show", event=event.slug)


@allow(Right.INVITATIONS)
async def show_mail(request: web.Request) -> web.Response:
    """Show a mail as it is or will be sent: as seen, as text, as it goes over the wire."""
    mail, letter = await queue_pages.letter_of(request)
    return await page(request, "invites/mail.html", **showing.shown(mail, letter))


@allow(Right.INVITATIONS)
async def show_mail_body(request: web.Request) -> web.Response:
    """Answer the HTML part for the preview's frame: no script, no form, nothing loaded."""
    _, letter = await queue_pages.letter_of(request)
    return showing.body(letter)


@allow(Right.INVITATIONS)
async def download_mail(request: web.Request) -> web.Response:
    """Answer the whole message as a file."""
    _, letter = await queue_pages.letter_of(request)
    name = quote(f"{int(request.match_info['mail']):08d}.eml")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=compose(letter), content_type="message/rfc822", headers=headers)


async def _note(tx: AsyncConnection, request: web.Request, action: str, count: int) -> None:
    event, at = request[EVENT], request.app[CLOCK].now()
    detail = {"mails": count}
    await audit.record(
        tx, request[PRINCIPAL], action, event.slug, event_id=event.id, at=at, detail=detail
    )


HERE = "/manage/{event}/invitations"
MAIL = HERE + r"/mails/{mail:\d{1,9}}"

ROUTES = [
    *notice_pages.ROUTES,
    *optout_pages.ROUTES,
    *choice_pages.ROUTES,
    *reminder_pages.ROUTES,
    *queue_pages.ROUTES,
    *sample_pages.ROUTES,
    web.get(HERE, show_invitations, name="invitations.show"),
    web.get(f"{HERE}/send", preview_invitations, name="invitations.preview"),
    web.post(f"{HERE}/send", send_invitations, name="invitations.send"),
    web.post(f"{HERE}/approve", approve_drafts, name="invitations.approve"),
    web.post(f"{HERE}/again", send_again, name="invitations.again"),
    *answer_pages.ROUTES,
    web.get(MAIL, show_mail, name="invitations.mail"),
    web.get(f"{MAIL}/body.html", show_mail_body, name="invitations.body"),
    web.get(f"{MAIL}/message.eml", download_mail, name="invitations.download"),
]
