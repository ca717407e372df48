"""Operators act while rounds look on and write: what is newer stays."""

from dataclasses import replace

import pytest

from eventhub.installation import Installation
from eventhub.streaming import control, polling, store
from eventhub.streaming.model import Act, Broadcast, State
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.desk import Desk


@pytest.fixture
def desk(connected: Installation, youtube: YouTube, clock: StillClock) -> Desk:
    return Desk(connected, youtube, clock)


async def test_a_look_that_was_on_its_way_does_not_undo_a_deletion(desk: Desk) -> None:
    await desk.begin()
    desk.clock.moment = make.at("08:45")
    desk.youtube.faults["liveBroadcasts.list"] = ["503"]
    written: list[Broadcast] = []

    async def delete_meanwhile(_seconds: float) -> None:
        if not written:
            await desk.press(Act.DELETE)
            written.append(await desk.row())

    await polling.look_on(desk.installation, delete_meanwhile)

    assert (written[0].state, written[0].youtube_id, written[0].held) == (State.WANTED, None, True)
    assert await desk.row() == written[0]


async def test_what_others_write_while_it_goes_on_air_stays(desk: Desk) -> None:
    event = await desk.begin()
    desk.encoder()
    desk.clock.moment = make.at("09:00")
    desk.youtube.faults["liveBroadcasts.transition"] = ["503"]

    async def put_in_a_playlist(_seconds: float) -> None:
        row = await desk.row()
        async with desk.installation.database.transaction() as tx:
            noted = replace(row, playlist_id="PL1", thumbnail="digest")
            await store.save_broadcast(tx, noted, desk.clock.now())

    await control.act(
        desk.installation, event, "session-1", Act.START, who="test", pause=put_in_a_playlist
    )

    row = await desk.row()
    assert (row.state, row.playlist_id, row.thumbnail) == (State.LIVE, "PL1", "digest")
