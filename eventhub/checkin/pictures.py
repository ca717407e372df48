"""A ticket's QR code as a picture, at an address that opens this one picture and nothing else."""

from aiohttp import web

from eventhub.errors import NotFound
from eventhub.signing import BadToken, Signer
from eventhub.web.access import personal
from eventhub.web.keys import SETTINGS, base_url, reading
from eventhub.wording import say

from . import actions, badge

_ID_BYTES = 8


def address_of(request: web.Request, ticket_id: int) -> str:
    """Return the address of a ticket's picture, without `.svg` or `.png`."""
    token = _signer(request).sign(ticket_id.to_bytes(_ID_BYTES, "big"))
    return f"{base_url(request)}/scan/tickets/{token}"


@personal
async def send_ticket_svg(request: web.Request) -> web.StreamResponse:
    """Send the picture as SVG."""
    return web.Response(text=badge.draw_svg(await _text(request)), content_type="image/svg+xml")


@personal
async def send_ticket_png(request: web.Request) -> web.StreamResponse:
    """Send the picture as PNG."""
    return web.Response(body=badge.draw_png(await _text(request)), content_type="image/png")


async def _text(request: web.Request) -> str:
    try:
        ticket_id = int.from_bytes(_signer(request).open(request.match_info["token"]), "big")
    except BadToken as error:
        raise NotFound(say("There is no such ticket.")) from error
    secrets = actions.TicketSecrets.of(request.app[SETTINGS].secret)
    async with reading(request) as tx:
        ticket = await actions.find_ticket(tx, ticket_id, secrets=secrets)
    if ticket is None:
        raise NotFound(say("This ticket was replaced by a newer one."))
    return ticket.text


def _signer(request: web.Request) -> Signer:
    return Signer(request.app[SETTINGS].secret, "link/ticket-picture")


ROUTES = [
    web.get(r"/scan/tickets/{token:[\w-]{20,60}}.svg", send_ticket_svg, name="checkin.ticket_svg"),
    web.get(r"/scan/tickets/{token:[\w-]{20,60}}.png", send_ticket_png, name="checkin.ticket_png"),
]
