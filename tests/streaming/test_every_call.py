"""Each fault at each call, and a crash after each call: in the end there is what there should be, and nothing twice."""

import logging

import pytest

from tests.streaming.story import CALLS, ENDING, FAULTS, Story

# How many calls the story makes when nothing goes wrong.
LENGTH = 37

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_whole_event_is_set_up_tested_live_and_ended(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await story.tell()

    assert await story.outcome() == ENDING
    assert sorted(set(story.youtube.log)) == CALLS
    assert len(story.youtube.log) == LENGTH
    (stream,) = story.youtube.streams.values()
    told = [stream["cdn"]["ingestionInfo"]["streamName"], "refresh token", "token-1"]
    assert [secret for secret in told if secret in caplog.text] == []


# Seven stories in which every call fails once, each time with another fault: all faults at all calls.
# `make soak` tells them one by one.
@one_engine
@pytest.mark.parametrize("turn", range(len(FAULTS)))
async def test_faults_at_every_call_change_nothing_in_the_end(story: Story, turn: int) -> None:
    for number, call in enumerate(CALLS):
        story.youtube.faults[call] = [FAULTS[(number + turn) % len(FAULTS)]]

    await story.tell()

    assert await story.outcome() == ENDING
    assert [call for call, left in story.youtube.faults.items() if left] == []


@one_engine
@pytest.mark.parametrize("call", range(1, LENGTH + 1))
async def test_a_crash_after_a_call_changes_nothing_in_the_end(story: Story, call: int) -> None:
    await story.tell(crash_at=call)

    assert await story.outcome() == ENDING
