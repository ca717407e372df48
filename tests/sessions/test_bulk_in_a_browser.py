"""Shifting a day and putting the draft back to a release, as an organizer does it in a browser."""

import pytest
from playwright.async_api import Browser, Page, expect

from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.web.guard import LOGIN_COOKIE
from tests import callers, make
from tests.callers import Client

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
async def published(installation: Installation) -> None:
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.session(1, title="Pembukaan"),
        make.session(2, title="Panel", starts_at=make.at("13:00"), ends_at=make.at("14:00")),
    )
    await publish(installation)


async def publish(installation: Installation) -> None:
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        at = installation.clock.now()
        await actions.publish(tx, event, note="", notify="none", who="test", at=at)


async def opened(client: Client, installation: Installation, browser: Browser, path: str) -> Page:
    """Open a page as an organizer who reads English."""
    await callers.signed_in(client, installation, "organizer")
    context = await browser.new_context(locale="en")
    jar = client.session.cookie_jar.filter_cookies(client.make_url("/"))
    await context.add_cookies(
        [{"name": LOGIN_COOKIE, "value": jar[LOGIN_COOKIE].value, "url": str(client.make_url("/"))}]
    )
    page = await context.new_page()
    await page.goto(str(client.make_url(path)))
    return page


async def starts(installation: Installation) -> list[str]:
    async with installation.database.reading() as tx:
        every = await actions.list_sessions(tx, 1, actions.Wanted())
    return [session.starts_at.isoformat() for session in every]


async def test_an_afternoon_is_shifted_after_a_look_and_taken_back(
    client: Client, installation: Installation, browser: Browser
) -> None:
    before = await starts(installation)
    page = await opened(client, installation, browser, "/manage/rakortek/programme?day=2021-02-25")

    await page.get_by_role("link", name="Many at once").click()
    await page.get_by_role("link", name="Shift a day").click()
    await page.get_by_label("Minutes").fill("45")
    await page.get_by_text("Only some of its sessions").click()
    await page.get_by_label("From this time on").fill("12:00")
    await page.get_by_role("button", name="Show what it does").click()
    move = page.get_by_text("Panel moves from Thu 25 Feb 2021, 13:00 WIB")
    await expect(move).to_be_visible()
    await expect(page.get_by_text("Pembukaan moves")).to_have_count(0)
    assert await starts(installation) == before
    await page.get_by_role("button", name="Shift them").click()

    await expect(page.get_by_text("Done: 1 session changed.")).to_be_visible()
    assert await starts(installation) == [before[0], make.at("13:45").isoformat()]
    await page.get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("It is taken back")).to_be_visible()
    assert await starts(installation) == before


async def test_the_draft_is_put_back_and_published_anew(
    client: Client, installation: Installation, browser: Browser
) -> None:
    before = await starts(installation)
    async with installation.database.transaction() as tx:
        event, at = await get_event(tx, "rakortek"), installation.clock.now()
        panel = await actions.get_session(tx, 1, "session-2")
        late = {"starts_at": make.at("15:00"), "ends_at": make.at("16:00")}
        await actions.change_session(tx, event, panel, late, at=at)
    await publish(installation)
    page = await opened(client, installation, browser, "/manage/rakortek/releases")

    await page.get_by_role("link", name="Release 1").click()
    await page.get_by_role("link", name="Put the draft back to this release").click()
    await expect(page.get_by_text("to Thu 25 Feb 2021, 13:00 WIB.")).to_be_visible()
    await page.get_by_role("button", name="Put the draft back").click()
    await expect(page.get_by_role("button", name="Publish release 3")).to_be_visible()
    await page.get_by_role("button", name="Publish release 3").click()
    await page.wait_for_url("**/?published=1")

    assert await starts(installation) == before
    await page.goto(str(client.make_url("/rakortek/")))
    await expect(page.get_by_text("13:00–14:00 WIB")).to_be_visible()
