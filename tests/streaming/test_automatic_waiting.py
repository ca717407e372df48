"""What keeps a broadcast from starting by itself is told, and it goes on once it can, whatever happened meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from eventhub.installation import Installation
from eventhub.streaming import (
    automatic_work,
    ledger,
    polling,
)
from eventhub.streaming.model import Act, State
from eventhub.streaming.quota import Purpose
from eventhub.streaming.tables import youtube_channels
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.desk import NEXT, Desk
from tests.streaming.scene import no_pause

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(connected: Installation, youtube: YouTube, clock: StillClock) -> Desk:
    return Desk(connected, youtube, clock)


@one_engine
async def test_it_waits_for_the_encoder_tells_since_when_and_starts_when_it_sends(
    desk: Desk,
) -> None:
    await desk.begin()

    before = await desk.at("08:59"), await desk.words()
    waiting = await desk.at("09:00"), await desk.words()
    still = await desk.at("09:06"), await desk.words()
    spent = desk.transitions
    desk.encoder()
    await desk.at("09:07")
    state = await desk.at("09:07")

    assert before == (State.READY, "Starts by itself at 09:00 WIB.")
    assert waiting == still == (State.READY, "Waits for the encoder since 09:00 WIB.")
    assert (spent, state, desk.transitions) == (0, State.LIVE, 2)


@one_engine
async def test_while_it_waits_the_encoder_is_looked_at_every_quarter_of_a_minute(
    desk: Desk,
) -> None:
    await desk.begin()
    await desk.at("09:00")
    desk.youtube.log.clear()

    for _ in range(12):
        desk.clock.moment += timedelta(seconds=5)
        await automatic_work.run(desk.installation, no_pause)

    assert desk.youtube.log == ["liveStreams.list"] * 3


@one_engine
async def test_it_ends_when_the_encoder_is_silent_after_the_planned_end(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    for wall in ("08:58", "09:00"):
        await desk.at(wall)
    desk.encoder("inactive")

    pause = [await desk.at(wall) for wall in ("09:20", "09:30", "09:59", "10:04")]
    desk.encoder()
    back = await desk.at("10:04")
    desk.encoder("inactive")
    again = [await desk.at(wall) for wall in ("10:05", "10:09", "10:10")]

    assert pause == [State.LIVE] * 4
    assert back is State.LIVE
    assert again == [State.LIVE, State.LIVE, State.COMPLETE]


@one_engine
async def test_what_somebody_does_in_studio_is_found_and_left_as_it_is(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    (remote,) = desk.youtube.broadcasts.values()
    remote["status"]["lifeCycleStatus"] = "live"
    live = [await desk.at(wall) for wall in ("08:56", "09:00")]
    remote["status"]["lifeCycleStatus"] = "complete"

    over = [await desk.at(wall) for wall in ("09:40", "10:15")]

    assert (live, over) == ([State.LIVE] * 2, [State.COMPLETE] * 2)
    assert (desk.transitions, len(desk.youtube.broadcasts)) == (0, 1)


@one_engine
async def test_the_next_session_waits_until_the_encoder_is_free(desk: Desk) -> None:
    await desk.begin(NEXT)
    desk.encoder()
    for wall in ("08:58", "09:00", "09:57", "10:00"):
        await desk.at(wall)
    waiting = (await desk.row(2)).state, await desk.words("session-2")

    await desk.press(Act.END)
    await desk.at("10:03")
    await desk.at("10:03")

    assert waiting == (
        State.READY, "Waits since 10:00 WIB: Pembukaan still has the encoder.",
    )  # fmt: skip
    assert (await desk.row(2)).state is State.LIVE


@one_engine
async def test_the_reserve_of_units_is_enough_to_go_on_and_off_air(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    await spent(desk.installation, 8_500)

    await desk.at("08:56")
    await desk.at("09:00")
    states = [await desk.at(wall) for wall in ("09:00", "10:15")]

    assert states == [State.LIVE, State.COMPLETE]


@one_engine
async def test_without_units_it_tells_when_it_tries_again_and_calls_nothing(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    await spent(desk.installation, 10_000)

    states = [await desk.at(wall) for wall in ("08:56", "09:00", "09:30")]

    assert states == [State.READY] * 3
    assert desk.youtube.log == []
    assert await desk.words() == (
        "Today's units for calls to YouTube are used up. Tries again at 15:00 WIB."
    )
    assert await desk.at("10:00") is State.READY
    assert await desk.words() == "Did not start by itself before its planned end."


async def spent(installation: Installation, units: int) -> None:
    day = ledger.pacific_day(installation.clock.now())
    async with installation.database.transaction() as tx:
        already = await ledger.units_on(tx, "4711", day)
        await ledger.add(tx, "4711", day, units - already.used, Purpose.LOOKS)


@one_engine
async def test_a_disconnected_channel_is_told_and_gone_on_with_once_it_is_back(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    await desk.at("08:56")
    async with desk.installation.database.transaction() as tx:
        await tx.execute(youtube_channels.update().values(problem_code="invalid_grant"))

    state, words = await desk.at("09:00"), await desk.words()
    async with desk.installation.database.transaction() as tx:
        await tx.execute(youtube_channels.update().values(problem_code=None))
    await desk.at("09:01")

    assert state is State.TESTING
    assert words.endswith("Tries again at 09:01 WIB.")
    assert (await desk.row()).state is State.LIVE


# The calls of a morning: two looks a round, and for each transition a look before it and until it is there.
CALLS_OF_A_MORNING = 17


@one_engine
@pytest.mark.parametrize("crash_at", range(1, CALLS_OF_A_MORNING + 1))
async def test_a_crash_after_a_call_delays_the_morning_and_changes_nothing_else(
    desk: Desk, crash_at: int
) -> None:
    await desk.begin()
    desk.encoder()

    for wall in ("08:56", "09:00", "10:15"):
        doing = asyncio.ensure_future(desk.at(wall))
        desk.youtube.on_effect = lambda doing=doing: (  # type: ignore[misc]  # bound now
            doing.cancel() if len(desk.youtube.log) == crash_at else None
        )
        try:
            await doing
        except asyncio.CancelledError:
            desk.clock.moment += timedelta(minutes=1, seconds=1)
            await polling.look_on(desk.installation, no_pause)
            await automatic_work.run(desk.installation, no_pause)

    assert (await desk.row()).state is State.COMPLETE
    assert [each["status"]["lifeCycleStatus"] for each in desk.youtube.broadcasts.values()] == [
        "complete"
    ]
    assert len(desk.youtube.log) >= CALLS_OF_A_MORNING
