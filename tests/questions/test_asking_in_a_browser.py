"""Somebody in the room asks, a moderator approves, a remote office reads it and votes, each on their own screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.outbox import Job
from eventhub.participants.links import PersonalLinks
from eventhub.questions import jobs
from eventhub.settings import Settings
from eventhub.web.guard import LOGIN_COOKIE
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import join_path, published, streamed

pytestmark = pytest.mark.browser
QUEUE = "/manage/rakortek/live/session-1/questions"


@asynccontextmanager
async def tab(browser: Browser, zone: str, width: int = 390) -> AsyncIterator[Page]:
    """Open a page of a device of its own."""
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, timezone_id=zone, locale="id-ID"
    )
    yield await context.new_page()
    await context.close()


async def sign_in(page: Page, client: Client, installation: Installation) -> None:
    """Let the page belong to a moderator."""
    await callers.signed_in(client, installation, "streaming")
    base = str(client.make_url("/"))
    login = client.session.cookie_jar.filter_cookies(client.make_url("/"))[LOGIN_COOKIE].value
    await page.context.add_cookies([{"name": LOGIN_COOKIE, "value": login, "url": base}])


async def test_a_question_from_the_room_is_approved_and_voted_for_from_afar(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    browser: Browser,
) -> None:
    audience = (
        make.audience(Attendance.ONSITE, delegation_id=1),
        make.audience(Attendance.STREAM, delegation_id=2),
    )
    await published(installation, streamed(1, audience=audience))
    clock.moment = make.at("09:10")
    own = PersonalLinks(settings.secret, settings.base_url).page_url(1, 1)
    async with (
        tab(browser, "Asia/Jakarta") as room,
        tab(browser, "Asia/Jakarta", 1280) as desk,
        tab(browser, "Asia/Jayapura") as remote,
    ):
        await sign_in(desk, client, installation)
        await desk.goto(settings.base_url + QUEUE)
        await remote.goto(settings.base_url + join_path(settings, 2))
        await remote.wait_for_url("**/watch/session-1")
        await expect(remote.locator("[data-floor] [data-ask]")).to_be_visible()
        await remote.locator("[data-ask] textarea").fill("Sedang saya tulis")

        await room.goto(own)
        await room.get_by_role("link", name="Pertanyaan dan jajak pendapat").click()
        await room.locator("[data-ask] textarea").fill("Kapan dana <b>turun</b>?")
        await room.locator("[data-ask] button").click()
        await expect(room.get_by_text("Menunggu moderator")).to_be_visible()

        await desk.get_by_role("button", name="Setujui").click()
        await expect(remote.locator("#q-1")).to_contain_text("Kapan dana <b>turun</b>?")
        await expect(remote.locator("[data-ask] textarea")).to_have_value("Sedang saya tulis")
        await expect(room.locator("#q-1")).to_contain_text("Bappeda Provinsi 1")

        await remote.locator("#q-1 button").click()
        await expect(remote.locator("#q-1 button")).to_have_attribute("aria-pressed", "true")
        await jobs.tell_counts(
            installation, Job(1, 1, "questions.counts", {"session_id": 1}, 1, clock.now())
        )
        await expect(room.locator('[data-votes="1"]')).to_have_text("1")
        assert await remote.evaluate("document.documentElement.scrollWidth") <= 390


async def test_a_poll_opens_on_every_page_and_its_bars_follow_the_answers(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    browser: Browser,
) -> None:
    await published(installation)
    clock.moment = make.at("09:10")
    async with (
        tab(browser, "Asia/Jakarta", 1280) as desk,
        tab(browser, "Asia/Jayapura") as remote,
    ):
        await sign_in(desk, client, installation)
        await desk.goto(settings.base_url + QUEUE)
        await remote.goto(settings.base_url + join_path(settings, 2))
        await remote.wait_for_url("**/watch/session-1")
        await desk.get_by_text("Jajak pendapat baru").click()
        await desk.locator("[name=text]").fill("Setuju?")
        await desk.locator("[name=choices]").fill("Ya\nTidak")
        await desk.get_by_role("button", name="Simpan jajak pendapat").click()
        await desk.get_by_role("button", name="Buka jajak pendapat").click()

        await remote.get_by_label("Tidak").check()
        await remote.locator(".poll button").click()
        await expect(remote.locator('[data-answers="1"]')).to_have_text("1 of 1")
        await jobs.tell_counts(
            installation, Job(1, 1, "questions.counts", {"session_id": 1}, 1, clock.now())
        )
        await expect(desk.locator('[data-answers="1"]')).to_have_text("1 dari 1")

        await desk.get_by_role("button", name="Tutup jajak pendapat").click()
        await expect(remote.get_by_text("This poll is closed.")).to_be_visible()
        await expect(remote.locator(".poll input")).to_have_count(0)
