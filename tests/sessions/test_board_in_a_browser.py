"""The organizers' board in a real browser: with the mouse, by keyboard, by touch, and two organizers at once."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from eventhub.installation import Installation
from eventhub.sessions import store
from eventhub.sessions.model import Session
from tests import make
from tests.callers import Client
from tests.sessions.board_pages import (
    BOARD,
    QUARTER_PX,
    card,
    drag,
    is_said,
    middle,
    opened,
    organizer,
    to_the_right,
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
        make.delegation(1),
        make.session(1, title="Pembukaan", audience=(make.audience(delegation_id=1),)),
        make.session(2, title="Panel", starts_at=make.at("11:00"), ends_at=make.at("12:00")),
        make.session(
            3,
            title="Sidang",
            room_id=2,
            starts_at=make.at("11:00"),
            ends_at=make.at("12:00"),
            audience=(make.audience(delegation_id=1),),
        ),
    )


@pytest.fixture
async def context(
    client: Client, installation: Installation, browser: Browser, programme: None
) -> BrowserContext:
    """Sign an organizer in who sits in another zone than the event."""
    return await organizer(client, installation, browser)


async def stored(installation: Installation, code: str = "session-1") -> Session:
    async with installation.database.reading() as tx:
        session = await store.get_session(tx, 1, code)
    assert isinstance(session, Session)
    return session


async def test_dragging_moves_time_and_room_in_one_drop(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)

    await drag(page, card(page, "Pembukaan"), await to_the_right(page), -2 * QUARTER_PX)
    await expect(page.locator("#hint")).to_have_text("Nothing stands in the way.")
    await page.mouse.up()

    await is_said(page, "Moved. Pembukaan: 08:30–09:30, Ruang Dua.")
    moved = await stored(installation)
    assert (moved.starts_at, moved.ends_at, moved.room_id) == (
        make.at("08:30"),
        make.at("09:30"),
        2,
    )
    await expect(card(page, "Pembukaan")).to_contain_text("08:30–09:30")
    await expect(page.locator("#hint")).to_be_hidden()


async def test_a_dragged_edge_makes_a_session_longer(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)

    await drag(page, card(page, "Pembukaan"), 0, 2 * QUARTER_PX, edge=2 * QUARTER_PX - 3)
    await page.mouse.up()

    await is_said(page, "Moved. Pembukaan: 09:00–10:30, Ruang Satu.")
    assert (await stored(installation)).ends_at == make.at("10:30")


async def test_a_place_in_the_way_is_marked_before_the_drop_and_refused_in_words_after_it(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    taken = "Ruang Satu is taken by Panel, Thu 25 Feb 2021, 11:00 WIB."

    await drag(page, card(page, "Pembukaan"), 0, 7 * QUARTER_PX)
    await expect(page.locator("#board")).to_have_attribute("data-place", "bad")
    await expect(page.locator("#hint")).to_contain_text(taken)
    await expect(page.locator(".ec-event.rival")).to_have_count(2)
    await page.mouse.up()

    await expect(page.get_by_role("alert")).to_contain_text("Pembukaan cannot be moved there:")
    await expect(page.get_by_role("alert")).to_contain_text(taken)
    await expect(card(page, "Pembukaan")).to_contain_text("09:00–10:00")
    assert (await stored(installation)).version == 1


async def test_a_warning_is_marked_in_another_colour_and_hinders_nobody(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    friday = make.session(
        4, title="Jumat", starts_at=make.at("09:00", "2021-02-26"), ends_at=make.at("10:00", "2021-02-26")
    )  # fmt: skip
    await make.stored(installation.database, friday)
    page = await context.new_page()
    await page.goto(str(client.make_url(BOARD.replace("02-25", "02-26"))))

    await drag(page, card(page, "Jumat"), 0, 9 * QUARTER_PX)
    await expect(page.locator("#board")).to_have_attribute("data-place", "warn")
    await expect(page.locator("#hint")).to_contain_text("Friday prayer")
    await page.mouse.up()

    await is_said(page, "Moved. Jumat: 11:15–12:15, Ruang Satu.")
    await expect(card(page, "Jumat")).to_contain_text("Warning")


async def test_keys_move_a_session_and_ctrl_z_moves_it_back(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await card(page, "Pembukaan").focus()

    await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Alt+ArrowDown")
    await page.keyboard.press("Shift+ArrowUp")
    await is_said(page, "Moved. Pembukaan: 09:15–10:00, Ruang Dua.")
    await expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    moved = await stored(installation)
    assert (moved.starts_at, moved.ends_at, moved.room_id, moved.version) == (
        make.at("09:15"),
        make.at("10:00"),
        2,
        2,
    )
    await expect(card(page, "Pembukaan")).to_be_focused()

    await page.keyboard.press("Control+z")
    await is_said(page, "Undone. Pembukaan: 09:00–10:00, Ruang Satu.")
    back = await stored(installation)
    assert (back.starts_at, back.ends_at, back.room_id, back.version) == (
        make.at("09:00"),
        make.at("10:00"),
        1,
        3,
    )
    await expect(page.get_by_role("button", name="Undo")).to_be_disabled()


async def test_several_moves_are_undone_one_after_another(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await card(page, "Pembukaan").focus()
    for time in ("08:45–09:45", "08:30–09:30"):
        await page.keyboard.press("Alt+ArrowUp")
        await page.keyboard.press("Enter")
        await is_said(page, f"Moved. Pembukaan: {time}, Ruang Satu.")
    undo = page.get_by_role("button", name="Undo")
    await expect(undo).to_be_enabled()

    await undo.click()
    await is_said(page, "Undone. Pembukaan: 08:45–09:45, Ruang Satu.")
    await undo.click()
    await is_said(page, "Undone. Pembukaan: 09:00–10:00, Ruang Satu.")

    assert (await stored(installation)).starts_at == make.at("09:00")


async def test_escape_takes_a_lifted_session_back(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await card(page, "Pembukaan").focus()

    await page.keyboard.press("Alt+ArrowDown")
    await page.keyboard.press("Escape")

    await is_said(page, "Pembukaan is back where it was.")
    await expect(card(page, "Pembukaan")).to_contain_text("09:00–10:00")
    assert (await stored(installation)).version == 1


async def test_arrows_go_from_session_to_session_and_enter_opens(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await card(page, "Pembukaan").focus()

    await page.keyboard.press("ArrowDown")
    await expect(card(page, "Panel")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(card(page, "Sidang")).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile(r"/programme/sessions/session-3$"))


async def test_a_second_organizers_board_follows(
    client: Client, installation: Installation, context: BrowserContext, browser: Browser
) -> None:
    page = await opened(context, client)
    watching = await opened(await organizer(client, installation, browser, "owner"), client)

    await drag(page, card(page, "Pembukaan"), 0, -4 * QUARTER_PX)
    await page.mouse.up()

    await expect(card(watching, "Pembukaan")).to_contain_text("08:00–09:00", timeout=2500)
    await is_said(watching, "Changed by somebody else: Pembukaan, 08:00–09:00, Ruang Satu.")


async def test_a_move_of_what_another_changed_is_refused_and_their_change_is_shown(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await drag(page, card(page, "Pembukaan"), 0, -4 * QUARTER_PX)
    async with installation.database.transaction() as tx:
        await store.save_session(
            tx,
            make.session(
                1,
                title="Pembukaan",
                room_id=2,
                version=2,
                audience=(make.audience(delegation_id=1),),
            ),
        )
    await page.mouse.up()

    await expect(page.get_by_role("alert")).to_contain_text(
        "Somebody changed Pembukaan meanwhile: it now starts Thu 25 Feb 2021, 09:00 WIB, lasts 60 minutes"
        " and is in Ruang Dua. Your change was not saved."
    )
    await expect(card(page, "Pembukaan")).to_contain_text("Ruang Dua")
    kept = await stored(installation)
    assert (kept.starts_at, kept.room_id, kept.version) == (make.at("09:00"), 2, 2)


async def test_a_drawn_place_opens_the_form_with_times_and_room(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)
    place = page.locator(".ec-event", has_text="Sidang")
    x, y = await middle(place)

    await page.mouse.move(x, y + 4 * QUARTER_PX - 10)
    await page.mouse.down()
    await page.mouse.move(x, y + 7 * QUARTER_PX - 10, steps=6)
    await page.mouse.up()

    await expect(page.get_by_label("Starts")).to_have_value("2021-02-25T12:15")
    await expect(page.get_by_label("Ends")).to_have_value("2021-02-25T13:15")
    await expect(page.get_by_label("Room")).to_have_value("room-2")


async def test_a_long_press_drags_on_a_touch_screen(
    client: Client, installation: Installation, context: BrowserContext
) -> None:
    page = await opened(context, client)
    x, y = await middle(card(page, "Pembukaan"))
    touch = await context.new_cdp_session(page)
    finger = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}

    await touch.send("Input.dispatchTouchEvent", finger)
    await expect(page.locator(".ec-preview")).to_be_visible()
    for step in (1, 2, 3, 4):
        there = [{"x": x, "y": y - step * QUARTER_PX}]
        await touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": there})
    await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    await is_said(page, "Moved. Pembukaan: 08:00–09:00, Ruang Satu.")
    assert (await stored(installation)).starts_at == make.at("08:00")


async def test_a_narrow_screen_shows_one_room_at_a_time(
    client: Client, context: BrowserContext
) -> None:
    page = await opened(context, client)
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(card(page, "Sidang")).to_have_count(0)
    await expect(card(page, "Panel")).to_have_count(1)

    await page.get_by_label("Room").select_option("Ruang Dua")

    await expect(card(page, "Sidang")).to_have_count(1)
    await expect(card(page, "Panel")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_a_reader_cannot_drag(
    client: Client, installation: Installation, browser: Browser
) -> None:
    page = await opened(await organizer(client, installation, browser, "viewer"), client)

    await drag(page, card(page, "Pembukaan"), 0, -4 * QUARTER_PX)
    await page.mouse.up()
    await card(page, "Pembukaan").focus()
    await page.keyboard.press("Alt+ArrowDown")

    await expect(card(page, "Pembukaan")).to_contain_text("09:00–10:00")
    await expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert (await stored(installation)).version == 1


async def test_the_board_keeps_to_the_content_security_policy(
    client: Client, context: BrowserContext
) -> None:
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))

    page = await opened(context, client)
    await drag(page, card(page, "Pembukaan"), 0, -4 * QUARTER_PX)
    await page.mouse.up()
    await is_said(page, "Moved. Pembukaan: 08:00–09:00, Ruang Satu.")

    assert said == []
