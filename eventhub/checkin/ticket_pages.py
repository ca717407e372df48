"""The registration desk's pages: a participant's ticket, and badges to print."""

from aiohttp import web
from markupsafe import Markup

from eventhub.errors import NotFound
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    PRINCIPAL,
    READER,
    SETTINGS,
    reading,
    transaction,
)
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions, badge, sheets, store
from .forms import BadgesForm


@allow(Right.TICKETS_READ)
async def show_ticket(request: web.Request) -> web.StreamResponse:
    """Show a participant's ticket at the registration desk, issued now if there is none yet."""
    event, person = request[EVENT], int(request.match_info["participant"])
    secrets = actions.TicketSecrets.of(request.app[SETTINGS].secret)
    async with transaction(request) as tx:
        ticket = await actions.ticket_for(
            tx, event, person, secrets=secrets, at=request.app[CLOCK].now()
        )
        names = await store.names_of(tx, {person})
    picture = Markup(badge.draw_svg(ticket.text))  # noqa: S704 -- drawn here, of paths alone
    return await page(
        request,
        "checkin/ticket.html",
        person=person,
        name=names[person],
        ticket=ticket,
        picture=picture,
        may_manage=request[PRINCIPAL].has(Right.DOORS_MANAGE),
    )


@allow(Right.DOORS_MANAGE)
async def reissue_ticket(request: web.Request) -> web.StreamResponse:
    """Replace a participant's ticket."""
    event, person = request[EVENT], int(request.match_info["participant"])
    await posted(request)
    secrets = actions.TicketSecrets.of(request.app[SETTINGS].secret)
    async with transaction(request) as tx:
        await actions.reissue_ticket(
            tx,
            event,
            person,
            who=request[PRINCIPAL],
            secrets=secrets,
            at=request.app[CLOCK].now(),
        )
    return see_other(request, "checkin.ticket", event=event.slug, participant=person)


@allow(Right.DOORS_MANAGE)
async def choose_badges(request: web.Request) -> web.StreamResponse:
    """Show the offices with people on site, to print badges of one or of all."""
    async with reading(request) as tx:
        offices = await sheets.list_offices(tx, request[EVENT].id)
    return await page(request, "checkin/badges.html", offices=offices)


@allow(Right.DOORS_MANAGE)
async def print_badges(request: web.Request) -> web.StreamResponse:
    """Give badges as a PDF: of everybody on site, one office or one person; who has no ticket yet gets one."""
    event = request[EVENT]
    chosen = read_form(BadgesForm, await posted(request))
    whose = sheets.Whose(chosen.delegation, chosen.participant)
    secrets = actions.TicketSecrets.of(request.app[SETTINGS].secret)
    async with transaction(request) as tx:
        waiting = await sheets.list_without_ticket(tx, event.id, whose)
        at = request.app[CLOCK].now()
        await actions.issue_tickets(tx, event, waiting, secrets=secrets, at=at)
        badges = await sheets.read_badges(tx, event, whose, secrets=secrets)
    if not badges:
        raise NotFound(say("Nobody attends on site, so there are no badges to print."))
    content = await sheets.typeset_badges(event, badges, request[READER])
    name = f'attachment; filename="{event.slug}-badges.pdf"'
    return web.Response(
        body=content, content_type="application/pdf", headers={"Content-Disposition": name}
    )


_HERE = "/manage/{event}/checkin"
ROUTES = [
    web.get(f"{_HERE}/badges", choose_badges, name="checkin.badges"),
    web.post(f"{_HERE}/badges", print_badges, name="checkin.print_badges"),
    web.get(_HERE + r"/tickets/{participant:\d{1,9}}", show_ticket, name="checkin.ticket"),
    web.post(_HERE + r"/tickets/{participant:\d{1,9}}", reissue_ticket, name="checkin.reissue"),
]
