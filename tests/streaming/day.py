"""A day of two rooms, started and ended by itself, whatever happens to its calls."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from eventhub.installation import Installation
from eventhub.streaming import automatic_work, polling, settings_store, store, sync
from eventhub.streaming.model import State, StreamingSettings
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, streamed

# Room, start and end; two follow one another at once, and one has the whole encoder's morning before it.
PROGRAMME = [
    (1, "09:00", "10:00"),
    (2, "09:00", "10:30"),
    (1, "10:00", "11:00"),
    (2, "11:00", "12:00"),
    (1, "13:00", "14:00"),
    (2, "13:00", "15:00"),
]
HOW = StreamingSettings(starts_itself=True, ends_itself=True, end_after_minutes=5)
_BEGUN = {"testStarting", "testing", "liveStarting", "live"}


@dataclass
class Day:
    """Set up the day before, then rounds from 08:30 on; `both` counts when two had one encoder."""

    installation: Installation
    youtube: YouTube
    clock: StillClock
    both: int = 0
    crash_at: int = 0
    seen: list[str] = field(default_factory=list)

    async def set_up(self) -> None:
        """Publish the programme and make its broadcasts."""
        self.clock.moment = make.at("16:00", "2021-02-24")
        event = await published(self.installation, *_sessions())
        async with self.installation.database.transaction() as tx:
            await settings_store.save_settings(tx, event.id, HOW)
        self.youtube.on_effect = self._look
        for _ in range(8):
            report = await sync.sync(self.installation, event, no_pause)
            self.clock.moment += timedelta(minutes=15)
            if not (report.put_off or report.extras_put_off or report.problems):
                return

    async def go_on(self, moments: Iterator[datetime]) -> None:
        """Make the rounds of these moments; one that dies leaves what it did, and the next begins anew."""
        for stream in self.youtube.streams:
            self.youtube.sends(stream)
        for moment in moments:
            self.clock.moment = moment
            for _ in range(2):
                doing = asyncio.ensure_future(self._round())
                self.youtube.on_effect = lambda doing=doing: self._look(doing)  # type: ignore[misc]  # bound now
                await asyncio.wait([doing])
                if not doing.cancelled():
                    doing.result()
                self.clock.moment += timedelta(seconds=5)

    async def _round(self) -> None:
        await polling.look_on(self.installation, no_pause)
        await automatic_work.run(self.installation, no_pause)

    def _look(self, doing: "asyncio.Future[None] | None" = None) -> None:
        on_air = Counter(
            each["contentDetails"].get("boundStreamId")
            for each in self.youtube.broadcasts.values()
            if each["status"]["lifeCycleStatus"] in _BEGUN
        )
        self.both += any(count > 1 for count in on_air.values())
        if doing is not None and len(self.youtube.log) == self.crash_at:
            doing.cancel()

    async def outcome(self) -> dict[str, Any]:
        """Return what there is in the end, here and on YouTube."""
        async with self.installation.database.reading() as tx:
            rows = await store.list_broadcasts(tx, 1)
        remote = self.youtube.broadcasts.values()
        return {
            "recorded": sorted(row.state for row in rows),
            "on YouTube": sorted(each["status"]["lifeCycleStatus"] for each in remote),
            "ids agree": {row.youtube_id for row in rows} == set(self.youtube.broadcasts),
            "streams": len(self.youtube.streams),
            "two on one encoder": self.both,
        }


ENDING = {
    "recorded": [State.COMPLETE] * len(PROGRAMME),
    "on YouTube": ["complete"] * len(PROGRAMME),
    "ids agree": True,
    "streams": 2,
    "two on one encoder": 0,
}


def turns() -> Iterator[datetime]:
    """Yield the moments at which something is due, and one a while later for what was late."""
    due = set()
    for _, start, end in PROGRAMME:
        begins, ends = make.at(start), make.at(end)
        due |= {begins - timedelta(minutes=5), begins, ends + timedelta(minutes=5)}
    yield from sorted({*due, *(moment + timedelta(minutes=2) for moment in due)})


def minutes() -> Iterator[datetime]:
    """Yield every minute of the day."""
    for n in range(7 * 60):
        yield make.at("08:30") + timedelta(minutes=n)


def _sessions() -> Iterator[Any]:
    for n, (room, start, end) in enumerate(PROGRAMME, 1):
        yield streamed(
            n, title=f"Sesi {n}", room_id=room,
            starts_at=make.at(start), ends_at=make.at(end), audience=(),
        )  # fmt: skip
