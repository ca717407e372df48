"""The day's units: kept for what goes on air, spread over days, and what is left undone when they run short."""

from datetime import UTC, date, datetime, timedelta

import pytest

from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.streaming import connection, control, ledger, polling, store, sync
from eventhub.streaming.model import Act, State
from eventhub.streaming.outlook import look_ahead
from eventhub.streaming.quota import (
    Mode,
    Purpose,
    Units,
    allowance,
    mode_of,
    planned_units,
    refusal,
    spread,
)
from eventhub.streaming.report import Report
from eventhub.streaming.trouble import YouTubeTrouble
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, streamed
from tests.streaming.story import Story

NOON = datetime(2021, 2, 25, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("units", "mode", "refused"),
    [
        (Units(set_up=7_999), Mode.NORMAL, [None] * 4),
        (Units(looks=8_000), Mode.SPARING, [None, "sparing", None, None]),
        (Units(on_air=8_500), Mode.RESERVED, ["reserved", "reserved", None, "reserved"]),
        (Units(extras=10_000), Mode.EXHAUSTED, ["quotaExceeded"] * 4),
        (Units(exhausted_at=NOON), Mode.EXHAUSTED, ["quotaExceeded"] * 4),
    ],
)
def test_the_fewer_units_are_left_the_less_is_done(
    units: Units, mode: Mode, refused: list[str | None]
) -> None:
    assert mode_of(units) is mode
    assert [refusal(mode, purpose) for purpose in Purpose] == refused


def test_a_day_on_air_costs_transitions_and_a_look_a_minute_however_many_run_at_once() -> None:
    morning = (NOON, NOON + timedelta(hours=1))

    assert planned_units([]) == 0
    assert planned_units([morning]) == 170 + 90 * 3
    assert planned_units([morning, morning]) == 2 * 170 + 90 * 3
    afternoon = (NOON + timedelta(hours=5), NOON + timedelta(hours=6))
    assert planned_units([afternoon, morning]) == 2 * (170 + 90 * 3)


def test_setting_up_gets_what_the_days_sessions_on_air_leave() -> None:
    assert allowance(0) == 3_000
    assert allowance(4_000) == 500
    assert allowance(9_000) == 0
    assert allowance(4_000, Units(set_up=200, extras=200, looks=300)) == 100


def test_what_finds_no_units_today_is_spread_over_the_next_days_in_its_order() -> None:
    today = date(2021, 2, 20)
    free = {date(2021, 2, 21): 0, date(2021, 2, 22): 300}

    planned = spread(
        [("a", 155), ("b", 155), ("c", 155)], 200, today, lambda day: free.get(day, 155)
    )

    assert planned == [("a", today), ("b", date(2021, 2, 22)), ("c", date(2021, 2, 23))]


def test_a_pacific_day_begins_at_eight_or_at_seven_by_the_clock_of_greenwich() -> None:
    assert ledger.pacific_day(datetime(2021, 2, 25, 7, 59, tzinfo=UTC)) == date(2021, 2, 24)
    assert ledger.pacific_day(datetime(2021, 2, 25, 8, tzinfo=UTC)) == date(2021, 2, 25)
    assert ledger.pacific_day(datetime(2021, 7, 1, 7, tzinfo=UTC)) == date(2021, 7, 1)


async def spent(installation: Installation, units: int) -> None:
    day = ledger.pacific_day(installation.clock.now())
    async with installation.database.transaction() as tx:
        await ledger.add(tx, "4711", day, units, Purpose.LOOKS)


async def test_from_eighty_percent_on_pictures_and_playlists_wait_and_broadcasts_do_not(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)
    await spent(connected, 8_000)

    report = await sync.sync(connected, event, no_pause)

    assert (dict(report.outcomes), report.put_off) == ({"created": 1}, [])
    assert len(report.extras_put_off) == 2
    assert (youtube.pictures, youtube.playlists) == ({}, {})


async def test_the_last_units_are_for_going_on_and_off_air(story: Story) -> None:
    await story.sync()
    await spent(story.installation, 8_500)
    story.youtube.calls.clear()

    await story.look_on()
    await story.go_live()
    await story.end()

    assert set(story.youtube.calls) == {"liveBroadcasts.list", "liveBroadcasts.transition"}
    async with story.installation.database.reading() as tx:
        row = await store.find_broadcast(tx, 1)
    assert row is not None
    assert row.state is State.COMPLETE


async def test_between_eighty_and_eighty_five_percent_it_looks_every_five_minutes(
    story: Story,
) -> None:
    await story.sync()
    await story.look_on()
    await spent(story.installation, 8_000 - story.youtube.units)
    story.youtube.calls.clear()

    looks = []
    for _ in range(10):
        story.clock.moment += timedelta(minutes=1)
        await polling.look_on(story.installation, no_pause)
        looks.append(story.youtube.calls["liveStreams.list"])

    assert looks == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2]


