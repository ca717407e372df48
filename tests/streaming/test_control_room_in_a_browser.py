"""Two operators in the control room: one tests, goes live and ends with second clicks, the other's page follows."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, Page, expect

from eventhub import app as composition
from eventhub.installation import Installation
from eventhub.streaming import polling
from eventhub.streaming.model import Act
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, streamed
from tests.streaming.test_control_room import press

LIVE = "/manage/rakortek/live"
NINE = make.at("09:00")


@pytest.fixture
async def calling(connected: Installation) -> AsyncIterator[Client]:
    port = int(connected.settings.base_url.rpartition(":")[2])
    server = TestServer(composition.build(connected), port=port)
    async with TestClient(server) as client:
        yield client


async def opened(browser: Browser, client: Client, width: int) -> Page:
    """Open the control room in a browser of its own, signed in as the client is."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB")
    base = str(client.make_url("/"))
    kept = client.session.cookie_jar.filter_cookies(client.make_url("/"))
    await context.add_cookies(
        [{"name": each.key, "value": each.value, "url": base} for each in kept.values()]
    )
    page = await context.new_page()
    await page.goto(str(client.make_url(LIVE)))
    return page


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_operator_checks_tests_goes_live_and_ends_while_another_ones_page_follows(
    connected: Installation,
    youtube: YouTube,
    calling: Client,
    clock: StillClock,
    browser: Browser,
) -> None:
    await published(connected, streamed(1, title="Rapat Pleno Pembukaan " + "Sangat Panjang " * 6))
    await press(connected, Act.CREATE)
    youtube.sends(next(iter(youtube.streams)))
    youtube.looks_until_settled = 0
    clock.moment = NINE - timedelta(minutes=10)
    await polling.look_on(connected, no_pause)
    await callers.signed_in(calling, connected, "streaming")
    phone = await opened(browser, calling, 390)
    desk = await opened(browser, calling, 1280)
    for page in (phone, desk):
        await expect(page.locator("[data-line-open]")).to_be_visible()

    # Encoder and broadcast answer themselves; the operator ticks what they saw, on the phone.
    await expect(phone.locator(".checks summary")).to_contain_text("2 of 6 done")
    await phone.locator("#tick-session-1-picture").click()
    await expect(desk.locator(".checks summary")).to_contain_text("3 of 6 done")

    test = phone.locator("#act-session-1-test")
    await test.click()
    await expect(test).to_have_text("Start the test, viewers see nothing")
    await phone.keyboard.press("Escape")
    await expect(test).to_have_text("Test")
    assert youtube.calls["liveBroadcasts.transition"] == 0
    await test.click()
    await test.click()
    await expect(desk.locator(".turn .times")).to_contain_text("Testing")

    # By the keyboard alone, at the desk.
    clock.moment = NINE
    start = desk.locator("#act-session-1-start")
    await start.focus()
    await desk.keyboard.press("Enter")
    await expect(start).to_have_text("Go live for everybody")
    await desk.keyboard.press("Enter")
    await expect(phone.locator(".on .turn .times")).to_contain_text("On air")
    await expect(phone.locator(".checks")).to_have_count(0)

    youtube.viewers[next(iter(youtube.broadcasts))] = 312
    clock.moment = NINE + timedelta(minutes=5)
    await polling.look_on(connected, no_pause)
    await expect(phone.locator(".figures")).to_contain_text("312 watch")
    end = phone.locator("#act-session-1-end")
    await end.click()
    await expect(end).to_have_text("End for 312 viewers")
    await end.click()
    await expect(desk.locator(".lane")).to_contain_text("Over for this day.")

    width = await phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    assert [each["status"]["lifeCycleStatus"] for each in youtube.broadcasts.values()] == [
        "complete"
    ]
    for page in (phone, desk):
        await page.context.close()
