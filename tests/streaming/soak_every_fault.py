"""`make soak`: each fault at each single call, days with faults and deaths at random, a process killed at each call.

The tests hold a closer-packed form of each.
"""

import random
from pathlib import Path

import pytest

from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming import day
from tests.streaming.killing import killed_at
from tests.streaming.story import ENDING, FAULTS, Story
from tests.streaming.test_every_call import LENGTH

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# How many calls one session is set up with.
SET_UP_LENGTH = 9


@one_engine
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", range(1, LENGTH + 1))
async def test_a_fault_at_a_call_changes_nothing_in_the_end(
    story: Story, call: int, fault: str
) -> None:
    youtube = story.youtube
    youtube.chance = lambda name: fault if len(youtube.log) == call else ""

    await story.tell()

    assert await story.outcome() == ENDING


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(6))
async def test_a_day_with_faults_and_deaths_at_random_ends_as_any_other(
    connected: Installation, youtube: YouTube, clock: StillClock, seed: int
) -> None:
    chance = random.Random(seed)
    faults = [fault for fault in FAULTS if fault != "hang"]
    youtube.chance = lambda name: chance.choice(faults) if chance.random() < 0.1 else ""
    story = day.Day(connected, youtube, clock)

    await story.set_up()
    for moment in day.minutes():
        story.crash_at = len(youtube.log) + chance.randint(1, 40)
        await story.go_on(iter([moment]))

    assert await story.outcome() == day.ENDING


@pytest.mark.parametrize("call", range(1, SET_UP_LENGTH + 1))
async def test_a_process_killed_after_a_call_leaves_nothing_behind_that_the_next_does_not_mend(
    tmp_path: Path, youtube: YouTube, access: YouTubeSettings, call: int
) -> None:
    codes = await killed_at(tmp_path, youtube, access, call)

    assert codes == [-9, 0]
    assert [each["status"]["lifeCycleStatus"] for each in youtube.broadcasts.values()] == ["ready"]
    assert (len(youtube.streams), len(youtube.playlists)) == (1, 1)
    assert [len(held) for held in youtube.items.values()] == [1]
