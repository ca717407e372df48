"""The scanner as a person at the gate uses it: Chromium, a camera that films a ticket, the whole application."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect
from yarl import URL

from eventhub import news
from eventhub.checkin import actions, device_store, enrolling
from eventhub.events.model import Event, Protocol
from eventhub.installation import Installation
from eventhub.web.access import Principal, Right, Role
from tests import browser as chromium
from tests.callers import Client
from tests.checkin import phone
from tests.checkin.phone import inside, protocol, scanner, ticket, type_code
from tests.standins import camera

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
STRICT = Protocol(mask_required=True)


@pytest.fixture
async def gate(client: Client, installation: Installation) -> Event:
    """Open a gate for at most 50 at an event that asks for no health data, with three people invited."""
    return await phone.opened(installation)


async def test_a_ticket_held_up_to_the_camera_is_admitted_and_counted(
    client: Client, installation: Installation, gate: Event, tmp_path: Path
) -> None:
    film = camera.film(tmp_path / "ticket.mjpeg", await ticket(installation, 1))

    async with (
        chromium.launched(camera=film) as opened,
        scanner(opened, installation, client) as page,
    ):
        await expect(page.locator("#count")).to_have_text("0 dari 50 di dalam")
        await page.locator("#start").click()

        answer = page.locator("#answer")
        await expect(answer).to_have_attribute("data-state", "ok")
        await expect(page.locator("#answer-word")).to_have_text("Silakan masuk")
        await expect(page.locator("#answer-name")).to_have_text("Kepala Bappeda Provinsi 1")
        await expect(page.locator("#answer-inside")).to_have_text("1 dari 50 di dalam")
        await expect(answer).to_be_hidden()
        await expect(page.locator("#count")).to_have_text("1 dari 50 di dalam")
    assert await inside(installation) == 1


async def test_codes_can_be_typed_and_refusals_say_why(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    text = await ticket(installation, 2)

    async with scanner(browser, installation, client) as page:
        await type_code(page, text.lower())
        await expect(page.locator("#answer")).to_have_attribute("data-state", "ok")
        await page.locator("#next").click()

        await type_code(page, text)
        await expect(page.locator("#answer")).to_have_attribute("data-state", "refused")
        await expect(page.locator("#answer-word")).to_have_text("Ditolak")
        await expect(page.locator("#answer-name")).to_have_text("Kepala Bappeda Provinsi 2")
        await expect(page.locator("#answer-reason")).not_to_be_empty()
        await expect(page.locator("#force-open")).to_be_hidden()
        await page.locator("#next").click()

        await page.keyboard.type("NOTATICKET")
        await page.keyboard.press("Enter")
        await expect(page.locator("#answer")).to_have_attribute("data-state", "refused")
        await expect(page.locator("#answer-name")).to_be_hidden()
    assert await inside(installation) == 1


async def test_temperature_and_mask_are_asked_and_then_the_person_is_admitted(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    await protocol(installation, STRICT)
    text = await ticket(installation, 1)

    async with scanner(browser, installation, client) as page:
        await type_code(page, text)
        await expect(page.locator("#answer")).to_have_attribute("data-state", "ask")
        for key in "341":
            await page.locator(f"[data-key='{key}']").click()
        await page.locator("[data-key=send]").click()
        await expect(page.locator("#pad-fault")).to_have_text("Dari 35,0 sampai 42,0 °C.")
        for _ in range(2):
            await page.locator("[data-key=back]").click()
        for key in "64":
            await page.locator(f"[data-key='{key}']").click()
        await expect(page.locator("#pad-reading")).to_have_text("36,4 °C")
        assert await inside(installation) == 0
        await page.locator("[data-key=send]").click()
        await page.locator("[data-mask=yes]").click()

        await expect(page.locator("#answer")).to_have_attribute("data-state", "ok")
    assert await inside(installation) == 1


async def test_who_comes_in_elsewhere_is_counted_at_once(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    async with scanner(browser, installation, client) as page:
        await expect(page.locator("#count")).to_have_text("0 dari 50 di dalam")
        text = await ticket(installation, 1)
        async with installation.database.transaction() as tx:
            item = {"nonce": str(uuid4()), "secret": text, "checkpoint": "gate-1", "type": "entry"}
            at = installation.clock.now()
            who = Principal("token", 1, "gate", Role.GATE, 1)
            secrets = actions.TicketSecrets.of(installation.settings.secret)
            await actions.record_passages(
                tx, gate, [item | {"scanned_at": at.isoformat()}], who=who, secrets=secrets, at=at
            )
            told = {"checkpoints": ["gate-1"], "rooms": [None]}
            right = Right.REPORTS_READ.value
            await news.tell(tx, "occupancy", told, event_id=gate.id, at=at, right=right)
        # Had it not been listening yet, it would ask by itself a little later.
        await expect(page.locator("#count")).to_have_text("1 dari 50 di dalam", timeout=30_000)


async def test_a_scan_can_be_taken_back_soon_after(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    text = await ticket(installation, 1)

    async with scanner(browser, installation, client) as page:
        await type_code(page, text)
        await page.locator("#next").click()
        await expect(page.locator("#count")).to_have_text("1 dari 50 di dalam")
        await page.locator("#more").click()
        await page.locator("#recent-list button").click()
        await expect(page.locator("#recent-list li")).to_contain_text("Pindaian dibatalkan.")
        await expect(page.locator("#recent-list button")).to_have_count(0)
        await page.locator("#options .primary").click()
        await expect(page.locator("#count")).to_have_text("0 dari 50 di dalam")
        await type_code(page, text)
        await expect(page.locator("#answer")).to_be_visible()
        await expect(page.locator("#answer")).to_have_attribute("data-state", "ok")
    assert await inside(installation) == 1


async def test_a_temperature_that_is_suggested_takes_one_tap(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    await protocol(installation, replace(STRICT, mask_required=False))
    text = await ticket(installation, 1)

    async with scanner(browser, installation, client) as page:
        await page.locator("#more").click()
        await page.locator("#usual").fill("36,5")
        await page.locator("#options .primary").click()
        await type_code(page, text)
        await expect(page.locator("#pad-reading")).to_have_text("36,5 °C")
        await page.locator("[data-key='3']").click()
        await expect(page.locator("#pad-reading")).to_have_text("3–,– °C")
        await page.locator("[data-key=back]").click()
        for key in ("3", "6", "6", "send"):
            await page.locator(f"[data-key='{key}']").click()
        await expect(page.locator("#answer")).to_have_attribute("data-state", "ok")
        await page.locator("#next").click()
        await page.locator("[data-way=exit]").click()
        await type_code(page, text)
        await expect(page.locator("#answer-word")).to_have_text("Keluar tercatat")
    assert await inside(installation) == 0


async def test_a_fever_is_refused_and_an_entitled_scanner_may_overrule_with_a_reason(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    await protocol(installation, replace(STRICT, mask_required=False))
    text = await ticket(installation, 1)

    async with scanner(browser, installation, client, may_override=True) as page:
        await type_code(page, text)
        for key in "384":
            await page.locator(f"[data-key='{key}']").click()
        await page.locator("[data-key=send]").click()
        await expect(page.locator("#answer")).to_have_attribute("data-state", "refused")
        assert await inside(installation) == 0

        await page.locator("#force-open").click()
        await page.locator("#force-reason").fill("Diperiksa dokter, 36,8 °C")
        await page.locator("#force button").click()

        await expect(page.locator("#answer")).to_have_attribute("data-state", "ok")
    assert await inside(installation) == 1


async def test_a_revoked_scanner_says_so_and_scans_nothing(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    text = await ticket(installation, 1)

    async with scanner(browser, installation, client) as page:
        async with installation.database.transaction() as tx:
            device = (await device_store.list_devices(tx, gate.id))[0]
            who = Principal("user", 1, "organizer", Role.ORGANIZER, gate.id)
            await enrolling.revoke_device(tx, gate, device.id, who=who, at=installation.clock.now())
        await type_code(page, text)

        await expect(page.locator("#opening-text")).to_contain_text("Ponsel ini bukan pemindai.")
        await expect(page.locator("#controls")).to_be_hidden()
    assert await inside(installation) == 0


async def test_a_browser_that_never_was_a_scanner_is_told_what_to_do(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    page = await browser.new_page(locale="en-GB")
    broken: list[str] = []
    page.on(
        "console", lambda line: broken.append(line.text) if "Security Policy" in line.text else None
    )

    await page.goto(str(client.make_url("/scan")))

    await expect(page.locator("#opening-text")).to_contain_text("Ask an organizer for a link")
    assert URL(page.url).path == "/scan"
    assert broken == []
