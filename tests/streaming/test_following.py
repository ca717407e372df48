"""Broadcasts are compared with the programme on a release, now and then, and never without a channel."""

from datetime import timedelta

from eventhub import news, outbox
from eventhub.installation import Installation
from eventhub.streaming import jobs, sync
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published


async def awaited(installation: Installation) -> int:
    at = installation.clock.now() + timedelta(minutes=1)
    async with installation.database.transaction() as tx:
        claimed = await outbox.claim(tx, [sync.TOPIC], at)
        for job in claimed:
            await outbox.finish(tx, job.id, at)
    return len(claimed)


async def test_now_and_then_events_still_to_come_are_compared_again(
    connected: Installation, installation: Installation, clock: StillClock
) -> None:
    await published(connected)
    await jobs.keep_up(installation)
    without_channel = await awaited(connected)

    await jobs.keep_up(connected)
    await jobs.keep_up(connected)
    once = await awaited(connected)
    clock.moment += timedelta(days=2)
    await jobs.keep_up(connected)

    assert (without_channel, once, await awaited(connected)) == (0, 1, 0)


async def test_what_somebody_deleted_in_studio_comes_back_with_the_next_comparison(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)
    await sync.sync(connected, event, no_pause)
    youtube.broadcasts.clear()

    await jobs.keep_up(connected)
    await jobs.set_up(connected)

    assert len(youtube.broadcasts) == 1


async def test_open_pages_are_told_the_state_and_operators_the_problem_too(
    connected: Installation,
) -> None:
    event = await published(connected)
    async with connected.database.reading() as tx:
        seen = await news.last_id(tx, event.id)

    await sync.sync(connected, event, no_pause)

    async with connected.database.reading() as tx:
        items = await news.read_after(tx, {event.id: seen}, 100)
    told = [item for item in items if item.kind is news.Kind.BROADCAST]
    ready = {"session": "session-1", "state": "ready"}
    assert {"broadcasts: read", None} == {item.right for item in told}
    assert ready in [item.data for item in told if item.right is None]
    assert {**ready, "problem": None} in [item.data for item in told if item.right]
    assert all(set(item.data) <= {"session", "state"} for item in told if item.right is None)
