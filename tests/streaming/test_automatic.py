"""Broadcasts start and end by themselves where that is chosen; who operates by hand wins."""

import asyncio
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.sessions.tables import sessions
from eventhub.streaming import (
    actions,
    automatic_reading,
    automatic_work,
    control,
    ledger,
    polling,
    settings_store,
    store,
    sync,
)
from eventhub.streaming.model import Act, Broadcast, State, StreamingSettings
from eventhub.streaming.quota import Purpose
from eventhub.streaming.tables import youtube_channels
from eventhub.wording import render
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, release, streamed

BOTH = StreamingSettings(starts_itself=True, ends_itself=True)
NEXT = {"id": 2, "title": "Pleno", "starts_at": make.at("10:00"), "ends_at": make.at("11:00")}


class Desk:
    """A morning in the control room: time goes on, encoders send, rounds are made."""

    def __init__(self, installation: Installation, youtube: YouTube, clock: StillClock) -> None:
        self.installation, self.youtube, self.clock = installation, youtube, clock

    async def begin(self, *more: dict[str, Any], how: StreamingSettings = BOTH) -> "Desk":
        """Set up the day's broadcasts at 08:30; the first session is from 09:00 to 10:00."""
        event = await published(self.installation, streamed(), *(streamed(**each) for each in more))
        async with self.installation.database.transaction() as tx:
            await settings_store.save_settings(tx, event.id, how)
        await sync.sync(self.installation, event, no_pause)
        self.youtube.log.clear()
        return self

    async def at(self, wall: str) -> State | None:
        """Let it be a time, make one round of each kind and return the first session's state."""
        self.clock.moment = make.at(wall)
        await polling.look_on(self.installation, no_pause)
        await automatic_work.run(self.installation, no_pause)
        return (await self.row()).state

    def encoder(self, status: str = "active") -> None:
        for stream in self.youtube.streams:
            self.youtube.sends(stream, status)

    async def row(self, session_id: int = 1) -> Broadcast:
        async with self.installation.database.reading() as tx:
            found = await store.find_broadcast(tx, session_id)
        assert found is not None
        return found

    async def press(self, act: Act, session: str = "session-1") -> None:
        async with self.installation.database.reading() as tx:
            event = await events.get_event_by_id(tx, 1)
        await control.act(
            self.installation, event, session, act, who="user desk@example.org", pause=no_pause
        )

    async def words(self, session: str = "session-1") -> str:
        async with self.installation.database.reading() as tx:
            event = await events.get_event_by_id(tx, 1)
            coming = await automatic_reading.find_coming(tx, event, session, self.clock.now())
        assert coming is not None
        return render(coming.text, Reader("en", ZoneInfo(event.time_zone)))

    @property
    def transitions(self) -> int:
        return self.youtube.log.count("liveBroadcasts.transition")


@pytest.fixture
def desk(connected: Installation, youtube: YouTube, clock: StillClock) -> Desk:
    return Desk(connected, youtube, clock)


