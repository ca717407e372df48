"""The life of two broadcasts, in steps that whoever was interrupted does again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions
from eventhub.streaming import control, polling, settings_store, store, sync
from eventhub.streaming.model import Act, Broadcast, State, StreamingSettings
from eventhub.streaming.trouble import YouTubeTrouble
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, release

# Every call that the story makes, as the stand-in recorded them; a test holds the list to the record.
CALLS = [
    "liveBroadcasts.bind",
    "liveBroadcasts.delete",
    "liveBroadcasts.insert",
    "liveBroadcasts.list",
    "liveBroadcasts.transition",
    "liveBroadcasts.update",
    "liveStreams.insert",
    "liveStreams.list",
    "playlistItems.delete",
    "playlistItems.insert",
    "playlistItems.list",
    "playlists.insert",
    "thumbnails.set",
    "videos.list",
]
FAULTS = ["500", "503", "503_after", "429", "hang", "drop_before", "drop_after"]

SECOND = {"id": 2, "starts_at": make.at("11:00"), "ends_at": make.at("12:00")}


@dataclass
class Story:
    """Set up, rename one, take both out of the playlist, go live, look on, end, cancel the other."""

    installation: Installation
    youtube: YouTube
    clock: StillClock

    @property
    def steps(self) -> list[Callable[[], Awaitable[Any]]]:
        return [
            self.sync,
            self.rename,
            self.leave_playlists,
            self.go_live,
            self.look_on,
            self.end,
            self.cancel,
        ]

    async def tell(self, *, crash_at: int = 0) -> None:
        """Do all steps; with `crash_at` the step that makes this call dies after it, and is done again later."""
        for step in self.steps:
            doing = asyncio.ensure_future(step())
            self.youtube.on_effect = lambda doing=doing: (  # type: ignore[misc]  # bound now
                doing.cancel() if len(self.youtube.log) == crash_at else None
            )
            try:
                await doing
            except asyncio.CancelledError:
                self.clock.moment += timedelta(minutes=3)
                await step()

    async def sync(self) -> None:
        async with self.installation.database.reading() as tx:
            event = await events.get_event_by_id(tx, 1)
        await sync.sync(self.installation, event, no_pause)

    async def rename(self) -> None:
        await self._change(2, title="Pleno kedua")
        await self.sync()

    async def leave_playlists(self) -> None:
        async with self.installation.database.transaction() as tx:
            await settings_store.save_settings(tx, 1, StreamingSettings(playlists="none"))
        await self.sync()

    async def go_live(self) -> None:
        for stream in self.youtube.streams:
            self.youtube.sends(stream)
        await self._press(Act.START)

    async def look_on(self) -> None:
        for broadcast in self.youtube.broadcasts:
            self.youtube.viewers[broadcast] = 41
        self.clock.moment = make.at("09:10")
        await polling.look_on(self.installation, no_pause)

    async def end(self) -> None:
        await self._press(Act.END)

    async def cancel(self) -> None:
        await self._change(2, state=SessionState.CANCELLED)
        await self.sync()

    async def _change(self, session: int, **values: Any) -> None:
        async with self.installation.database.transaction() as tx:
            await tx.execute(sessions.update().where(sessions.c.id == session).values(**values))
        await release(self.installation)

    async def _press(self, wish: Act) -> None:
        async with self.installation.database.reading() as tx:
            event = await events.get_event_by_id(tx, 1)
        for _ in range(3):
            try:
                await control.act(
                    self.installation, event, "session-1", wish, who="test", pause=no_pause
                )
            except YouTubeTrouble as trouble:
                # The operator reads what is wrong and presses again.
                last = trouble
            else:
                return
        raise last

    async def outcome(self) -> dict[str, Any]:
        """Return what there is in the end, here and on YouTube."""
        async with self.installation.database.reading() as tx:
            rows = await store.list_broadcasts(tx, 1)
        return {
            "recorded": [_told(row) for row in rows],
            "ids agree": [row.youtube_id for row in rows] == list(self.youtube.broadcasts),
            "on YouTube": [
                (each["snippet"]["title"], each["status"]["lifeCycleStatus"])
                for each in self.youtube.broadcasts.values()
            ],
            "pictures": len(set(self.youtube.pictures) & set(self.youtube.broadcasts)),
            "streams": len(self.youtube.streams),
            "playlists": len(self.youtube.playlists),
            "items": sum(len(held) for held in self.youtube.items.values()),
        }


def _told(row: Broadcast) -> tuple[str, State, str | None, int | None]:
    return row.session, row.state, row.problem_code or row.extras_problem, row.concurrent


ENDING = {
    "recorded": [("session-1", State.COMPLETE, None, 41)],
    "ids agree": True,
    "on YouTube": [("Pembukaan", "complete")],
    "pictures": 1,
    "streams": 1,
    "playlists": 1,
    "items": 0,
}
