"""YouTube's units for the sample event: set up over the days before, and run live with a look each minute.

Counted by the tests' stand-in of the API, which the real client calls over HTTP; the clock is moved by hand.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp.test_utils import TestServer

from eventhub.cli.folder import compose
from eventhub.demo.seed import publish, seed_event
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.settings import YouTubeSettings, read_settings
from eventhub.streaming import actions, control, polling, store, sync
from eventhub.streaming.ledger import pacific_day
from eventhub.streaming.model import Act, Shown
from eventhub.streaming.quota import AIM, LOOK_BEFORE
from scripts.serving import Server
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube

from .figure import Figure

# Three weeks before the event, at one in the night by YouTube's time.
PUBLISHED = datetime(2021, 2, 1, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


def figures(_server: Server) -> Iterable[Figure]:
    """Count the units of the sample event; it is made anew here, without what the demo tells of it."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_counted(Path(folder)))


async def _counted(folder: Path) -> list[Figure]:
    youtube, clock = YouTube(), StillClock(PUBLISHED)
    youtube.day = lambda: pacific_day(clock.moment)
    async with TestServer(youtube.application()) as server:
        youtube.base_url = str(server.make_url("")).rstrip("/")
        settings = read_settings({"EVENTHUB_BASE_URL": "https://events.example.org"}, folder)
        access = YouTubeSettings(
            client_id="4711-bench.apps.example.org",
            client_secret="bench",  # noqa: S106 -- the stand-in takes any
            refresh_token="bench",  # noqa: S106 -- as above
            token_url=youtube.token_url,
            discovery_url=youtube.discovery_url,
        )
        installation = replace(compose(replace(settings, youtube=access)), clock=clock)
        await installation.database.migrate()
        try:
            return await _run(installation, youtube, clock)
        finally:
            await installation.database.close()


async def _run(installation: Installation, youtube: YouTube, clock: StillClock) -> list[Figure]:
    async with installation.database.transaction() as tx:
        event = await publish(tx, await seed_event(tx, at=clock.moment), at=clock.moment)
    days = await _set_up(installation, event, clock)
    setting_up = dict(youtube.units_by_day)
    async with installation.database.reading() as tx:
        shown = await actions.list_shown(tx, event.id, clock.moment)
    for day in sorted({pacific_day(each.starts_at) for each in shown}):
        todays = [each for each in shown if pacific_day(each.starts_at) == day]
        await _live(installation, event, youtube, clock, todays)
    live = {day: n for day, n in youtube.units_by_day.items() if day not in setting_up}
    done = len(set(youtube.pictures) & set(youtube.broadcasts))
    in_playlist = sum(len(held) for held in youtube.items.values())
    return [
        Figure("broadcasts set up, each once", len(youtube.broadcasts), "", 45, at_least=True),
        Figure("of them with a picture", done, "", 45, at_least=True),
        Figure("of them in the playlist", in_playlist, "", 45, at_least=True),
        Figure("Pacific days it took", days, "days", 14),
        Figure("units on the dearest day of setting up", max(setting_up.values()), "", AIM),
        Figure("units on the busiest live day, looked at each minute", max(live.values()), "", AIM),
        Figure("units of the whole event", youtube.units, "", 40_000),
    ]


async def _set_up(installation: Installation, event: Event, clock: StillClock) -> int:
    """Follow the release each day until nothing is put off; return the days it took."""
    for number in range(1, 22):
        report = await sync.sync(installation, event, _no_pause)
        if not report.put_off and not report.extras_put_off:
            return number
        clock.moment += A_DAY
    return 22


async def _live(
    installation: Installation,
    event: Event,
    youtube: YouTube,
    clock: StillClock,
    todays: list[Shown],
) -> None:
    """Go through a day minute by minute: sessions begin and end on time, and rounds look on."""
    for stream in youtube.streams:
        youtube.sends(stream)
    async with installation.database.reading() as tx:
        rows = {row.session: row for row in await store.list_broadcasts(tx, event.id)}
    for each in todays:
        youtube.viewers[rows[each.session].youtube_id or ""] = 500
    clock.moment = min(each.starts_at for each in todays) - LOOK_BEFORE
    end = max(each.ends_at for each in todays)
    await sync.sync(installation, event, _no_pause)
    while clock.moment <= end:
        for each in todays:
            if each.starts_at == clock.moment:
                await control.act(
                    installation, event, each.session, Act.START, who="bench", pause=_no_pause
                )
            if each.ends_at == clock.moment:
                await control.act(
                    installation, event, each.session, Act.END, who="bench", pause=_no_pause
                )
        await polling.look_on(installation, _no_pause)
        clock.moment += A_MINUTE


async def _no_pause(_seconds: float) -> None:
    """Wait not at all."""
