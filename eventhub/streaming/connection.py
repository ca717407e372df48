"""The way to the connected channel: units written down before each call, one creator at a time."""

import asyncio
import fcntl
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings

from . import channels, ledger, quota
from .model import Connected
from .problems import PROBLEMS
from .quota import Purpose, Units
from .trouble import Problem, Retry, YouTubeTrouble

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
    connected: Connected
    channel: "Channel"
    pause: Pause = asyncio.sleep

    def charged_to(self, purpose: Purpose) -> "Studio":
        """Return the same way, its calls counted for another purpose."""
        return replace(self, channel=self.channel.charged_to(purpose))

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


async def units_used(installation: Installation) -> Units:
    """Return the units spent on this Pacific day."""
    day = ledger.pacific_day(installation.clock.now())
    async with installation.database.reading() as tx:
        return await ledger.units_on(tx, ledger.project_of(installation), day)


async def connect(
    installation: Installation,
    event: Event,
    pause: Pause = asyncio.sleep,
    *,
    encoder: str = "",
    channel_id: int | None = None,
) -> Studio:
    """Return the way to a channel (else to an encoder's, else the event's), or raise YouTubeTrouble without one."""
    async with installation.database.transaction() as tx:
        homes = await channels.homes(tx, installation, event.id, installation.clock.now())
    connected = homes.known.get(channel_id) if channel_id else homes.of(encoder)
    if connected is None:
        raise YouTubeTrouble(PROBLEMS["not_connected"])
    return await enter(installation, event, connected, pause)


async def enter(
    installation: Installation, event: Event, connected: Connected, pause: Pause = asyncio.sleep
) -> Studio:
    """Return the way to a channel."""
    account = Account(installation, connected, event.id)
    channel = await asyncio.to_thread(_channel, installation, connected, account)
    return Studio(installation, event, connected, channel, pause)


async def channel_problem(installation: Installation) -> Problem | None:
    """Return what keeps the channel of the settings from being used; asks it once, which costs one unit."""
    async with installation.database.transaction() as tx:
        connected = await channels.of_settings(tx, installation.settings, installation.clock.now())
    if connected is None:
        return PROBLEMS["not_connected"]
    return await problem_of_channel(installation, connected, None)


async def problem_of_channel(
    installation: Installation, connected: Connected, event_id: int | None
) -> Problem | None:
    """Ask a channel once, also one that is not called any more, and return what keeps it from being used."""
    async with installation.database.transaction() as tx:
        await channels.try_again(tx, connected.id)
    account = Account(installation, connected, event_id)
    channel = await asyncio.to_thread(_channel, installation, connected, account)
    try:
        await channel.charged_to(Purpose.ON_AIR).find_broadcast("none")
    except YouTubeTrouble as trouble:
        return trouble.problem
    return None


async def unnamed(installation: Installation, access: YouTubeSettings) -> "Channel":
    """Return the way to a channel that has just been consented to and is not stored yet."""
    return await asyncio.to_thread(_new_channel, access, Account(installation, None, None))


class Account:
    """The units of the installation's Google project, as one channel spends them."""

    def __init__(
        self, installation: Installation, connected: Connected | None, event_id: int | None
    ) -> None:
        self._installation = installation
        self._connected = connected
        self._event_id = event_id

    async def spend(self, units: int, purpose: Purpose) -> None:
        """Write units down before a call, or raise YouTubeTrouble when the call must not be made."""
        project = ledger.project_of(self._installation)
        day = ledger.pacific_day(self._installation.clock.now())
        async with self._installation.database.transaction() as tx:
            code = await self._closed(tx)
            mode = quota.mode_of(await ledger.units_on(tx, project, day))
            code = code or quota.refusal(mode, purpose)
            if code is not None:
                raise YouTubeTrouble(PROBLEMS[code])
            await ledger.add(tx, project, day, units, purpose)

    async def _closed(self, tx: AsyncConnection) -> str | None:
        """Return the code of what ended the connection; read each time, as others may have seen it."""
        if self._connected is None:
            return None
        channel = await channels.find(tx, self._connected.id)
        if channel is None or channel.disconnected_at is not None:
            return "not_connected"
        return channel.problem_code

    async def failed(self, problem: Problem) -> None:
        """Keep what makes further calls vain: no units left, or a connection that ended."""
        at = self._installation.clock.now()
        if problem.code == "quotaExceeded":
            project = ledger.project_of(self._installation)
            async with self._installation.database.transaction() as tx:
                await ledger.exhaust(tx, project, ledger.pacific_day(at), at)
        elif problem.code in channels.DISCONNECTING and self._connected is not None:
            event_id = self._connected.event_id or self._event_id
            async with self._installation.database.transaction() as tx:
                await channels.break_off(tx, self._connected, problem, event_id=event_id, at=at)


def _channel(installation: Installation, connected: Connected, account: Account) -> "Channel":
    return _new_channel(channels.access_of(installation.settings, connected), account)


def _new_channel(access: YouTubeSettings, account: Account) -> "Channel":
    from .youtube import Channel  # noqa: PLC0415 -- importing it takes 0.33 s and 41 MB

    return Channel(access, account)


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