async def test_a_minute_of_looking_costs_three_calls_for_all_that_is_live(story: Story) -> None:
    await story.sync()
    for broadcast in story.youtube.broadcasts.values():
        broadcast["status"]["lifeCycleStatus"] = "live"
    story.youtube.calls.clear()
    story.clock.moment = make.at("10:45")

    await story.look_on()

    assert story.youtube.calls == {
        "liveBroadcasts.list": 1,
        "liveStreams.list": 1,
        "videos.list": 1,
    }


async def test_units_exhausted_at_noon_stop_every_call_until_midnight_and_what_was_seen_stays(
    story: Story,
) -> None:
    await story.sync()
    await story.go_live()
    await story.look_on()
    seen_at = story.clock.moment
    story.clock.moment += timedelta(minutes=1)
    # Others spend from the same project: nobody here has counted it.
    story.youtube.faults["liveBroadcasts.list"] = ["quotaExceeded"]
    await polling.look_on(story.installation, no_pause)
    story.youtube.calls.clear()

    for _ in range(3):
        story.clock.moment += timedelta(minutes=1)
        await polling.look_on(story.installation, no_pause)
    with pytest.raises(YouTubeTrouble) as refused:
        await story.end()
    event = await _event(story)
    report = await sync.sync(story.installation, event, no_pause)

    async with story.installation.database.reading() as tx:
        row = await store.find_broadcast(tx, 1)
    assert row is not None
    assert story.youtube.calls == {}
    assert refused.value.problem.code == "quotaExceeded"
    assert (row.state, row.concurrent, row.concurrent_at) == (State.LIVE, 41, seen_at)
    assert {until for _, until, _ in report.put_off} == {make.at("15:00")}
    story.clock.moment = make.at("15:01")
    await story.end()
    async with story.installation.database.reading() as tx:
        row = await store.find_broadcast(tx, 1)
    assert row is not None
    assert row.state is State.COMPLETE


async def test_too_many_pictures_a_day_wait_for_hours_and_playlists_do_not(
    story: Story,
) -> None:
    story.youtube.thumbnails_allowed = 1
    report = await _sync(story)
    again = await _sync(story)
    asked = story.youtube.calls["thumbnails.set"]
    story.youtube.thumbnails_allowed = 1
    story.clock.moment += timedelta(hours=6, minutes=-1)
    await _sync(story)
    before = len(story.youtube.pictures)
    story.clock.moment = make.at("08:30") + timedelta(hours=6)
    # The first session is over by then; its picture was set first.
    assert dict(report.outcomes) == {"created": 2}
    assert [each[0] for each in report.extras_put_off] == ["session-2"]
    assert (again.problems, asked, before) == ([], 2, 1)
    assert sum(len(held) for held in story.youtube.items.values()) == 2


async def test_the_organizer_sees_what_is_used_planned_and_put_off_until_when(
    connected: Installation, clock: StillClock, youtube: YouTube
) -> None:
    event = await published(
        connected,
        *(
            streamed(n, starts_at=make.at(f"{hour}:00", day), ends_at=make.at(f"{hour}:45", day))
            for n, (day, hour) in enumerate(
                ((f"2021-02-{day}", f"{hour:02}") for day in (25, 26, 27) for hour in range(8, 22)),
                1,
            )
        ),
    )
    clock.moment = make.at("16:00", "2021-02-20")
    await sync.sync(connected, event, no_pause)

    async with connected.database.transaction() as tx:
        outlook = await look_ahead(tx, connected, event, clock.now())

    first = make.at("15:00", "2021-02-21")
    whole = [each for each in outlook.waiting if str(each.what) == "Broadcast"]
    assert outlook.units.used == youtube.units
    assert (outlook.planned, outlook.ends_at) == (0, first)
    assert [each.until for each in whole] == [first] * len(whole)
    assert len(whole) + len(youtube.broadcasts) == 42
    assert len(outlook.waiting) == len(whole) + 84 - len(youtube.pictures)
    assert max(each.until for each in outlook.waiting) == first + timedelta(days=2)


async def test_pressing_a_button_works_on_a_day_whose_units_for_setting_up_are_used(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)
    day = ledger.pacific_day(connected.clock.now())
    async with connected.database.transaction() as tx:
        await ledger.add(tx, "4711", day, 3_000, Purpose.SET_UP)

    await control.act(connected, event, "session-1", Act.CREATE, who="test", pause=no_pause)

    assert len(youtube.broadcasts) == 1
    assert (await connection.units_used(connected)).used == 3_000 + youtube.units


async def _event(story: Story) -> Event:
    async with story.installation.database.reading() as tx:
        return await events.get_event_by_id(tx, 1)


async def _sync(story: Story) -> Report:
    return await sync.sync(story.installation, await _event(story), no_pause)
