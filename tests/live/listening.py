"""Listening as a browser does: what was sent, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientConnectionError, ClientPayloadError, ClientResponse

from tests.callers import Client

PATIENCE_S = 20


@dataclass(frozen=True)
class Message:
    """A server-sent event; `retry` and comments are no part of it."""

    id: int
    name: str
    data: dict[str, Any]


@dataclass
class Ear:
    """An open stream."""

    response: ClientResponse
    comments: list[str] = field(default_factory=list)

    async def hear(self) -> Message | None:
        """Return the next message; None when the stream ends."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            while line := await self._line():
                text = line.rstrip("\n")
                if text.startswith(":"):
                    self.comments.append(text)
                elif text:
                    name, _, value = text.partition(": ")
                    fields[name] = value
                elif fields:
                    return Message(int(fields["id"]), fields["event"], json.loads(fields["data"]))
        return None

    async def _line(self) -> str:
        """Return the next line; an empty one when the stream was ended or broken off."""
        try:
            return (await self.response.content.readline()).decode()
        except (ClientPayloadError, ClientConnectionError):
            return ""


@asynccontextmanager
async def listening(
    client: Client, path: str = "/live/rakortek", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Ear]:
    """Listen, having been greeted."""
    async with listened(client, path, headers) as (ear, _hello):
        yield ear


@asynccontextmanager
async def listened(
    client: Client, path: str = "/live/rakortek", headers: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Ear, Message]]:
    """Listen; give the greeting too."""
    async with client.get(path, headers=headers) as response:
        assert response.status == 200, await response.text()
        ear = Ear(response)
        hello = await ear.hear()
        assert hello is not None
        yield ear, hello
