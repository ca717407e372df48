"""The check-in page follows the doors, and the health desk decides, in a real browser."""

from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, expect

from eventhub.checkin.tables import dismissals, passages
from eventhub.events.model import Protocol
from eventhub.installation import Installation
from eventhub.live.hub import HUB
from tests.callers import Client, bearer, signed_in
from tests.checkin import gate
from tests.checkin.gate import Hall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PATIENCE_MS = 20_000
HOT = {"temperature_c": 38.4, "mask": True}
PASSAGES = "/api/v1/events/rakortek/passages"
HEALTH = "/manage/rakortek/health"
WORDS = {
    "en": ("Let this person in", "Send home", "It is written down.", "Nobody waits."),
    "id": ("Izinkan masuk", "Pulangkan", "Sudah dicatat.", "Tidak ada yang menunggu."),
}


@pytest.fixture
async def hall(installation: Installation) -> Hall:
    protocol = Protocol(enabled=True, declaration_required=False)
    built = await gate.built(installation.database, protocol=protocol)
    return replace(built, now=installation.clock.now())


async def opened(
    browser: Browser, client: Client, installation: Installation, path: str, role: str
) -> Page:
    """Open a page as a new user of a role, on a desk's screen."""
    await signed_in(client, installation, role)
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    jar = client.session.cookie_jar.filter_cookies(client.make_url("/"))
    await context.add_cookies(
        [{"name": k, "value": m.value, "url": str(client.make_url("/"))} for k, m in jar.items()]
    )
    page = await context.new_page()
    await page.goto(str(client.make_url(path)))
    return page


async def test_the_check_in_page_follows_each_scan_without_being_loaded_again(
    client: Client, installation: Installation, browser: Browser, hall: Hall
) -> None:
    before = client.app[HUB].count
    page = await opened(browser, client, installation, "/manage/rakortek/checkin?lang=en", "gate")
    while client.app[HUB].count == before:
        await page.wait_for_timeout(20)
    await page.evaluate("window.loadedOnce = true")
    inside = page.locator("#now .stats").first
    await expect(inside).to_contain_text("0")

    async def scan(*items: object) -> None:
        headers = await bearer(installation, "gate")
        answer = await client.post(PASSAGES, json={"passages": items}, headers=headers)
        assert answer.status == 200

    await scan(hall.item(1, health=gate.WELL), hall.item(2, health=HOT))

    now = page.locator("#now")
    await expect(now).to_contain_text("Temperature too high · 1", timeout=PATIENCE_MS)
    await expect(now).to_contain_text("Kepala Bappeda Provinsi 2")
    await expect(inside).to_contain_text("1")
    assert await page.evaluate("window.loadedOnce") is True
    await page.context.close()


@pytest.mark.parametrize("language", ["en", "id"])
async def test_an_officer_lets_one_in_and_sends_one_home(
    client: Client, installation: Installation, browser: Browser, hall: Hall, language: str
) -> None:
    let_in, send_home, written, nobody = WORDS[language]
    await hall.scan(1, health=HOT)
    await hall.scan(2, health=HOT)
    page = await opened(browser, client, installation, f"{HEALTH}?lang={language}", "health")

    await page.get_by_role("link", name="Kepala Bappeda Provinsi 1").click()
    await page.locator("input[name=reason]").fill("36,8")
    await page.get_by_role("button", name=let_in).click()
    await expect(page.locator("main")).to_contain_text(written)
    await page.goto(str(client.make_url(HEALTH)))
    await page.get_by_role("link", name="Kepala Bappeda Provinsi 2").click()
    await page.locator("input[name=reason]").fill("39,1")
    await page.get_by_role("button", name=send_home).click()
    await expect(page.locator("main")).to_contain_text(written)
    await page.goto(str(client.make_url(HEALTH)))
    await expect(page.locator("main")).to_contain_text(nobody)

    assert await hall.inside() == {None: 1}
    assert await hall.rows(passages, "participant_id", "status", "forced") == [
        (1, "refused", False),
        (2, "refused", False),
        (1, "ok", True),
    ]
    assert await hall.rows(dismissals, "participant_id", "reason") == [(2, "39,1")]
    await page.context.close()
