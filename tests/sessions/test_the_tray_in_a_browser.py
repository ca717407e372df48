"""The tray beside the board in a real browser: with the mouse, by keyboard, by touch, and two organizers at once."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from eventhub.installation import Installation
from eventhub.sessions import store
from eventhub.sessions.model import AnySession, Kind, Session, Unscheduled
from tests import make
from tests.callers import Client
from tests.sessions.board_pages import (
    BOARD,
    QUARTER_PX,
    Finger,
    card,
    is_said,
    middle,
    opened,
    organizer,
)

pytestmark = [
    pytest.mark.browser,
    # What the engines differ in is tested without a browser.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture(autouse=True)
async def programme(installation: Installation) -> None:
    await make.stored(
        installation.database,
        make.event(),
        make.room(1, name="Ruang Satu"),
        make.room(2, name="Ruang Dua"),
        make.session(1, title="Pembukaan"),
        make.session(2, title="Panel", starts_at=make.at("11:00"), ends_at=make.at("12:00")),
        make.waiting(3, 90, title="Nanti"),
        make.waiting(4, title="Kapan saja", room_id=2, kind=Kind.DESK),
    )


@pytest.fixture
async def context(
    client: Client, installation: Installation, browser: Browser, programme: None
) -> BrowserContext:
    return await organizer(client, installation, browser)


def tray(page: Page, title: str) -> Locator:
    return page.locator("#tray .waiting").filter(has_text=title)


async def stored(installation: Installation, code: str) -> AnySession:
    async with installation.database.reading() as tx:
        return await store.get_session(tx, 1, code)


async def below(page: Page, title: str, quarters: float) -> tuple[float, float]:
    """Return a point some quarters of an hour below a card's upper edge, in its column."""
    box = await card(page, title).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + quarters * QUARTER_PX


async def carry(page: Page, what: Locator, x: float, y: float) -> None:
    """Take something by its middle to a point as a hand does, and hold it there."""
    await page.mouse.move(*await middle(what))
    await page.mouse.down()
    await page.mouse.move(x, y - 30, steps=5)
    await page.mouse.move(x, y, steps=3)


async def test_a_card_dragged_from_the_tray_gets_time_and_room_and_undo_takes_them_away(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)

    await carry(page, tray(page, "Nanti"), *await below(page, "Panel", -2.5))
    await expect(page.locator("#hint")).to_have_text(re.compile("Ruang Satu is taken by Panel"))
    await page.mouse.move(*await below(page, "Panel", 5.5), steps=3)
    await expect(page.locator("#hint")).to_have_text("Nothing stands in the way.")
    await page.mouse.up()

    await is_said(page, "Moved. Nanti: 12:15–13:45, Ruang Satu.")
    placed = await stored(installation, "session-3")
    assert isinstance(placed, Session)
    assert (placed.starts_at, placed.ends_at, placed.room_id) == (
        make.at("12:15"),
        make.at("13:45"),
        1,
    )
    await expect(tray(page, "Nanti")).to_have_count(0)

    await page.get_by_role("button", name="Undo").click()
    await is_said(page, "Undone. Nanti has no time.")
    await expect(tray(page, "Nanti")).to_contain_text("90 minutes")
    assert isinstance(await stored(installation, "session-3"), Unscheduled)

    await page.get_by_role("button", name="Redo").click()
    await is_said(page, "Done again. Nanti: 12:15–13:45, Ruang Satu.")
    assert isinstance(await stored(installation, "session-3"), Session)


async def test_a_card_dragged_into_the_tray_loses_its_time_and_keeps_the_rest(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)

    await carry(page, card(page, "Pembukaan"), *await middle(page.locator("#tray")))
    await expect(page.locator("#hint")).to_have_text("Takes its time away.")
    await expect(page.locator("#tray[data-over]")).to_be_visible()
    await page.mouse.up()

    await is_said(page, "Pembukaan has no time any more; it waits beside the board.")
    await expect(tray(page, "Pembukaan")).to_contain_text("60 minutes")
    await expect(card(page, "Pembukaan")).to_have_count(0)
    shelved = await stored(installation, "session-1")
    assert isinstance(shelved, Unscheduled)
    assert (shelved.minutes, shelved.room_id, shelved.version) == (60, 1, 2)


async def test_keys_carry_a_card_from_the_tray_to_the_first_free_place_and_on(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await tray(page, "Nanti").focus()

    await page.keyboard.press("ArrowDown")
    await expect(tray(page, "Kapan saja")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press(" ")
    await expect(page.locator("#said")).to_contain_text(
        "Nanti is in your hand: 12:00–13:30, Ruang Satu."
    )
    await expect(card(page, "Nanti")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Shift+ArrowDown")
    await is_said(page, "Nanti: 11:45–13:30, Ruang Dua.")
    await page.keyboard.press("Enter")

    await is_said(page, "Moved. Nanti: 11:45–13:30, Ruang Dua.")
    placed = await stored(installation, "session-3")
    assert isinstance(placed, Session)
    assert (placed.starts_at, placed.ends_at, placed.room_id) == (
        make.at("11:45"),
        make.at("13:30"),
        2,
    )


async def test_escape_puts_what_was_picked_up_back_into_the_tray(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await tray(page, "Nanti").focus()

    await page.keyboard.press(" ")
    await expect(card(page, "Nanti")).to_be_focused()
    await page.keyboard.press("Escape")

    await is_said(page, "Nanti is back where it was.")
    await expect(tray(page, "Nanti")).to_be_focused()
    assert (await stored(installation, "session-3")).version == 1


async def test_t_takes_a_sessions_time_away_and_ctrl_z_gives_it_back(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await card(page, "Pembukaan").focus()

    await page.keyboard.press("t")
    await is_said(page, "Pembukaan has no time any more; it waits beside the board.")
    await expect(tray(page, "Pembukaan")).to_be_focused()
    await page.keyboard.press("Control+z")
    await is_said(page, "Undone. Pembukaan: 09:00–10:00, Ruang Satu.")
    await page.keyboard.press("Control+y")
    await is_said(page, "Done again. Pembukaan has no time.")

    assert isinstance(await stored(installation, "session-1"), Unscheduled)


async def test_a_long_press_carries_a_card_from_the_tray_on_a_tablet(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await page.set_viewport_size({"width": 820, "height": 1180})
    finger, (x, y) = Finger(page), await below(page, "Panel", 4.5)

    await finger.down(*await middle(tray(page, "Kapan saja")))
    await expect(page.locator(".flying")).to_be_visible()
    for step in (40, 20, 0):
        await finger.move(x, y + step)
    await expect(page.locator("#hint")).to_have_text("Nothing stands in the way.")
    await finger.up()

    await is_said(page, "Moved. Kapan saja: 12:00–13:00, Ruang Satu.")
    assert isinstance(await stored(installation, "session-4"), Session)


async def test_a_long_press_at_the_edge_makes_a_session_longer_on_a_tablet(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    finger, (x, y) = Finger(page), await below(page, "Pembukaan", 4)

    await finger.down(x, y - 3)
    await expect(page.locator(".ec-preview")).to_be_visible()
    for step in (1, 2):
        await finger.move(x, y - 3 + step * QUARTER_PX)
    await finger.up()

    await is_said(page, "Moved. Pembukaan: 09:00–10:30, Ruang Satu.")


async def test_a_second_organizers_tray_follows(
    client: Client, installation: Installation, context: BrowserContext, browser: Browser
) -> None:
    page = await opened(context, client)
    watching = await opened(await organizer(client, installation, browser, "owner"), client)
    await expect(tray(watching, "Nanti")).to_be_visible()

    await carry(page, tray(page, "Nanti"), *await below(page, "Panel", 5.5))
    await page.mouse.up()
    await expect(card(watching, "Nanti")).to_contain_text("12:15–13:45")
    await expect(tray(watching, "Nanti")).to_have_count(0)
    await carry(page, card(page, "Panel"), *await middle(page.locator("#tray")))
    await page.mouse.up()

    await expect(tray(watching, "Panel")).to_be_visible()
    await is_said(watching, "Changed by somebody else: Panel, without a time.")


async def test_the_tray_follows_the_boards_filters_which_stand_in_the_address(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)

    await page.get_by_label("Kind").select_option("Desk")

    await expect(page).to_have_url(re.compile(r"kind=desk"))
    await expect(page.locator("#tray [data-count]")).to_have_text("1 of 2")
    await expect(tray(page, "Kapan saja")).to_be_visible()
    await expect(tray(page, "Nanti")).to_have_count(0)


async def test_a_session_is_made_without_a_time_and_waits_in_the_tray(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)

    await page.get_by_role("link", name="New without a time").click()
    await expect(page.get_by_label("Starts")).to_have_value("")
    await page.get_by_label("Title").fill("Desk baru")
    await page.get_by_label("Minutes it lasts").fill("45")
    await page.get_by_role("button", name="Add the session").click()
    await expect(page.locator(".notice.ok")).to_be_visible()
    await page.goto(str(client.make_url(BOARD)))

    await expect(tray(page, "Desk baru")).to_contain_text("45 minutes")


async def test_n_begins_a_session_after_the_one_that_has_the_focus(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await card(page, "Pembukaan").focus()

    await page.keyboard.press("n")

    await expect(page.get_by_label("Starts")).to_have_value("2021-02-25T10:00")
    await expect(page.get_by_label("Ends")).to_have_value("2021-02-25T11:00")
    await expect(page.get_by_label("Room")).to_have_value("room-1")


async def test_on_a_phone_the_tray_is_a_drawer_below_the_board(
    client: Client, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(str(client.make_url(BOARD)))
    await expect(page.locator("#board[data-ready]")).to_be_visible()
    await expect(tray(page, "Nanti")).to_be_hidden()

    await page.locator("#tray summary").click()

    await expect(tray(page, "Nanti")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_a_long_press_on_an_empty_place_begins_a_session_there_on_a_tablet(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)
    finger, (x, y) = Finger(page), await below(page, "Panel", 4.5)

    await finger.down(x, y)
    await expect(page.locator(".ec-preview")).to_be_visible()
    for step in (1, 2, 3):
        await finger.move(x, y + step * QUARTER_PX)
    await finger.up()

    await expect(page.get_by_label("Starts")).to_have_value("2021-02-25T12:00")
    await expect(page.get_by_label("Ends")).to_have_value("2021-02-25T13:00")
    await expect(page.get_by_label("Room")).to_have_value("room-1")


async def test_a_long_press_carries_a_card_into_the_drawer_of_a_phone(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(str(client.make_url(BOARD)))
    await page.locator("#tray summary").click()
    await card(page, "Pembukaan").evaluate("card => card.scrollIntoView({ block: 'center' })")
    finger, (x, y) = Finger(page), await middle(page.locator("#tray summary"))

    await finger.down(*await middle(card(page, "Pembukaan")))
    await expect(page.locator(".ec-preview")).to_be_visible()
    for step in (40, 20, 0):
        await finger.move(x, y - step)
    await expect(page.locator("#tray[data-over]")).to_be_visible()
    await finger.up()

    await is_said(page, "Pembukaan has no time any more; it waits beside the board.")
    assert isinstance(await stored(installation, "session-1"), Unscheduled)
