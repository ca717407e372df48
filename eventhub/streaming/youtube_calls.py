"""Calls to one channel: counted before they are sent, one at a time, each in a thread."""

import asyncio
import copy
from typing import Any, Self

from eventhub.settings import YouTubeSettings

from .problems import PROBLEMS
from .quota import Purpose
from .trouble import YouTubeTrouble
from .wire import Account, Wire

# What Google's published table charges; refused calls are charged too.
READ_UNITS = 1
WRITE_UNITS = 50
PAGE = 50

_TIMEOUT_S = 20.0


class Calls:
    """A connected channel. `account` is asked for the units of each call before it is sent.

    Every method raises YouTubeTrouble and is sent once: whoever calls decides what may be repeated.
    """

    def __init__(
        self, settings: YouTubeSettings, account: Account, timeout_s: float = _TIMEOUT_S
    ) -> None:
        self._account = account
        self._purpose = Purpose.SET_UP
        self._wire = Wire(settings, timeout_s)
        # Credentials are shared between calls so that one access token serves them all; a refresh must not race.
        self._turn = asyncio.Lock()

    def charged_to(self, purpose: Purpose) -> Self:
        """Return the same channel, its calls counted for another purpose."""
        other = copy.copy(self)
        other._purpose = purpose  # noqa: SLF001 -- a copy of this very class
        return other

    async def _pages(self, resource: str, part: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        page: str | None = None
        while True:
            answer = await self._read(
                resource, part=part, mine=True, maxResults=PAGE, pageToken=page
            )
            items += answer["items"]
            page = answer.get("nextPageToken")
            if not page:
                return items

    async def _read(self, resource: str, **arguments: Any) -> dict[str, Any]:
        answer = await self._call(READ_UNITS, resource, "list", arguments)
        if not isinstance(answer.get("items", []), list):
            raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
        return {"items": [], **answer}

    async def _write(self, resource: str, method: str, **arguments: Any) -> dict[str, Any]:
        return await self._call(WRITE_UNITS, resource, method, arguments)

    async def _call(
        self,
        units: int,
        resource: str,
        method: str,
        arguments: dict[str, Any],
        picture: tuple[bytes, str] | None = None,
    ) -> dict[str, Any]:
        await self._account.spend(units, self._purpose)
        try:
            async with self._turn:
                answer = await asyncio.to_thread(
                    self._wire.send, resource, method, arguments, picture
                )
        except YouTubeTrouble as trouble:
            await self._account.failed(trouble.problem)
            raise
        if method == "delete":
            return {}
        # A 200 whose body is no JSON comes back as text.
        if not isinstance(answer, dict):
            raise YouTubeTrouble(PROBLEMS["unreadableAnswer"])
        return answer
