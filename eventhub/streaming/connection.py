"""The way to the connected channel: units written down before each call, one creator at a time."""

import asyncio
import fcntl
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import sqlalchemy as sa

from eventhub.events.model import Event
from eventhub.installation import Installation

from . import store
from .model import Problem, Retry, YouTubeTrouble
from .problems import PACIFIC, PROBLEMS

if TYPE_CHECKING:
    from .youtube import Channel

P = ParamSpec("P")
T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]

CREATOR_WAITS_S = 30
_TRIES = 5
_LOOK_TRIES = 3


@dataclass(frozen=True)
class Studio:
    """An event and the channel its broadcasts are on; `pause` waits for seconds."""

    installation: Installation
    event: Event
    channel: "Channel"
    pause: Pause = asyncio.sleep

    async def steadily(
        self, call: Callable[P, Awaitable[T]], *args: P.args, **named: P.kwargs
    ) -> T:
        """Make a call that may be repeated: again after a pause when YouTube asks for one or does not answer."""
        return await self._tried(
            call, {Retry.BACKOFF: _TRIES, Retry.LOOK: _LOOK_TRIES}, *args, **named
        )

    async def once(self, call: Callable[P, Awaitable[T]], *args: P.args, **named: P.kwargs) -> T:
        """Make a call that must not take effect twice: again only when YouTube refused it as too soon."""
        return await self._tried(call, {Retry.BACKOFF: _TRIES}, *args, **named)

    async def _tried(
        self,
        call: Callable[P, Awaitable[T]],
        tries: dict[Retry, int],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        attempt = 0
        while True:
            try:
                return await call(*args, **named)
            except YouTubeTrouble as trouble:
                attempt += 1
                if attempt >= tries.get(trouble.problem.retry, 0):
                    raise
            await self.pause(2 ** (attempt - 1) * random.uniform(0.7, 1.3))  # noqa: S311 -- jitter, nothing secret


def project_of(installation: Installation) -> str:
    """Return the Google project that pays the units: the number before the dash of its client ids."""
    return installation.settings.youtube.client_id.partition("-")[0][:100]


def pacific_day(installation: Installation) -> date:
    """Return the day to which units spent now are charged."""
    return installation.clock.now().astimezone(PACIFIC).date()


async def units_used(installation: Installation) -> int:
    """Return the units spent on this Pacific day."""
    async with installation.database.reading() as tx:
        return await store.count_units(tx, project_of(installation), pacific_day(installation))


async def connect(installation: Installation, event: Event, pause: Pause = asyncio.sleep) -> Studio:
    """Return the way to the channel, or raise YouTubeTrouble when none is connected."""
    return Studio(installation, event, await _open(installation), pause)


async def channel_problem(installation: Installation) -> Problem | None:
    """Return what keeps the channel from being used; asks it once, which costs one unit."""
    try:
        await (await _open(installation)).find_broadcast("none")
    except YouTubeTrouble as trouble:
        return trouble.problem
    return None


async def _open(installation: Installation) -> "Channel":
    if not installation.settings.youtube.is_set:
        raise YouTubeTrouble(PROBLEMS["not_connected"])

    async def spend(units: int) -> None:
        async with installation.database.transaction() as tx:
            await store.add_units(tx, project_of(installation), pacific_day(installation), units)

    return await asyncio.to_thread(_channel, installation, spend)


def _channel(installation: Installation, spend: Callable[[int], Awaitable[None]]) -> "Channel":
    from .youtube import Channel  # noqa: PLC0415 -- importing it takes 0.33 s and 41 MB

    return Channel(installation.settings.youtube, spend)


@asynccontextmanager
async def only_creator(
    installation: Installation, event: Event, pause: Pause = asyncio.sleep
) -> AsyncIterator[None]:
    """Let one process or task at a time make broadcasts for an event; both locks end with their holder."""
    held = _held_in_file if installation.database.is_sqlite else _held_in_database
    for waited in range(CREATOR_WAITS_S + 1):
        async with held(installation, event) as is_mine:
            if is_mine:
                yield
                return
        if waited < CREATOR_WAITS_S:
            await pause(1)
    raise YouTubeTrouble(PROBLEMS["busy"])


@asynccontextmanager
async def _held_in_file(installation: Installation, event: Event) -> AsyncIterator[bool]:
    folder = installation.settings.data
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"broadcasts-{event.id}.lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@asynccontextmanager
async def _held_in_database(installation: Installation, event: Event) -> AsyncIterator[bool]:
    async with installation.database.reading() as tx:
        query = sa.text("SELECT pg_try_advisory_xact_lock(7307, :event)")
        yield bool((await tx.execute(query, {"event": event.id})).scalar())
