"""A program that listens for webhooks on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Receiver:
    """What arrived, as headers and bytes; `answers` holds the next answers' statuses, 204 after them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        named = {name.lower(): value for name, value in request.headers.items()}
        self.messages.append((named, await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen while the block runs."""
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hook", receiver.receive)
    async with TestServer(application) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver
