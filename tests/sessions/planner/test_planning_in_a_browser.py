"""An organizer plans the desks, looks at what is proposed, applies it and takes it back; and mends a wrong form."""

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions.model import Format, Kind
from tests import make
from tests.callers import Client
from tests.sessions.board_pages import organizer

pytestmark = pytest.mark.browser
PLANS = "/manage/rakortek/programme/plan"
A_MINUTE = 60_000


@pytest.fixture(autouse=True)
async def programme(installation: Installation) -> None:
    desks = [
        make.session(
            id,
            code=f"desk-{id}",
            title=f"Desk {id}",
            kind=Kind.DESK,
            format=Format.HYBRID,
            meeting_url="https://meet.example.org/1",
            room_id=id,
            track=f"Desk {id}",
            starts_at=make.at(f"{13 + id}:00"),
            ends_at=make.at(f"{14 + id}:00"),
            audience=(make.audience(Attendance.MEETING, delegation_id=1),),
        )
        for id in (1, 2)
    ]
    await make.stored(
        installation.database,
        make.event(),
        make.room(1, name="Ruang Satu"),
        make.room(2, name="Ruang Dua"),
        make.delegation(1, time_zone="Asia/Jayapura"),
        make.participant(1),
        *desks,
    )


@pytest.fixture
async def context(
    client: Client, installation: Installation, browser: Browser, programme: None
) -> BrowserContext:
    return await organizer(client, installation, browser)


async def test_planning_from_order_to_programme_and_back(
    client: Client, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.goto(str(client.make_url("/manage/rakortek/programme")))
    await page.get_by_role("link", name="Plan the desks").click()
    await page.get_by_label("Search for … seconds").fill("20")
    await page.get_by_role("button", name="Search for a plan").click()

    apply = page.get_by_role("button", name="Move 2 sessions")
    await expect(apply).to_be_visible(timeout=A_MINUTE)
    await expect(page.get_by_text("this plan breaks none")).to_be_visible()
    grid = page.get_by_role("region", name="The day as planned")
    await expect(grid.locator(".comes")).to_have_count(2)
    await expect(grid.locator(".comes").filter(has_text="Desk 2")).to_contain_text(
        "from Thu 25 Feb 2021, 15:00 WIB"
    )
    await page.get_by_role("link", name="Show on the board").click()
    await expect(page.locator("#board[data-ready]")).to_be_visible()
    await expect(page.locator(".planned")).to_have_text(["Desk 1", "Desk 2"])
    await expect(page.locator(".ec-event.leaving")).to_have_count(2)
    await page.get_by_role("link", name="Back to the plan").click()
    await apply.click()

    await expect(page.get_by_text("Applied")).to_be_visible()
    await page.get_by_role("button", name="Take this plan back").click()
    await expect(page.get_by_text("Taken back")).to_be_visible()


async def test_a_wrong_form_is_shown_again_with_what_to_mend(
    client: Client, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.goto(str(client.make_url(PLANS)))
    await page.get_by_label("Parts of the day").fill("morning")
    for box in await page.locator("input[name=days]:checked").all():
        await box.uncheck()
    await page.get_by_role("button", name="Search for a plan").click()

    await expect(page.locator("#hours-error")).to_contain_text("09:00–12:00, 13:00–16:00")
    await expect(page.locator("#days-error")).to_have_text("Choose at least one day.")
    await expect(page.get_by_label("Parts of the day")).to_have_value("morning")


async def test_a_search_that_goes_on_is_seen_and_cancelled(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    many = [
        make.session(
            id, code=f"desk-{id}", title=f"Desk {id}", kind=Kind.DESK, room_id=1 + id % 2, track="Desk",
            starts_at=make.at("09:00"), ends_at=make.at("09:30"),
        )
        for id in range(10, 60)
    ]  # fmt: skip
    await make.stored(installation.database, *many)
    page = await context.new_page()
    await page.goto(str(client.make_url(PLANS)))
    await page.get_by_label("A start every").fill("5")
    await page.get_by_label("Search for … seconds").fill("600")
    await page.get_by_role("button", name="Search for a plan").click()

    await expect(page.locator("#progress .stat").first).to_contain_text("of 52")
    await page.get_by_role("button", name="Cancel the search").click()

    await expect(page.get_by_role("row").filter(has_text="Plan 1")).to_contain_text("Cancelled")
