"""Certificates for organizers to hand out, and the public page that checks one."""

import re

from aiohttp import web

from eventhub.errors import NotFound
from eventhub.events import actions as events
from eventhub.language import Reader
from eventhub.web.access import Right, allow, personal
from eventhub.web.keys import CLOCK, EVENT, READER, SETTINGS, base_url, reading
from eventhub.web.pages import page
from eventhub.wording import say

from . import certificate_paper, certificates
from .certificates import Certificate


@allow(Right.PEOPLE_WRITE)
async def hand_out(request: web.Request) -> web.Response:
    """Give the certificates of a delegation (`?delegation=`), a person (`?participant=`), or everybody as one PDF."""
    event, at = request[EVENT], request.app[CLOCK].now()
    number = request.query.get("participant")
    if number is not None and not re.fullmatch(r"[0-9]{1,9}", number):
        raise NotFound(say("There is no such participant."))
    delegation = request.query.get("delegation")
    async with reading(request) as tx:
        found = await certificates.to_hand_out(
            tx,
            event,
            delegation=delegation,
            participant_id=int(number) if number else None,
            at=at,
        )
    part = re.sub(r"[^A-Za-z0-9._-]", "", delegation or number or "all")
    return await send(request, found, f"{event.slug}-certificates-{part}.pdf")


async def send(request: web.Request, found: list[Certificate], name: str) -> web.Response:
    """Answer certificates as a file."""
    secret = request.app[SETTINGS].secret
    content = await certificate_paper.print_certificates(
        request[EVENT], found, secret=secret, base_url=base_url(request)
    )
    return web.Response(
        body=content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@personal
async def verify(request: web.Request) -> web.Response:
    """Say what a certificate's code vouches for, or that it is none of ours."""
    async with reading(request) as tx:
        secret = request.app[SETTINGS].secret
        checked = await certificates.check(tx, secret, request.match_info["token"])
        event = await events.get_event_by_id(tx, checked.event_id) if checked else None
        standing = None
        if checked and event:
            at = request.app[CLOCK].now()
            standing = await certificates.standing_of(tx, event, checked, at=at)
    if checked is None or event is None:
        return await page(request, "reports/verify.html", status=404, checked=None)
    request[EVENT] = event
    request[READER] = reader = Reader(request[READER].language, event.zone)
    return await page(
        request,
        "reports/verify.html",
        checked=checked,
        standing=standing.value if standing else "",
        lasted=certificate_paper.duration(checked.minutes, reader),
    )


ROUTES = [
    web.get("/manage/{event}/reports/certificates.pdf", hand_out, name="reports.certificates"),
    web.get("/verify/{token}", verify, name="reports.verify"),
]
