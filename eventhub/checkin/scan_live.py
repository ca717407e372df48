"""`/scan/live`: the event's news for a phone that is a scanner; its cookie is sent to addresses below `/scan` alone."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.live.admission import insider
from eventhub.live.listener import Pass, Standing
from eventhub.live.sending import stream
from eventhub.web.access import device
from eventhub.web.keys import reading

from . import enrolling, phones


@device
async def listen(request: web.Request) -> web.StreamResponse:
    """Send what happens at the event to one of its scanners."""
    async with reading(request) as tx:
        who, event, _ = await phones.scanner_of(tx, request)

    async def standing_now(tx: AsyncConnection) -> Standing | None:
        now = await enrolling.find_scanner(tx, request.cookies.get(phones.COOKIE, ""))
        return insider(now, event) if now is not None else None

    standing = insider(who, event)
    assert standing is not None
    return await stream(request, event, standing, Pass(f"device {who.id}", standing_now))


ROUTES = [web.get("/scan/live", listen, name="checkin.scan_live", allow_head=False)]