async def test_a_broadcast_is_tested_started_and_ended_by_itself(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    told, states = [], []

    for wall in ("08:54", "08:55", "08:59", "09:00", "10:00", "10:14", "10:15"):
        states.append(await desk.at(wall))
        told.append(await desk.words())

    assert states == [
        State.READY, State.TESTING, State.TESTING, State.LIVE, State.LIVE, State.LIVE, State.COMPLETE,
    ]  # fmt: skip
    assert desk.transitions == 3
    ends = "Ends by itself at 10:15 WIB, or after its planned end when the encoder is silent for 5 minutes."
    assert told == [*["Starts by itself at 09:00 WIB."] * 3, ends, ends, ends, "Is over."]


one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_of_two_who_would_start_it_one_does(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    desk.clock.moment = make.at("08:56")
    await polling.look_on(desk.installation, no_pause)

    await asyncio.gather(*(automatic_work.run(desk.installation, no_pause) for _ in range(3)))

    assert desk.transitions == 1
    assert (await desk.row()).state is State.TESTING


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
async def test_what_an_operator_ended_stays_ended(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    for wall in ("08:58", "09:00"):
        await desk.at(wall)

    await desk.press(Act.END)
    states = [await desk.at(wall) for wall in ("09:10", "09:40", "10:15")]

    assert states == [State.COMPLETE] * 3
    assert desk.transitions == 3


@one_engine
async def test_an_operator_who_tests_when_it_should_be_live_pauses_the_start(desk: Desk) -> None:
    await desk.begin()
    await desk.at("09:00")
    desk.encoder()
    desk.clock.moment = make.at("09:02")

    await desk.press(Act.TEST)
    states = [await desk.at(wall) for wall in ("09:02", "09:30")]
    words = await desk.words()
    await desk.press(Act.START)

    assert states == [State.TESTING, State.TESTING]
    assert words == (
        "Does not start by itself: it was tested by user desk@example.org at 09:02 WIB."
    )
    # Live, it ends by itself all the same.
    assert [await desk.at(wall) for wall in ("10:14", "10:15")] == [State.LIVE, State.COMPLETE]


@one_engine
async def test_what_was_deleted_and_made_again_waits_for_the_operator(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    desk.clock.moment = make.at("08:50")
    await desk.press(Act.DELETE)
    await desk.press(Act.CREATE)

    states = [await desk.at(wall) for wall in ("08:58", "09:00")]

    assert states == [State.READY, State.READY]
    assert (await desk.words()).startswith("Does not start by itself: it was deleted by user")


@one_engine
async def test_who_starts_early_or_after_the_end_is_not_cut_off(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    desk.clock.moment = make.at("08:50")
    await desk.press(Act.START)
    early = await desk.at("09:00")
    await desk.press(Act.END)
    desk.clock.moment = make.at("10:05")
    await desk.press(Act.DELETE)
    await desk.press(Act.CREATE)
    await desk.press(Act.START)

    late = [await desk.at(wall) for wall in ("10:15", "10:40")]

    assert (early, late) == (State.LIVE, [State.LIVE, State.LIVE])
    assert await desk.words() == (
        "Does not end by itself: it was started by user desk@example.org at 10:05 WIB."
    )


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
async def test_what_a_session_chose_itself_and_a_resumed_start_count(
    desk: Desk, client: Client
) -> None:
    await desk.begin(how=StreamingSettings())
    desk.encoder()
    csrf = await callers.signed_in(client, desk.installation, "streaming")
    path = "/manage/rakortek/live/sessions/session-1/automatic"
    by_hand = await desk.at("08:56"), await desk.words()

    chosen = await client.post(path, data={"csrf": csrf, "starts": "yes", "ends": "event"})
    await desk.at("08:57")
    desk.clock.moment = make.at("09:00")
    await desk.press(Act.TEST)
    paused = await desk.at("09:01")
    await client.post(path, data={"csrf": csrf, "resume": "1"})

    assert by_hand == (State.READY, "Is started by hand.")
    assert (chosen.status, paused) == (200, State.TESTING)
    assert await desk.at("09:02") is State.LIVE
    assert await desk.words() == "Is ended by hand."


@one_engine
async def test_it_follows_the_released_time_and_not_the_draft(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    await moved(desk.installation, "09:30")
    drafted = await desk.at("08:57"), await desk.words()

    await release(desk.installation)
    released = [(await desk.at(wall), await desk.words()) for wall in ("08:59", "09:00", "09:29")]
    started = await desk.at("09:30")

    starts = "Starts by itself at 09:30 WIB."
    assert drafted == (State.TESTING, "Starts by itself at 09:00 WIB.")
    assert released == [(State.TESTING, starts)] * 3
    assert started is State.LIVE


async def moved(installation: Installation, starts: str) -> None:
    async with installation.database.transaction() as tx:
        times = {"starts_at": make.at(starts), "ends_at": make.at("10:30")}
        await tx.execute(sessions.update().where(sessions.c.id == 1).values(**times))


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


@one_engine
async def test_a_pasted_link_is_live_in_its_time(
    installation: Installation, clock: StillClock
) -> None:
    event = await published(installation)
    at = clock.now()
    async with installation.database.transaction() as tx:
        await settings_store.save_settings(tx, event.id, BOTH)
        await actions.paste_link(
            tx, event, "session-1", link="https://example.org/live", who="test", at=at
        )
    states = []

    for wall in ("08:59", "09:00", "10:14", "10:15"):
        clock.moment = make.at(wall)
        await automatic_work.run(installation, no_pause)
        async with installation.database.reading() as tx:
            row = await store.find_broadcast(tx, 1)
        assert row is not None
        states.append(row.state)

    assert states == [State.READY, State.LIVE, State.LIVE, State.COMPLETE]


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
