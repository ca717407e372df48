"""One open stream: its greeting, what was missed, then what happens, until somebody ends it."""

import re
import secrets

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.errors import Invalid
from eventhub.events.model import Event
from eventhub.news import Item, Kind
from eventhub.web.guard import harden
from eventhub.web.keys import REQUEST_ID, reading
from eventhub.wording import say

from .hub import HUB, Hub, invited_to
from .listener import Listener, Pass, Standing, message

REPLAYED_MOST = 1000
# Pages that lost the server all at once come back over this span.
RETRY_MS = (2000, 6000)
_ID = re.compile(r"\d{1,18}")


async def stream(
    request: web.Request, event: Event, standing: Standing, pass_: Pass | None
) -> web.StreamResponse:
    """Send an event's news until the listener leaves, is let go, or the server ends."""
    hub = request.app[HUB]
    assert request.transport is not None
    listener = Listener(standing, wanted_kinds(request), abort=request.transport.abort, pass_=pass_)
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-Request-Id": request[REQUEST_ID],
        }
    )
    harden(request, response)
    try:
        chunk: bytes | None = await _opening(request, hub, event, listener)
        await response.prepare(request)
        while chunk is not None:
            await response.write(chunk)
            chunk = await listener.next()
    except ConnectionResetError:
        pass  # They have gone; nobody is left to tell.
    finally:
        hub.leave(event.id, listener)
    return response


async def _opening(request: web.Request, hub: Hub, event: Event, listener: Listener) -> bytes:
    """Return the greeting, and what happened since the id that was seen last."""
    upto = await hub.join(event.id, listener)
    seen = _seen(request)
    start = upto if seen is None else min(seen, upto)
    told: list[Item] = []
    # A number from the future was given out before a backup was restored.
    has_missed = seen is not None and seen > upto
    if start < upto:
        async with reading(request) as tx:
            is_known = await news.is_known(tx, event.id, start)
            told = await _told(tx, event.id, start, upto, listener)
            has_missed = not is_known or len(told) > REPLAYED_MOST
    retry = RETRY_MS[0] + secrets.randbelow(RETRY_MS[1] - RETRY_MS[0])
    hello = message("hello", {"last": upto, "missed": has_missed}, start)
    items = [message(item.kind, item.data, item.id) for item in told[-REPLAYED_MOST:]]
    return b"".join([f"retry: {retry}\n".encode(), hello, *items])


async def _told(
    tx: AsyncConnection, event_id: int, start: int, upto: int, listener: Listener
) -> list[Item]:
    """Return what the listener may see of a span of ids."""
    kinds, standing = listener.kinds, listener.standing
    span = await news.read_between(tx, event_id, start, upto, kinds=kinds, limit=REPLAYED_MOST + 1)
    seen = []
    for item in span:
        invited = await invited_to(tx, item) if standing.is_participant else ()
        if standing.sees(item, invited):
            seen.append(item)
    return seen


def _seen(request: web.Request) -> int | None:
    """Return the id seen last, if the listener names one."""
    given = request.headers.get("Last-Event-ID") or request.query.get("last", "")
    return int(given) if _ID.fullmatch(given) else None


def wanted_kinds(request: web.Request) -> frozenset[Kind]:
    """Return the kinds of `?kinds=a,b`; all when none are named."""
    named = [part for part in request.query.get("kinds", "").split(",") if part]
    try:
        return frozenset(Kind(part) for part in named) or frozenset(Kind)
    except ValueError as error:
        kinds = ", ".join(Kind)
        raise Invalid.field("kinds", say("The kinds are {kinds}.", kinds=kinds)) from error
