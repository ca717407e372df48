"""The page of an event's ticket keys."""

from aiohttp import web

from eventhub.errors import Refusal
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import Text, say

from . import keys

_HERE = "/manage/{event}/checkin/keys"


@allow(Right.EVENT_SETTINGS)
async def show_keys(request: web.Request) -> web.Response:
    """List the keys."""
    return await _page(request)


@allow(Right.EVENT_SETTINGS)
async def rotate_key(request: web.Request) -> web.Response:
    """Sign with a new key from now on."""
    await posted(request)
    secrets, at = keys.TicketSecrets.of(request.app[SETTINGS].secret), request.app[CLOCK].now()
    async with transaction(request) as tx:
        await keys.rotate(tx, request[EVENT], who=request[PRINCIPAL], secrets=secrets, at=at)
    return see_other(request, "checkin.keys", event=request[EVENT].slug)


@allow(Right.EVENT_SETTINGS)
async def retire_key(request: web.Request) -> web.Response:
    """Let a key vouch for nothing any more."""
    form = await posted(request)
    if "sure" not in form:
        return await _page(request, say("Tick that its tickets may die."), 422)
    key, at = int(request.match_info["key"]), request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            await keys.retire(tx, request[EVENT], key, who=request[PRINCIPAL], at=at)
    except Refusal as refusal:
        return await _page(request, refusal.text, refusal.status)
    return see_other(request, "checkin.keys", event=request[EVENT].slug)


async def _page(
    request: web.Request, refused: Text | None = None, status: int = 200
) -> web.Response:
    async with reading(request) as tx:
        listed = await keys.list_keys(tx, request[EVENT])
    return await page(request, "checkin/keys.html", status=status, keys=listed, refused=refused)


ROUTES = [
    web.get(_HERE, show_keys, name="checkin.keys"),
    web.post(_HERE, rotate_key, name="checkin.rotate_key"),
    web.post(_HERE + r"/{key:\d{1,3}}/retire", retire_key, name="checkin.retire_key"),
]
