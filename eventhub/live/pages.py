"""`GET /live/{event}`: server-sent events (HTML, 9.2), resumed by Last-Event-ID."""

from aiohttp import web

from eventhub.web.access import public
from eventhub.web.keys import EVENT, reading

from .admission import admit
from .hub import HUB
from .sending import stream


@public
async def listen(request: web.Request) -> web.StreamResponse:
    """Send what happens to whoever may see it, for as long as they listen."""
    event = request[EVENT]
    async with reading(request) as tx:
        standing, pass_ = await admit(request, tx, event)
    return await stream(request, event, standing, pass_)


async def close_streams(app: web.Application) -> None:
    """Let all listeners go, so that the server can end."""
    await app[HUB].close()


ROUTES = [web.get("/live/{event}", listen, name="live.listen", allow_head=False)]
