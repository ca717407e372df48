"""What follows a delay by itself: YouTube, the doors of join links, pages that are open."""

from collections import Counter
from dataclasses import replace

import pytest
from playwright.async_api import Browser, expect

from eventhub.events import actions as events
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions.model import Session
from eventhub.settings import Settings
from eventhub.streaming import control, sync
from eventhub.streaming.model import Act
from eventhub.web.access import Principal, Role
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import join_path, no_pause, published, streamed

API = "/api/v1/events/rakortek/sessions/{}/delay"
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OPERATOR = Principal("token", 1, "operator", Role.STREAMING, 1)


def second(**changes: object) -> Session:
    watching = (make.audience(Attendance.STREAM, delegation_id=2),)
    times = {"starts_at": make.at("10:30"), "ends_at": make.at("11:30")}
    return streamed(2, **{"title": "Panel", "audience": watching, **times, **changes})


def third() -> Session:
    times = {"starts_at": make.at("11:30"), "ends_at": make.at("12:00")}
    return replace(second(title="Penutupan", **times), id=3, code="session-3")


async def test_youtube_is_told_the_new_starts_of_what_has_not_begun_and_nothing_else(
    client: Client, connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    event = await published(connected, streamed(), second(), third())
    await sync.sync(connected, event, no_pause)
    for stream in youtube.streams:
        youtube.sends(stream)
    await control.act(connected, event, "session-1", Act.START, who=OPERATOR, pause=no_pause)
    clock.moment = make.at("09:50")
    before = Counter(youtube.calls)

    headers = await callers.bearer(connected, "streaming")
    delayed = await client.post(
        API.format("session-1"), headers=headers, json={"minutes": 45, "gaps": "use"}
    )
    async with connected.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    await sync.sync(connected, event, no_pause)
    await sync.sync(connected, event, no_pause)

    assert delayed.status == 201
    made = {name: n for name, n in (youtube.calls - before).items() if not name.endswith(".list")}
    assert made == {"liveBroadcasts.update": 2}
    starts = {
        each["snippet"]["title"]: each["snippet"]["scheduledStartTime"]
        for each in youtube.broadcasts.values()
    }
    assert starts["Panel"] == "2021-02-25T03:45:00Z"
    assert starts["Penutupan"] == "2021-02-25T04:45:00Z"


async def test_a_stream_that_is_late_by_its_broadcast_starts_later(
    client: Client, connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    event = await published(connected, streamed())
    await sync.sync(connected, event, no_pause)
    clock.moment = make.at("09:05")
    headers = await callers.bearer(connected, "streaming")

    seen = await client.get(f"{API.format('session-1')}?minutes=15", headers=headers)
    told = await client.get(f"{API.format('session-1')}?minutes=15&begun=true", headers=headers)

    starts, ends = "2021-02-25T02:15:00Z", "2021-02-25T03:15:00Z"
    assert (await seen.json())["moves"][0]["after"] == {"starts_at": starts, "ends_at": ends}
    assert (await told.json())["moves"][0]["after"] == {
        "starts_at": "2021-02-25T02:00:00Z",
        "ends_at": ends,
    }


async def test_a_join_link_opens_before_the_new_start(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation, streamed(), second())
    clock.moment = make.at("09:50")
    headers = await callers.bearer(installation, "streaming")
    path = join_path(settings, 2, session=2)

    await client.post(API.format("session-2"), headers=headers, json={"minutes": 15})
    clock.moment = make.at("10:29")
    early = await client.get(path)
    clock.moment = make.at("10:30")
    opened = await client.get(path)

    assert (early.status, opened.status) == (425, 200)


async def test_whoever_is_invited_to_several_reads_an_announcement_once(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation, streamed(), second())
    clock.moment = make.at("09:50")
    headers = await callers.bearer(installation, "streaming")

    await client.post(
        API.format("session-1"), headers=headers, json={"minutes": 15, "announce": "Sebentar lagi"}
    )
    links = await client.get(
        "/api/v1/events/rakortek/participants/2/links",
        headers=await callers.bearer(installation, "organizer"),
    )
    page = await client.get((await links.json())["page_url"].removeprefix(settings.base_url))

    assert (await page.text()).count("Sebentar lagi") == 1


@pytest.mark.browser
@one_engine
async def test_open_pages_follow_a_delay_without_a_reload(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    browser: Browser,
) -> None:
    await published(installation, streamed(), second())
    clock.moment = make.at("09:50")
    context = await browser.new_context(viewport={"width": 390, "height": 800}, locale="id-ID")
    # Pages wait a while, each for another one, before they ask.
    await context.add_init_script("Math.random = () => 0")
    tab, own = await context.new_page(), await context.new_page()
    await tab.goto(f"{settings.base_url}/rakortek/watch/session-2")
    await expect(tab.locator("[data-countdown]")).to_contain_text("00:39:")
    await tab.evaluate("window.isSame = true")
    headers = await callers.bearer(installation, "streaming")
    owner = await callers.bearer(installation, "organizer")
    links = await client.get("/api/v1/events/rakortek/participants/2/links", headers=owner)
    await own.goto((await links.json())["page_url"])
    await expect(own.locator("#s-session-2")).to_contain_text("10:30–11:30")
    await own.evaluate("window.isSame = true")

    await client.post(API.format("session-1"), headers=headers, json={"minutes": 15})

    await expect(tab.locator("[data-announcements] li")).to_have_count(1)
    await expect(tab.locator("[data-countdown]")).to_contain_text("00:54:", timeout=20_000)
    await expect(tab.locator("[data-fresh=when]")).to_contain_text("10.45–11.45")
    await expect(own.locator("[data-announcements] li")).to_have_count(1)
    await expect(own.locator("#s-session-2")).to_contain_text("10:45–11:45", timeout=20_000)
    assert await tab.evaluate("window.isSame")
    assert await own.evaluate("window.isSame")
    await context.close()
