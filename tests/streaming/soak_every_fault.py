"""Each fault at each call, one story apiece: `make soak` runs this, the tests a closer-packed form of it."""

import pytest

from tests.streaming.story import CALLS, ENDING, FAULTS, Story


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_fault_at_a_call_changes_nothing_in_the_end(
    story: Story, call: str, fault: str
) -> None:
    story.youtube.faults[call] = [fault]

    await story.tell()

    assert await story.outcome() == ENDING
    assert story.youtube.faults[call] == []
