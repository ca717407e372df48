"""What the programme's small script adds in a real browser."""

import pytest
from playwright.async_api import Browser, expect

from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions import actions
from tests import make
from tests.callers import Client

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
async def published(installation: Installation) -> None:
    event = make.event()
    await make.stored(
        installation.database,
        event,
        make.room(),
        make.delegation(1, name="Provinsi Papua"),
        make.delegation(2, name="Provinsi Bali"),
        make.session(
            1, title="Pembukaan", audience=(make.audience(Attendance.ONSITE, delegation_id=1),)
        ),
        make.session(2, title="Panel", starts_at=make.at("13:00"), ends_at=make.at("14:00")),
    )
    async with installation.database.transaction() as tx:
        await actions.publish(tx, event, note="", notify="none", who="command", at=make.at("08:00"))


async def test_a_viewer_in_papua_sees_their_own_times_without_asking(
    client: Client, browser: Browser
) -> None:
    context = await browser.new_context(timezone_id="Asia/Jayapura", locale="en")
    page = await context.new_page()

    await page.goto(str(client.make_url("/rakortek/")))

    await expect(page.get_by_text("11:00–12:00 WIT")).to_be_visible()
    await context.close()


async def test_a_session_opens_and_closes_in_place(client: Client, browser: Browser) -> None:
    context = await browser.new_context(locale="en")
    page = await context.new_page()
    address = str(client.make_url("/rakortek/"))
    await page.goto(address)
    link = page.get_by_role("link", name="Pembukaan")

    await link.click()
    await expect(page.get_by_text("Provinsi Papua", exact=True).last).to_be_visible()
    await expect(link).to_have_attribute("aria-expanded", "true")
    assert page.url == address
    await link.click()

    await expect(page.locator(".opened")).to_have_count(0)
    await context.close()


async def test_a_chosen_filter_applies_at_once(client: Client, browser: Browser) -> None:
    context = await browser.new_context(locale="en")
    page = await context.new_page()
    await page.goto(str(client.make_url("/rakortek/")))

    await page.get_by_label("Delegation").select_option("Provinsi Papua")

    await expect(page.get_by_text("1 of 2 sessions")).to_be_visible()
    await expect(page.get_by_role("link", name="Panel")).to_have_count(0)
    await context.close()


async def test_light_and_dark_are_kept(client: Client, browser: Browser) -> None:
    context = await browser.new_context(locale="en", color_scheme="light")
    page = await context.new_page()
    await page.goto(str(client.make_url("/rakortek/")))

    await page.get_by_role("button", name="Light or dark").click()
    await page.reload()

    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await context.close()


async def test_nothing_breaks_the_content_security_policy(client: Client, browser: Browser) -> None:
    context = await browser.new_context(locale="en")
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    for path in (
        "/",
        "/rakortek/",
        "/rakortek/?day=all",
        "/rakortek/sessions/session-1",
        "/rakortek/changes",
    ):
        await page.goto(str(client.make_url(path)))

    assert said == []
    await context.close()
