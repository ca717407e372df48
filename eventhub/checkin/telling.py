"""Telling open pages who is inside, after scans: at most twice a second for each event, beside the scans' own path."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from eventhub import news
from eventhub.db.engine import Database
from eventhub.events.model import Event
from eventhub.web.access import Right

from . import actions

log = structlog.get_logger()

PAUSE_S = 0.5

Inside = dict[str | None, int]


class Teller:
    """Tells `occupancy` of one server process: the rooms whose number has changed since it told last."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._changed: dict[int, Event] = {}
        self._told: dict[int, Inside] = {}
        self._telling: dict[int, asyncio.Task[None]] = {}

    def changed(self, event: Event) -> None:
        """Note that people went in or out or were refused; it is told soon, and returns at once."""
        self._changed[event.id] = event
        if event.id not in self._telling:
            self._telling[event.id] = asyncio.create_task(self._follow(event.id))

    async def close(self) -> None:
        """Tell nothing any more."""
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, event_id: int) -> None:
        try:
            while event_id in self._changed:
                event = self._changed.pop(event_id)
                try:
                    await self._tell(event)
                except (
                    Exception
                ):  # Pages that show too little for a moment must not end the telling.
                    log.exception("occupancy was not told", event=event.slug)
                await asyncio.sleep(PAUSE_S)
        finally:
            del self._telling[event_id]

    async def _tell(self, event: Event) -> None:
        at = self._now()
        async with self._database.reading() as tx:
            places = await actions.occupancy(tx, event, at=at)
        before = self._told.get(event.id, {})
        moved = [place for place in places if before.get(place.room) != place.inside]
        self._told[event.id] = {place.room: place.inside for place in places}
        # Also where nobody moved: somebody was refused, which pages show too.
        rooms = [{"room": p.room, "inside": p.inside, "limit": p.limit} for p in moved]
        await self._write(event.id, {"rooms": rooms}, at)

    async def _write(self, event_id: int, data: dict[str, Any], at: datetime) -> None:
        right = Right.REPORTS_READ.value
        if self._database.is_sqlite:
            told = news.row("occupancy", data, event_id=event_id, at=at, right=right)
            await self._database.at_once(lambda connection: news.write_plainly(connection, [told]))
        else:
            async with self._database.transaction() as tx:
                await news.tell(tx, "occupancy", data, event_id=event_id, at=at, right=right)


TELLER = web.AppKey("teller", Teller)
