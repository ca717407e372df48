"""What stands on an event's days and rooms may refuse that they change. The composition root says who that is."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

# Opened around a change of an event (by id); raises Conflict when the change leaves what must not be.
Hold = Callable[[AsyncConnection, int], AbstractAsyncContextManager[None]]

HOLD: web.AppKey[Hold] = web.AppKey("hold")
