"""A scanner whose network goes away decides by itself, keeps what it scanned, and the server has every scan once."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, Route, expect

from eventhub.checkin import actions, device_store, doors, enrolling
from eventhub.checkin.tables import checkpoints, passages
from eventhub.events.model import Event, Protocol
from eventhub.installation import Installation
from eventhub.web.access import Principal, Role
from tests import browser as chromium
from tests import make
from tests.callers import Client, signed_in
from tests.checkin import phone
from tests.checkin.phone import (
    cut_off,
    go_on,
    has_list,
    inside,
    invited,
    protocol,
    scanner,
    shows,
    ticket,
    type_code,
)
from tests.standins import camera

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
ORGANIZER = Principal("user", 1, "organizer", Role.ORGANIZER, 1)


@pytest.fixture
async def gate(client: Client, installation: Installation) -> Event:
    """Open a gate for at most 50 at an event that asks for no health data, with three people invited."""
    return await phone.opened(installation)


async def stored(installation: Installation, *names: str) -> list[tuple[Any, ...]]:
    columns = [passages.c[name] for name in names]
    async with installation.database.reading() as tx:
        return [tuple(row) for row in await tx.execute(sa.select(*columns).order_by(passages.c.id))]


async def test_a_camera_scans_with_and_without_a_network_and_the_server_has_every_scan_once(
    client: Client, installation: Installation, gate: Event, tmp_path: Path
) -> None:
    texts = [await ticket(installation, person) for person in (1, 2)]
    film = camera.film(tmp_path / "tickets.mjpeg", *texts)

    async with (
        chromium.launched(camera=film) as opened,
        scanner(opened, installation, client) as page,
    ):
        await page.locator("#start").click()
        await expect(page.locator("#count")).to_have_text("2 dari 50 di dalam", timeout=20_000)
        await expect(page.locator("#answer")).to_be_hidden()
        await cut_off(page)
        await page.locator("[data-way=exit]").click()
        await expect(page.locator("#count")).to_have_text("0 dari 50 di dalam", timeout=20_000)
        assert await inside(installation) == 2
        await page.close()

        again = await page.context.new_page()
        await again.goto(str(client.make_url("/scan")))
        await expect(again.locator("#connection")).to_have_text("Tidak ada sambungan · 2 menunggu")
        await expect(again.locator("#opening-text")).to_contain_text("memutuskan")
        await page.context.set_offline(False)
        await expect(again.locator("#connection")).to_have_text("Tersambung")
        await expect(again.locator("#count")).to_have_text("0 dari 50 di dalam")
    assert await inside(installation) == 0
    found = await stored(installation, "type", "status", "offline", "decided", "participant_id")
    assert sorted(found) == [
        ("entry", "ok", False, None, 1),
        ("entry", "ok", False, None, 2),
        ("exit", "ok", True, "ok", 1),
        ("exit", "ok", True, "ok", 2),
    ]


async def test_an_answer_that_does_not_come_in_time_is_decided_here_under_the_same_nonce(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    async def hold_back(route: Route) -> None:
        await route.fetch()

    text = await ticket(installation, 1)
    async with scanner(browser, installation, client) as page:
        await has_list(page)
        await page.route("**/scan/passages", hold_back)
        await type_code(page, text)
        await shows(page, "ok")
        await expect(page.locator("#answer-here")).to_have_text(
            "Diputuskan di ponsel ini, tanpa sambungan"
        )
        assert await inside(installation) == 1
        await page.unroute("**/scan/passages")
        await go_on(page)

        await expect(page.locator("#connection")).to_have_text("Tersambung", timeout=20_000)
    assert await stored(installation, "status", "offline") == [("ok", False)]


async def test_without_a_network_the_phone_refuses_as_the_server_would(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    known = {person: await ticket(installation, person) for person in (1, 2)}
    secrets = actions.TicketSecrets.of(installation.settings.secret)
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await actions.reissue_ticket(tx, gate, 2, who="organizer", secrets=secrets, at=at)

    async with scanner(browser, installation, client) as page:
        await cut_off(page)
        later = await ticket(installation, 3)
        told = {}
        for name, text in {
            "first": known[1],
            "again": known[1],
            "replaced": known[2],
            "tampered": known[1][:-2] + ("AA" if known[1][-2:] != "AA" else "AE"),
            "nothing": "NOTATICKET",
            "later": later,
        }.items():
            await type_code(page, text)
            await expect(page.locator("#answer")).to_be_visible()
            told[name] = (
                await page.locator("#answer").get_attribute("data-state"),
                await page.locator("#answer-name").text_content(),
                await page.locator("#answer-reason").text_content(),
            )
            await go_on(page)
        await expect(page.locator("#apart")).to_contain_text("08.30")
        await page.context.set_offline(False)
        await expect(page.locator("#connection")).to_have_text("Tersambung")

    assert told["first"] == ("ok", "Kepala Bappeda Provinsi 1", "")
    assert told["again"][:2] == ("refused", "Kepala Bappeda Provinsi 1")
    assert str(told["again"][2]).startswith("Sudah di dalam.")
    assert str(told["replaced"][2]).startswith("Tiket sudah diganti.")
    assert {told[name][0] for name in ("tampered", "nothing")} == {"refused"}
    assert told["later"][0] == "ok"
    assert "diterbitkan setelah" in str(told["later"][2])
    assert await stored(installation, "status", "reason", "participant_id") == [
        ("ok", None, 1),
        ("refused", None, 1),
        ("refused", "revoked", 2),
        ("refused", "unknown", None),
        ("refused", "unknown", None),
        ("ok", None, 3),
    ]


async def test_a_browser_that_checks_no_signatures_says_so_and_admits_by_its_list(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    listed = await ticket(installation, 1)
    async with scanner(browser, installation, client) as page:
        await page.context.add_init_script(NO_ED25519)
        await page.reload()
        await cut_off(page)
        later = await ticket(installation, 2)
        await type_code(page, listed)
        await shows(page, "ok")
        await go_on(page)
        await type_code(page, later)
        await shows(page, "refused")
        await expect(page.locator("#answer-reason")).to_contain_text("Tidak dapat diperiksa.")
        await go_on(page)
        await page.locator("#more").click()
        await expect(page.locator("#away-list")).to_contain_text("tanda tangan")


NO_ED25519 = """
  const known = SubtleCrypto.prototype.importKey;
  SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...rest) {
    if (algorithm?.name === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
    return known.call(this, format, key, algorithm, ...rest);
  };
"""


async def test_the_gates_questions_are_asked_without_a_network_too(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    await protocol(installation, Protocol(declaration_required=False))
    text = await ticket(installation, 1)

    async with scanner(browser, installation, client) as page:
        await cut_off(page)
        await type_code(page, text)
        await shows(page, "ask")
        for key in ("3", "8", "1", "send"):
            await page.locator(f"[data-key='{key}']").click()
        await shows(page, "refused")
        await expect(page.locator("#answer-refer")).to_have_text("Antar ke petugas kesehatan")
        await go_on(page)
        await type_code(page, text)
        for key in ("3", "6", "4", "send"):
            await page.locator(f"[data-key='{key}']").click()
        await page.locator("[data-mask=yes]").click()
        await shows(page, "ok")
        await page.context.set_offline(False)
        await expect(page.locator("#connection")).to_have_text("Tersambung", timeout=20_000)
    assert await stored(installation, "status", "decided") == [("refused", "refused"), ("ok", "ok")]
    assert await inside(installation) == 1


async def test_a_full_place_is_known_by_the_phones_own_count(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    async with installation.database.transaction() as tx:
        await tx.execute(checkpoints.update().values(limit=1))
    one, other = [await ticket(installation, person) for person in (1, 2)]

    async with scanner(browser, installation, client, may_override=True) as page:
        await cut_off(page)
        await type_code(page, one)
        await shows(page, "ok")
        await go_on(page)
        await expect(page.locator("#count")).to_have_text("1 dari 1 di dalam")
        await type_code(page, other)
        await shows(page, "refused")
        await expect(page.locator("#answer-reason")).to_contain_text("Penuh.")
        await page.locator("#force-open").click()
        await page.locator("#force-reason").fill("Pembicara berikutnya")
        await page.locator("#force button").click()
        await shows(page, "ok")
        await go_on(page)
        await page.context.set_offline(False)
        await expect(page.locator("#connection")).to_have_text("Tersambung", timeout=20_000)
    assert await stored(installation, "status", "decided", "forced", "force_reason") == [
        ("ok", "ok", False, None),
        ("refused", "refused", False, None),
        ("ok", "ok", True, "Pembicara berikutnya"),
    ]


async def test_a_lost_phone_reveals_nobody(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    text = await ticket(installation, 1)
    async with scanner(browser, installation, client) as page:
        await type_code(page, await ticket(installation, 2))
        await go_on(page)
        await cut_off(page)
        await type_code(page, text)
        await shows(page, "ok")

        found = await page.evaluate(EVERYTHING)

    kept = json.loads(found)
    assert set(kept) == {"localStorage", "sessionStorage", "caches", "eventhub-scanner"}
    assert len(kept["eventhub-scanner"]["waiting"]) == 1
    assert kept["eventhub-scanner"]["tickets"]
    for word in ("Kepala", "Bappeda", "example.org", text):
        assert word not in found


EVERYTHING = """async () => {
  const whole = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const found = { localStorage: { ...localStorage }, sessionStorage: { ...sessionStorage }, caches: {} };
  for (const { name } of await indexedDB.databases()) {
    const base = await whole(indexedDB.open(name));
    found[name] = {};
    for (const store of base.objectStoreNames) {
      found[name][store] = await whole(base.transaction(store).objectStore(store).getAll());
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.caches[request.url] = await (await cache.match(request)).text();
  }
  return JSON.stringify(found);
}"""


async def test_one_ticket_at_two_phones_is_told_on_both_and_to_the_organizers(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    async with installation.database.transaction() as tx:
        await doors.add_checkpoint(tx, gate, {"code": "gate-2", "kind": "gate", "name": "Timur"})
    text = await ticket(installation, 1)
    async with (
        scanner(browser, installation, client) as one,
        scanner(browser, installation, client) as other,
    ):
        await other.locator("#more").click()
        await other.locator("#checkpoint").select_option("gate-2")
        await other.locator("#options .primary").click()
        for page in (one, other):
            await cut_off(page)
            await type_code(page, text)
            await shows(page, "ok")
            await go_on(page)
        for page in (other, one):
            await page.context.set_offline(False)
            await expect(page.locator("#connection")).to_have_text("Tersambung", timeout=20_000)
        for page in (one, other):
            await page.locator("#more").click()
            await expect(page.locator("#conflicts-list li")).to_have_count(1)
            listed = page.locator("#conflicts-list li")
            await expect(listed).to_contain_text("Kepala Bappeda Provinsi 1")
            await expect(listed).to_contain_text("Tanyakan di kedua gerbang")
    await signed_in(client, installation, "organizer")
    shown = await (await client.get("/manage/rakortek/checkin/conflicts?lang=id")).text()
    assert "Tanyakan di kedua gerbang" in shown
    assert await stored(installation, "status") == [("ok",), ("ok",)]


async def test_a_revoked_phone_keeps_what_it_has_until_it_is_a_scanner_again(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    text = await ticket(installation, 1)
    async with scanner(browser, installation, client) as page:
        await cut_off(page)
        await type_code(page, text)
        await shows(page, "ok")
        await go_on(page)
        async with installation.database.transaction() as tx:
            device = (await device_store.list_devices(tx, gate.id))[0]
            at = installation.clock.now()
            await enrolling.revoke_device(tx, gate, device.id, who=ORGANIZER, at=at)
        await page.context.set_offline(False)
        await expect(page.locator("#opening-text")).to_contain_text(
            "1 pindaian masih tersimpan", timeout=20_000
        )
        assert await stored(installation, "status") == []
        kept = json.loads(await page.evaluate(EVERYTHING))["eventhub-scanner"]
        assert (kept["tickets"], kept["common"], len(kept["waiting"])) == ([], [], 1)

        again = await phone.enrolled(page.context, client, await invited(installation, "Ponsel 2"))
        await expect(again.locator("#connection")).to_have_text("Tersambung")
    assert await stored(installation, "status", "by_name") == [("ok", "Ponsel 2")]


async def test_a_phone_that_changes_to_another_event_knows_that_events_tickets_alone(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    text = await ticket(installation, 1)
    other = make.event(2, protocol=phone.CALM)
    await make.stored(installation.database, other)
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await doors.add_checkpoint(tx, other, {"code": "east", "kind": "gate", "name": "Timur"})
        code = await enrolling.invite_device(tx, other, name="Ponsel 2", who="organizer", at=at)
    async with scanner(browser, installation, client) as page:
        await cut_off(page)
        await type_code(page, text)
        await shows(page, "ok")
        await go_on(page)
        await page.context.set_offline(False)
        await expect(page.locator("#connection")).to_have_text("Tersambung", timeout=20_000)
        again = await phone.enrolled(page.context, client, code)
        await expect(again.locator("#place-name")).to_have_text("Timur")
        await page.close()
        await chromium.until(again, HOLDS_NO_TICKETS)
        await cut_off(again)
        await type_code(again, text)
        await shows(again, "refused")
        await expect(again.locator("#answer-reason")).to_contain_text("acara lain")
    assert await stored(installation, "status", "event_id") == [("ok", 1)]


HOLDS_NO_TICKETS = """async () => {
  const base = await new Promise((done) => {
    const opening = indexedDB.open("eventhub-scanner");
    opening.onsuccess = () => done(opening.result);
  });
  const counting = base.transaction("tickets").objectStore("tickets").count();
  const count = await new Promise((done) => (counting.onsuccess = () => done(counting.result)));
  base.close();
  return count === 0;
}"""


async def test_what_the_server_does_not_take_stops_nothing_else(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    async with installation.database.transaction() as tx:
        await doors.add_checkpoint(tx, gate, {"code": "gate-2", "kind": "gate", "name": "Timur"})
    one, other = [await ticket(installation, person) for person in (1, 2)]
    async with scanner(browser, installation, client) as page:
        await page.locator("#more").click()
        await page.locator("#checkpoint").select_option("gate-2")
        await page.locator("#options .primary").click()
        await cut_off(page)
        await type_code(page, one)
        await go_on(page)
        await page.locator("#more").click()
        await page.locator("#checkpoint").select_option("gate-1")
        await page.locator("#options .primary").click()
        await type_code(page, other)
        await go_on(page)
        async with installation.database.transaction() as tx:
            await tx.execute(checkpoints.delete().where(checkpoints.c.code == "gate-2"))
        await page.context.set_offline(False)
        await expect(page.locator("#connection")).to_have_text(
            "Tersambung · 1 menunggu", timeout=20_000
        )
        await page.locator("#more").click()
        await expect(page.locator("#faulty-list li")).to_have_count(1)
        await expect(page.locator("#faulty-list li")).to_contain_text("gate-2")
        assert await stored(installation, "participant_id") == [(2,)]

        async with installation.database.transaction() as tx:
            await doors.add_checkpoint(
                tx, gate, {"code": "gate-2", "kind": "gate", "name": "Timur"}
            )
        await page.locator("#retry").click()
        await expect(page.locator("#connection")).to_have_text("Tersambung")
    assert await stored(installation, "participant_id") == [(2,), (1,)]


async def test_whoever_left_the_ticket_at_home_is_found_by_name_where_the_scanner_may(
    client: Client, installation: Installation, gate: Event, browser: Browser
) -> None:
    async with scanner(browser, installation, client) as page:
        await expect(page.locator("#find")).to_be_hidden()
        refused = await page.evaluate("fetch('/scan/people?q=Kepala').then(({ status }) => status)")
        assert refused == 403
    async with scanner(browser, installation, client, may_search=True) as page:
        await found_by_name(page, "provinsi 2")
        await shows(page, "ok")
        await expect(page.locator("#answer-name")).to_have_text("Kepala Bappeda Provinsi 2")
        await page.context.set_offline(True)
        await page.locator("#next").click()
        await page.locator("#find").click()
        await page.locator("#wanted").fill("provinsi 3")
        await expect(page.locator("#finding-text")).to_contain_text("hanya dengan sambungan")
    assert await stored(installation, "status", "participant_id") == [("ok", 2)]


async def found_by_name(page: Page, words: str) -> None:
    await page.locator("#find").click()
    await page.locator("#wanted").fill(words)
    await expect(page.locator("#found li")).to_have_count(1)
    await page.locator("#found li button").click()
