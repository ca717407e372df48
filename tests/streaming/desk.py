"""A morning in the control room: time goes on, encoders send, operators press, and rounds are made."""

from typing import Any
from zoneinfo import ZoneInfo

from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.streaming import (
    automatic_reading,
    automatic_work,
    control,
    polling,
    settings_store,
    store,
    sync,
)
from eventhub.streaming.model import Act, Broadcast, State, StreamingSettings
from eventhub.wording import render
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, streamed

BOTH = StreamingSettings(starts_itself=True, ends_itself=True)
NEXT = {"id": 2, "title": "Pleno", "starts_at": make.at("10:00"), "ends_at": make.at("11:00")}


class Desk:
    """The first session is from 09:00 to 10:00; it and further ones are set up at 08:30."""

    def __init__(self, installation: Installation, youtube: YouTube, clock: StillClock) -> None:
        self.installation, self.youtube, self.clock = installation, youtube, clock

    async def begin(self, *more: dict[str, Any], how: StreamingSettings = BOTH) -> Event:
        """Set up the day's broadcasts at 08:30; the first session is from 09:00 to 10:00."""
        event = await published(self.installation, streamed(), *(streamed(**each) for each in more))
        async with self.installation.database.transaction() as tx:
            await settings_store.save_settings(tx, event.id, how)
        await sync.sync(self.installation, event, no_pause)
        self.youtube.log.clear()
        return event

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
