"""A phone that scans at a gate: Chromium, made a scanner by its one-time link."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, expect

from eventhub.checkin import actions, doors, enrolling
from eventhub.events import actions as events
from eventhub.events.model import Event, Protocol
from eventhub.installation import Installation
from tests import make
from tests.browser import until
from tests.callers import Client

CALM = Protocol(enabled=False)


async def opened(installation: Installation) -> Event:
    """Open a gate for at most 50 at an event that asks for no health data, with three people invited."""
    event = make.event(protocol=CALM)
    await make.stored(
        installation.database,
        event,
        make.room(),
        make.delegation(),
        *(make.participant(number) for number in (1, 2, 3)),
    )
    async with installation.database.transaction() as tx:
        await doors.add_checkpoint(
            tx, event, {"code": "gate-1", "kind": "gate", "name": "Gerbang utama", "limit": 50}
        )
    return event


async def ticket(installation: Installation, person: int) -> str:
    secrets = actions.TicketSecrets.of(installation.settings.secret)
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        found = await actions.ticket_for(tx, make.event(), person, secrets=secrets, at=at)
    return found.text


async def inside(installation: Installation) -> int:
    async with installation.database.reading() as tx:
        places = await actions.occupancy(tx, make.event(), at=installation.clock.now())
    return places[0].inside


async def invited(
    installation: Installation,
    name: str = "Ponsel 1",
    *,
    may_override: bool = False,
    may_search: bool = False,
) -> str:
    """Make a one-time link; return its code."""
    async with installation.database.transaction() as tx:
        return await enrolling.invite_device(
            tx,
            make.event(),
            name=name,
            may_override=may_override,
            may_search=may_search,
            who="organizer",
            at=installation.clock.now(),
        )


async def enrolled(phone: BrowserContext, client: Client, code: str) -> Page:
    """Make a phone a scanner; return its page, ready to start."""
    page = await phone.new_page()
    await page.goto(str(client.make_url(f"/scan/enrol/{code}")))
    await page.locator("form button.large").click()
    await expect(page.locator("#start")).to_be_visible()
    return page


@asynccontextmanager
async def scanner(
    browser: Browser,
    installation: Installation,
    client: Client,
    *,
    may_override: bool = False,
    may_search: bool = False,
) -> AsyncIterator[Page]:
    """Make a phone a scanner by its one-time link; give its page, ready to start."""
    code = await invited(installation, may_override=may_override, may_search=may_search)
    phone = await browser.new_context(viewport={"width": 390, "height": 844}, locale="id-ID")
    faults: list[str] = []
    phone.on("weberror", lambda error: faults.append(str(error.error)))
    yield await enrolled(phone, client, code)
    await phone.close()
    assert faults == []


async def type_code(page: Page, code: str) -> None:
    await page.locator("#type").click()
    await page.locator("#typed").fill(code)
    await page.keyboard.press("Enter")


async def protocol(installation: Installation, asked: Protocol) -> None:
    async with installation.database.transaction() as tx:
        event = await events.get_event(tx, "rakortek")
        await events.change_event(tx, event, {"protocol": asked})


HAS_LIST = """async () => {
  const bases = await indexedDB.databases();
  if (!bases.some(({ name }) => name === "eventhub-scanner")) return false;
  const base = await new Promise((done) => {
    const opening = indexedDB.open("eventhub-scanner");
    opening.onsuccess = () => done(opening.result);
  });
  const asked = base.transaction("common").objectStore("common").get("common");
  const found = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  base.close();
  return Boolean(found);
}"""


async def has_list(page: Page) -> None:
    """Wait until the phone has what it needs to decide without the server, also when it is closed meanwhile."""
    await page.evaluate("navigator.serviceWorker.ready")
    await until(page, HAS_LIST)


async def cut_off(page: Page) -> None:
    """Take the network away."""
    await has_list(page)
    await page.context.set_offline(True)
    await expect(page.locator("#connection")).to_have_text(re.compile("Tidak ada sambungan"))


async def shows(page: Page, state: str) -> None:
    await expect(page.locator("#answer")).to_have_attribute("data-state", state)
    await expect(page.locator("#answer")).to_be_visible()


async def go_on(page: Page) -> None:
    """Close an answer."""
    await page.locator("#next").click()
    await expect(page.locator("#answer")).to_be_hidden()
