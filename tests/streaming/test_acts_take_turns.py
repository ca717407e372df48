"""What is done by hand and what happens by itself take turns: one is refused whole, or comes after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.streaming import (
    actions,
    automatic_store,
    control,
    last_acts,
    settings_store,
)
from eventhub.streaming.automatic import AUTOMATIC, Standing
from eventhub.streaming.model import Act, State
from eventhub.streaming.trouble import YouTubeTrouble
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.desk import BOTH, Desk
from tests.streaming.scene import no_pause, published

OTHER = "user other@example.org"


class Interrupted(Database):
    """Lets an operator press END after the first transaction, as another process may."""

    def __init__(self, url: str, desk: Desk) -> None:
        super().__init__(url)
        self._desk, self._opened = desk, 0
        self.refused = ""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        self._opened += 1
        if self._opened == 2:
            try:
                await self._desk.press(Act.END)
            except YouTubeTrouble as trouble:
                self.refused = trouble.problem.code
        async with super().transaction() as tx:
            yield tx


async def linked(installation: Installation, clock: StillClock) -> Event:
    """Publish a session whose pasted link goes live by itself at 09:00, and let it be 09:00."""
    event = await published(installation)
    async with installation.database.transaction() as tx:
        await settings_store.save_settings(tx, event.id, BOTH)
        await actions.paste_link(
            tx, event, "session-1", link="https://example.org/live", who="test", at=clock.now()
        )
    clock.moment = make.at("09:00")
    return event


async def standing(installation: Installation) -> Standing:
    async with installation.database.reading() as tx:
        return await automatic_store.find_standing(tx, 1)


async def test_a_link_is_not_set_live_again_after_an_end_that_came_between(
    installation: Installation, youtube: YouTube, clock: StillClock
) -> None:
    event = await linked(installation, clock)
    desk = Desk(installation, youtube, clock)
    between = Interrupted(installation.database.url, desk)

    await control.act(
        replace(installation, database=between),
        event, "session-1", Act.START, who=AUTOMATIC, pause=no_pause,
    )  # fmt: skip
    await between.close()

    assert (between.refused, (await desk.row()).state) == ("under_way", State.LIVE)
    await desk.press(Act.END)
    assert (await desk.row()).state is State.COMPLETE


async def test_an_act_that_is_refused_as_another_is_under_way_pauses_nothing(
    installation: Installation, youtube: YouTube, clock: StillClock
) -> None:
    event = await linked(installation, clock)
    desk = Desk(installation, youtube, clock)
    at = clock.now()
    async with installation.database.transaction() as tx:
        shown = await actions.get_shown(tx, event.id, "session-1", at)
        await last_acts.begin(tx, event.id, shown, Act.START, who=OTHER, at=at)
    before = await standing(installation)

    with pytest.raises(YouTubeTrouble) as refused:
        await desk.press(Act.END)

    assert refused.value.problem.code == "under_way"
    assert await standing(installation) == before
