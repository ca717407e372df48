"""Typed keys of the application and of a request, and the transactions a handler opens."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.clock import Clock
from eventhub.db.engine import Database, lock_event
from eventhub.db.unchanged import Unchanged
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.settings import Settings
from eventhub.web.access import Principal

FindEvent = Callable[[AsyncConnection, str], Awaitable[Event | None]]
Authenticate = Callable[[AsyncConnection, web.Request, Event | None], Awaitable[Principal | None]]

INSTALLATION = web.AppKey("installation", Installation)
SETTINGS = web.AppKey("settings", Settings)
CLOCK = web.AppKey("clock", Clock)
DATABASE = web.AppKey("database", Database)
UNCHANGED = web.AppKey("unchanged", Unchanged)
FIND_EVENT: web.AppKey[FindEvent] = web.AppKey("find_event")
# Tried in turn until one knows the caller: login cookies, API tokens, scanner devices.
AUTHENTICATORS: web.AppKey[tuple[Authenticate, ...]] = web.AppKey("authenticators")

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id")
READER: web.RequestKey[Reader] = web.RequestKey("reader")
EVENT: web.RequestKey[Event] = web.RequestKey("event")
PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("principal")
CSRF: web.RequestKey[str] = web.RequestKey("csrf")
ADDRESS: web.RequestKey[str] = web.RequestKey("address")


def transaction(request: web.Request) -> AbstractAsyncContextManager[AsyncConnection]:
    """Open the request's one writing transaction.

    Writers of one event take turns from here on, so that what is read and compared (If-Match, what stands in the
    way) still holds when it is written.
    """
    return _taking_turns(request)


@asynccontextmanager
async def _taking_turns(request: web.Request) -> AsyncIterator[AsyncConnection]:
    async with request.app[DATABASE].transaction() as tx:
        event = request.get(EVENT)
        if event is not None:
            await lock_event(tx, event.id)
        yield tx


def reading(request: web.Request) -> AbstractAsyncContextManager[AsyncConnection]:
    """Open a snapshot to read from."""
    return request.app[DATABASE].reading()


def base_url(request: web.Request) -> str:
    """Return the address links are built from: the setting, never the Host header."""
    return request.app[SETTINGS].base_url
