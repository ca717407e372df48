"""Open pages show what happens without being loaded again."""

import pytest
from playwright.async_api import Browser, Page, expect

from eventhub.announcements import actions
from eventhub.installation import Installation
from eventhub.live.hub import HUB
from eventhub.sessions import actions as sessions
from eventhub.web.access import Principal, Role
from tests import make
from tests.callers import Client, bearer
from tests.live.scene import page_token, publish_two_streams
from tests.standins.clock import OPENING_DAY

pytestmark = pytest.mark.browser

API = "/api/v1/events/rakortek/announcements"
PATIENCE_MS = 20_000
OWNER = Principal("user", 1, "owner@example.org", Role.OWNER, None)


@pytest.fixture(autouse=True)
async def world(installation: Installation) -> None:
    await publish_two_streams(installation.database)


@pytest.fixture
async def owner(installation: Installation) -> dict[str, str]:
    return await bearer(installation)


async def opened(browser: Browser, client: Client, path: str, locale: str = "en") -> Page:
    """Open a page in a browser of its own; return it once it listens."""
    context = await browser.new_context(locale=locale)
    page = await context.new_page()
    before = client.app[HUB].count
    await page.goto(str(client.make_url(path)))
    while client.app[HUB].count == before:
        await page.wait_for_timeout(20)
    return page


async def announce(
    client: Client, owner: dict[str, str], text: str, session: str | None = None
) -> None:
    answer = await client.post(API, json={"text": text, "session": session}, headers=owner)
    assert answer.status == 201


async def test_an_announcement_appears_on_open_watch_and_personal_pages(
    client: Client, installation: Installation, owner: dict[str, str], browser: Browser
) -> None:
    watch = await opened(browser, client, "/rakortek/watch/session-1")
    mine = await opened(browser, client, f"/p/{page_token(installation, 1)}/?lang=id")
    other = await opened(browser, client, f"/p/{page_token(installation, 2)}/")

    await announce(client, owner, "Mulai 15 menit lebih lambat.", "session-1")
    for page in (watch, mine):
        told = page.locator("[data-announcements] li")
        await expect(told).to_contain_text("Mulai 15 menit lebih lambat.", timeout=PATIENCE_MS)
    await announce(client, owner, "<b>Makan siang</b> di lobi.")
    await expect(other.locator("[data-announcements] p")).to_have_text(
        ["<b>Makan siang</b> di lobi."], timeout=PATIENCE_MS
    )
    await expect(watch.locator("[data-announcements] p")).to_have_text(
        ["<b>Makan siang</b> di lobi.", "Mulai 15 menit lebih lambat."], timeout=PATIENCE_MS
    )

    assert await mine.locator("[data-announcements] small").all_inner_texts() == [
        "08.30 WIB",
        "08.30 WIB · Sidang 1",
    ]
    assert await mine.locator("[data-announcements] h2").inner_text() == "Pengumuman"
    for page in (watch, mine, other):
        await page.context.close()


async def test_what_was_announced_while_the_line_was_down_appears_when_it_is_back(
    client: Client, installation: Installation, owner: dict[str, str], browser: Browser
) -> None:
    page = await opened(browser, client, "/rakortek/watch/session-1")
    told = page.locator("[data-announcements] p")
    await page.context.set_offline(True)
    (listener,) = (each for turn in client.app[HUB]._turns for each in turn)
    listener.end()
    await announce(client, owner, "Di antara.")
    await expect(told).to_have_count(0)

    await page.context.set_offline(False)

    await expect(told).to_have_text(["Di antara."], timeout=PATIENCE_MS)
    await page.context.close()


async def test_an_announcement_that_is_taken_back_vanishes(
    client: Client, installation: Installation, owner: dict[str, str], browser: Browser
) -> None:
    await announce(client, owner, "Salah.")
    page = await opened(browser, client, "/rakortek/watch/session-1")
    told = page.locator("[data-announcements] li")
    await expect(told).to_have_count(1)

    async with installation.database.transaction() as tx:
        await actions.take_back(tx, make.event(), 1, who=OWNER, at=OPENING_DAY)

    await expect(told).to_have_count(0, timeout=PATIENCE_MS)
    await page.context.close()


async def test_the_public_programme_says_that_it_changed_and_shows_it_when_asked(
    client: Client, installation: Installation, browser: Browser
) -> None:
    page = await opened(browser, client, "/rakortek/")
    notice = page.get_by_text("The programme has changed.")
    await expect(notice).to_be_hidden()

    async with installation.database.transaction() as tx:
        session = await sessions.get_session(tx, 1, "session-2")
        changes = {"title": "Sidang baru"}
        await sessions.change_session(tx, make.event(), session, changes, at=OPENING_DAY)
        await sessions.publish(
            tx, make.event(), note="", notify="none", who="tests", at=OPENING_DAY
        )
    await expect(notice).to_be_visible(timeout=PATIENCE_MS)
    before = await page.get_by_role("link", name="Sidang baru").count()
    await page.get_by_role("button", name="Show it").click()

    await expect(page.get_by_role("link", name="Sidang baru")).to_be_visible(timeout=PATIENCE_MS)
    await expect(notice).to_be_hidden()
    assert before == 0
    # What was put in anew still opens in place.
    await page.get_by_role("link", name="Sidang baru").click()
    await expect(page.locator(".opened")).to_have_count(1)
    await page.context.close()
