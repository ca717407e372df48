"""A whole day is set up, tested, put on air and ended without anybody's hand, and a process may die meanwhile."""

from pathlib import Path

import pytest

from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.day import ENDING, PROGRAMME, Day, turns
from tests.streaming.killing import killed_at

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@one_engine
async def test_a_whole_day_goes_on_and_off_air_by_itself(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    day = Day(connected, youtube, clock)

    await day.set_up()
    await day.go_on(turns())

    assert await day.outcome() == ENDING
    assert youtube.calls["liveBroadcasts.transition"] == 3 * len(PROGRAMME)
    assert youtube.calls["liveBroadcasts.insert"] == len(PROGRAMME)


@one_engine
async def test_a_day_on_which_every_seventh_call_fails_ends_the_same(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    day, faults = Day(connected, youtube, clock), ("500", "503_after", "drop_after", "429")
    youtube.chance = lambda name: (
        faults[len(youtube.log) // 7 % len(faults)] if len(youtube.log) % 7 == 0 else ""
    )

    await day.set_up()
    await day.go_on(turns())

    assert await day.outcome() == ENDING


async def test_a_process_killed_right_after_its_insert_leaves_no_double(
    tmp_path: Path, youtube: YouTube, access: YouTubeSettings
) -> None:
    codes = await killed_at(tmp_path, youtube, access, 2)

    assert youtube.log[1] == "liveBroadcasts.insert"
    assert codes == [-9, 0]
    assert youtube.calls["liveBroadcasts.insert"] == 1
    assert [each["status"]["lifeCycleStatus"] for each in youtube.broadcasts.values()] == ["ready"]
