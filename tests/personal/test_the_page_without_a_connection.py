"""A participant's page and ticket open at the door, where there is no network, from the phone they were opened on."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from eventhub.installation import Installation
from eventhub.participants import actions as people
from tests import make
from tests.browser import until
from tests.callers import Client
from tests.personal.conftest import DIRECTOR, Addresses

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("published"),
]
KEPT = """async (there) => {
  const pages = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) pages.push(new URL(url).pathname);
  }
  return pages.filter((path) => !path.startsWith("/static/")).map((path) => path.replace(there, "")).sort();
}"""


async def opened(browser: Browser, client: Client, links: Addresses) -> tuple[Page, str]:
    home = links.page(DIRECTOR)
    phone = await browser.new_context(viewport={"width": 390, "height": 844}, locale="id-ID")
    page = await phone.new_page()
    await page.goto(str(client.make_url(home)))
    await page.evaluate("navigator.serviceWorker.ready")
    return page, home


async def test_page_and_ticket_open_without_a_connection_and_say_of_when_they_are(
    client: Client, links: Addresses, browser: Browser
) -> None:
    page, home = await opened(browser, client, links)
    shown = await (await client.get(home + "ticket")).text()
    code = re.search(r'<svg[^>]*class="qr".*?</svg>', shown, re.DOTALL)
    assert code is not None

    await page.context.set_offline(True)
    await page.close()
    again = await page.context.new_page()
    await again.goto(str(client.make_url(home)))
    await expect(again.locator("h1")).to_have_text("Direktur Jenderal")
    await expect(again.locator("#as-of")).to_contain_text("Tidak ada sambungan: halaman ini dari")
    await again.goto(str(client.make_url(home + "ticket")))
    await expect(again.locator(".qr")).to_be_visible()
    paths = await again.locator(".qr path").evaluate_all(
        "all => all.map((p) => p.getAttribute('d'))"
    )
    assert all(f'd="{path}"' in code[0] for path in paths)
    assert (
        await again.evaluate("getComputedStyle(document.querySelector('.bright')).position")
        == "fixed"
    )
    await again.context.close()


async def test_what_is_kept_can_be_taken_away_and_stays_away(
    client: Client, links: Addresses, browser: Browser
) -> None:
    page, home = await opened(browser, client, links)
    await until(page, "caches.keys().then((names) => names.length === 1)")
    assert await page.evaluate(KEPT, home) == ["", "ticket"]

    await page.locator("#take-away").click()
    await expect(page.locator("#keep")).to_be_visible()
    await page.reload()

    await expect(page.locator("#keep")).to_be_visible()
    assert await page.evaluate(KEPT, home) == []
    assert (
        await page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)")
        == 0
    )
    await page.context.close()


async def test_a_link_that_was_renewed_takes_its_pages_off_the_phone(
    client: Client, installation: Installation, links: Addresses, browser: Browser
) -> None:
    page, home = await opened(browser, client, links)
    async with installation.database.transaction() as tx:
        await people.renew_links(tx, make.participant(DIRECTOR))
    assert await page.evaluate(KEPT, home) == ["", "ticket"]

    await page.reload()

    await until(page, "caches.keys().then((names) => names.length === 0)")
    await page.context.close()


async def test_only_the_persons_own_pages_are_governed(client: Client, links: Addresses) -> None:
    script = await client.get(links.page(DIRECTOR) + "worker.js")
    dead = await client.get(links.page(DIRECTOR, 7) + "worker.js")

    assert (script.status, script.content_type, dead.status) == (200, "text/javascript", 404)
    assert "Service-Worker-Allowed" not in script.headers
