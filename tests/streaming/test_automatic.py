"""Broadcasts start and end by themselves where that is chosen; who operates by hand wins."""

import asyncio

import pytest

from eventhub.installation import Installation
from eventhub.sessions.tables import sessions
from eventhub.streaming import (
    actions,
    automatic_work,
    by_hand,
    control,
    polling,
    settings_store,
    store,
)
from eventhub.streaming.automatic import AUTOMATIC
from eventhub.streaming.model import Act, State, StreamingSettings
from eventhub.streaming.trouble import YouTubeTrouble
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.desk import BOTH, Desk
from tests.streaming.scene import no_pause, published, release

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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


async def test_of_two_who_would_start_it_one_does(desk: Desk) -> None:
    await desk.begin()
    desk.encoder()
    desk.clock.moment = make.at("08:56")
    await polling.look_on(desk.installation, no_pause)

    await asyncio.gather(*(automatic_work.run(desk.installation, no_pause) for _ in range(3)))

    assert desk.transitions == 1
    assert (await desk.row()).state is State.TESTING


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


async def test_an_operator_who_comes_between_decision_and_act_wins(desk: Desk) -> None:
    event = await desk.begin()
    desk.encoder()
    await desk.at("08:58")
    desk.clock.moment = make.at("09:00")
    async with desk.installation.database.transaction() as tx:
        await by_hand.note(
            tx, event, "session-1", Act.END, who="user desk@example.org", at=desk.clock.now()
        )

    with pytest.raises(YouTubeTrouble) as refused:
        await control.act(
            desk.installation, event, "session-1", Act.START, who=AUTOMATIC, pause=no_pause
        )

    assert refused.value.problem.code == "under_way"
    assert (await desk.at("09:01"), desk.transitions) == (State.TESTING, 1)


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
