"""Reads an event's news once per process and hands them to all who listen here."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import structlog
from aiohttp import web
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.db.engine import Database
from eventhub.errors import TooMany
from eventhub.news import Item
from eventhub.sessions import actions as sessions
from eventhub.sessions.released import released_people
from eventhub.web.observe import REGISTRY
from eventhub.wording import say

from .listener import PING, Listener, message

log = structlog.get_logger()
T = TypeVar("T")

# Other processes' news are found by asking; our own wake us.
ASK_S = 0.3
# Between two readings: what is told in quick succession is read together.
REST_S = 0.05
READ_AT_ONCE = 1000
HANDED_ON_AT_ONCE = 50
SENT_AT_ONCE = 500
PING_S = 15.0
PING_TURNS = 30
CHECK_S = 20.0
MOST_LISTENERS = 20_000

LISTENERS = Gauge("eventhub_listeners", "Open pages and programs that listen", registry=REGISTRY)

# Returns which of an event's listeners may not go on.
Check = Callable[[int, list[Listener]], Awaitable[Iterable[Listener]]]


@dataclass(slots=True)
class Channel:
    """An event somebody listens to: up to which id its news were handed on, and to whom."""

    seen: int
    listeners: set[Listener] = field(default_factory=set)


class Hub:
    """Follows the news of the events that somebody listens to; idle when nobody does."""

    def __init__(self, database: Database, check: Check) -> None:
        """`check` tells which listeners may go on listening."""
        self._database = database
        self._check = check
        self._channels: dict[int, Channel] = {}
        self._turns: list[set[Listener]] = [set() for _ in range(PING_TURNS)]
        self._told = asyncio.Event()
        self._working: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._is_closed = False
        database.on_commit(news.write, self._told.set)

    @property
    def count(self) -> int:
        """How many listen."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    async def join(self, event_id: int, listener: Listener) -> int:
        """Hand on to a listener all that comes after the id that is returned; it must `leave` again."""
        if self.count >= MOST_LISTENERS:
            raise TooMany(say("Too many listen already. Please try again in a minute."), 60)
        channel = self._channels.get(event_id)
        if channel is None:
            async with self._database.reading() as tx:
                last = await news.last_id(tx, event_id)
            channel = self._channels.setdefault(event_id, Channel(last))
        channel.listeners.add(listener)
        LISTENERS.inc()
        min(self._turns, key=len).add(listener)
        if self._is_closed:
            listener.end()
        elif not self._working:
            self._working = [
                asyncio.create_task(work)
                for work in (self._follow(), self._ping(), self._recheck())
            ]
        return channel.seen

    def leave(self, event_id: int, listener: Listener) -> None:
        """Hand on nothing more."""
        for turn in self._turns:
            turn.discard(listener)
        channel = self._channels.get(event_id)
        if channel is not None and listener in channel.listeners:
            channel.listeners.remove(listener)
            LISTENERS.dec()
            if not channel.listeners:
                del self._channels[event_id]
        if not self._channels:
            self._rest()

    async def close(self) -> None:
        """Let every listener go, now and from now on; they come again when the server is back.

        The database is left alone from then on.
        """
        self._is_closed = True
        for channel in self._channels.values():
            for listener in channel.listeners:
                listener.end()
        self._rest()
        if self._ending:
            await asyncio.wait(self._ending)

    def _rest(self) -> None:
        for task in self._working:
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            task.cancel()
        self._working = []

    async def _follow(self) -> None:
        while True:
            self._told.clear()
            try:
                while await _to_its_end(self._read()) == READ_AT_ONCE:
                    pass
            except Exception:  # A database that is away comes back; listeners stay meanwhile.
                log.exception("news could not be read")
            await asyncio.sleep(REST_S)
            with contextlib.suppress(TimeoutError):
                # `wait_for` may lose a cancellation that comes together with what it waits for.
                async with asyncio.timeout(ASK_S):
                    await self._told.wait()

    async def _read(self) -> int:
        """Hand on what is new; return how much that was."""
        seen = {event_id: channel.seen for event_id, channel in self._channels.items()}
        async with self._database.reading() as tx:
            items = await news.read_after(tx, seen, READ_AT_ONCE)
            fresh = without_repetition(items)
            invited = [await invited_to(tx, item) for item in fresh]
        for number, (item, people) in enumerate(zip(fresh, invited, strict=True), 1):
            channel = self._channels.get(item.event_id)
            # A channel made anew meanwhile may have begun after this.
            if channel is not None and item.id > channel.seen:
                channel.seen = item.id
                await _spread(channel, item, people)
            if number % HANDED_ON_AT_ONCE == 0:
                # What waits for the listeners is sent before more comes.
                await asyncio.sleep(0)
        return len(items)

    async def _ping(self) -> None:
        """Send each listener a comment now and then, so that no proxy takes the line for dead: a few at a time."""
        while True:
            for turn in self._turns:
                await asyncio.sleep(PING_S / PING_TURNS)
                for listener in turn:
                    listener.offer(PING)

    async def _recheck(self) -> None:
        """Let go whose login ended, whose token was revoked, whose link was renewed."""
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                await _to_its_end(self.recheck())
            except Exception:  # As above.
                log.exception("listeners could not be checked")

    async def recheck(self) -> None:
        """Ask of every listener whether they may go on."""
        for event_id, channel in list(self._channels.items()):
            for listener in await self._check(event_id, list(channel.listeners)):
                listener.end()


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Read to the end even if cancelled meanwhile: a connection dropped within a statement is never given back."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    finally:
        await asyncio.wait([running])


def without_repetition(items: Iterable[Item]) -> list[Item]:
    """Return items without those that a later one says again: a gate in a rush tells the same many times a second."""
    kept: dict[str, Item] = {}
    for item in items:
        said = repr(replace(item, id=0))
        kept.pop(said, None)
        kept[said] = item
    return list(kept.values())


async def _spread(channel: Channel, item: Item, invited: Collection[int]) -> None:
    sent = message(item.kind, item.data, item.id)
    for number, listener in enumerate(list(channel.listeners), 1):
        if item.kind in listener.kinds and listener.standing.sees(item, invited):
            listener.offer(sent)
        if number % SENT_AT_ONCE == 0:
            # Requests of others are answered in between.
            await asyncio.sleep(0)


async def invited_to(tx: AsyncConnection, item: Item) -> Collection[int]:
    """Return the participants whom the last release invites to the session an item is about, where that matters."""
    if item.session_id is None or item.right is not None or item.participant_id is not None:
        return ()
    release = await sessions.latest_release(tx, item.event_id)
    if release is None:
        return ()
    people = await tx.execute(released_people(release.id, session_id=item.session_id))
    return {row.participant_id for row in people}


HUB = web.AppKey("hub", Hub)
