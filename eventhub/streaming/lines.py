"""Open lines of watch pages: who has one is there, also where the beats do not come through.

Each server process knows the lines that it holds, and once a minute records those of whom no beat was heard.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from aiohttp import web

from eventhub.db.engine import Database

from . import present
from .presence import BEAT_SECONDS
from .present import Watching

log = structlog.get_logger()

# A phone that lost its network says no goodbye: a line that confirms nothing for so long is taken for dead.
SILENT_MS = 30_000


class OpenLines:
    """Who has a line open to this process; several of one person are one presence."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._open: dict[Watching, list[Callable[[], bool]]] = {}
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many people watch by a line of this process."""
        return sum(map(self._stands, self._open))

    def _stands(self, who: Watching) -> bool:
        return any(is_open() for is_open in self._open[who])

    @contextlib.contextmanager
    def held(
        self, who: Watching | None, is_open: Callable[[], bool] = lambda: True
    ) -> Iterator[None]:
        """Count somebody as there while their line `is_open`; None is a visitor, who is not counted.

        Whoever sends on a line learns with the next comment that nobody is there any more; the line knows at once.
        """
        if who is None:
            yield
            return
        self._open.setdefault(who, []).append(is_open)
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep_each_minute())
        try:
            yield
        finally:
            self._open[who].remove(is_open)
            if not self._open[who]:
                del self._open[who]
            if not self._open:
                self.close()

    def close(self) -> None:
        """Stop recording."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    async def _sweep_each_minute(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.sweep()
            except (
                Exception
            ):  # A database that is away comes back; people go on watching meanwhile.
                log.exception("open lines could not be recorded")

    async def sweep(self) -> int:
        """Record who has a line open and was not heard of for a minute; return how many that were."""
        by_session: dict[tuple[int, str], dict[int, int]] = {}
        for who in filter(self._stands, self._open):
            people = by_session.setdefault((who.event_id, who.session), {})
            people[who.participant_id] = who.generation
        recorded = 0
        for (event_id, session), people in by_session.items():
            at = self._now()
            async with self._database.reading() as tx:
                silent = await present.find_silent(tx, event_id, session, people, at)
            if silent is None:
                continue
            async with self._database.transaction() as tx:
                recorded += await present.record(tx, silent, at)
        return recorded


def notice_silence(request: web.Request) -> None:
    """Let the connection break when the other end confirms nothing any more, where the system can tell."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    wire = request.transport.get_extra_info("socket") if request.transport else None
    if wire is not None and option is not None and wire.family != socket.AF_UNIX:
        wire.setsockopt(socket.IPPROTO_TCP, option, SILENT_MS)


LINES = web.AppKey("lines", OpenLines)
