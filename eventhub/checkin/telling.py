"""Telling open pages who is inside, after scans: at most twice a second for each event, beside the scans' own path."""

import asyncio
from collections.abc import Callable
from datetime import datetime

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
                    log.exception("occupancy was not told", slug=event.slug)
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
        await news.tell_alone(
            self._database,
            news.Kind.OCCUPANCY,
            {"rooms": rooms},
            event_id=event.id,
            at=at,
            right=Right.REPORTS_READ.value,
        )


TELLER = web.AppKey("teller", Teller)
