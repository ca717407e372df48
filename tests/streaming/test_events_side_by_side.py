"""Broadcasts of several events start by themselves side by side: neither a slow nor a broken one holds up others."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.streaming import automatic_work, polling, settings_store, sync
from eventhub.streaming.model import State
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.desk import BOTH, Desk
from tests.streaming.scene import no_pause, streamed

Pause = Callable[[float], Awaitable[None]]


@pytest.fixture
def desk(connected: Installation, youtube: YouTube, clock: StillClock) -> Desk:
    return Desk(connected, youtube, clock)


async def two_events(desk: Desk) -> None:
    """Set up a broadcast at 09:00 in each of two events; their encoders send."""
    await desk.begin()
    database, at = desk.installation.database, desk.clock.now()
    await make.stored(
        database,
        make.event(2),
        make.room(3, event_id=2),
        streamed(2, event_id=2, room_id=3, audience=()),
    )
    async with database.transaction() as tx:
        event = await events.get_event_by_id(tx, 2)
        await programme.publish(tx, event, note="", notify="none", who="test", at=at)
        await settings_store.save_settings(tx, event.id, BOTH)
    await sync.sync(desk.installation, event, no_pause)
    desk.encoder()
    desk.clock.moment = make.at("08:56")
    await polling.look_on(desk.installation, no_pause)
    desk.youtube.looks_until_settled = 1


async def states(desk: Desk, pause: Pause) -> list[State]:
    """Make a round and return the state in each event."""
    await automatic_work.run(desk.installation, pause)
    return [(await desk.row(session)).state for session in (1, 2)]


async def test_a_slow_start_in_one_event_holds_up_no_other(desk: Desk) -> None:
    await two_events(desk)
    both_wait = asyncio.Barrier(2)
    waited: list[float] = []

    async def wait_for_the_other(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) <= both_wait.parties:
            async with asyncio.timeout(5):
                await both_wait.wait()

    assert await states(desk, wait_for_the_other) == [State.TESTING, State.TESTING]


async def test_an_event_whose_work_breaks_off_stops_no_other(desk: Desk) -> None:
    await two_events(desk)
    broken: list[float] = []

    async def break_once(seconds: float) -> None:
        if not broken:
            broken.append(seconds)
            raise RuntimeError

    assert sorted(await states(desk, break_once)) == [State.READY, State.TESTING]
