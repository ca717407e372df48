"""The whole way, by browser: a session is moved and published, mail goes out, one office comes, another watches."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from eventhub import app as composition
from eventhub.accounts import actions as accounts
from eventhub.checkin import doors
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions.model import Format, Kind
from eventhub.settings import Settings
from eventhub.web.access import Role
from eventhub.worker import Worker
from tests import browser as chromium
from tests import callers, make
from tests.callers import Client
from tests.standins import camera
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "panitia@example.org", "sandi yang panjang"
MINISTRY, AGENCY = "rocan@kemendagri.example.org", "kepala@bappeda-papua.example.org"
MANAGE = "/manage/rakortek"
STREAM = "https://www.youtube.com/watch?v=abcdefghijk"


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer) -> Settings:
    return replace(
        settings, smtp_url=mail_server.url, mail_from="rakortek@example.org", notice_delay=0
    )


@pytest.fixture
async def worker(installation: Installation) -> AsyncIterator[Worker]:
    """Work off what is to be done while the test goes on, as `serve` does."""
    worker = Worker(installation, composition.JOBS, composition.ROUNDS)
    working = asyncio.create_task(worker.run())
    yield worker
    worker.stop()
    await working


@pytest.fixture
async def rakortek(installation: Installation) -> None:
    """A draft: an opening at 10:00, a ministry on site, an agency in Papua by stream, a gate, a door, an organizer."""
    opening = make.session(
        code="pembukaan",
        title="Pembukaan",
        kind=Kind.PLENARY,
        format=Format.HYBRID,
        stream=True,
        starts_at=make.at("10:00"),
        ends_at=make.at("11:00"),
        audience=(
            make.audience(Attendance.ONSITE, delegation_id=1),
            make.audience(Attendance.STREAM, delegation_id=2),
        ),
    )
    await make.stored(
        installation.database,
        make.event(),
        make.room(name="Gedung Sasana Bhakti Praja"),
        make.delegation(1, name="Kementerian Dalam Negeri"),
        make.delegation(2, name="Bappeda Provinsi Papua", time_zone="Asia/Jayapura"),
        make.participant(
            1, name="Kepala Biro Perencanaan Kementerian Dalam Negeri", email=MINISTRY
        ),
        make.participant(
            2,
            name="Kepala Bappeda Provinsi Papua",
            delegation_id=2,
            email=AGENCY,
            attendance=Attendance.STREAM,
        ),
        opening,
    )
    stored = await accounts.hashed(PASSWORD)
    async with installation.database.transaction() as tx:
        await accounts.add_user(
            tx, EMAIL, stored, Role.ORGANIZER, event_id=1, at=installation.clock.now()
        )
        gate = {"code": "gerbang", "kind": "gate", "name": "Gerbang utama"}
        door = {"code": "pintu", "kind": "door", "name": "Pintu gedung", "room": "room-1"}
        await doors.add_checkpoint(tx, make.event(), gate)
        await doors.add_checkpoint(tx, make.event(), door)


@asynccontextmanager
async def device(
    browser: Browser, client: Client, zone: str, *, wide: bool = False
) -> AsyncIterator[BrowserContext]:
    """Open a phone or a computer that speaks Indonesian, somewhere in Indonesia."""
    size = {"width": 1280, "height": 900} if wide else {"width": 390, "height": 844}
    context = await browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # a plain dict of the two numbers
        locale="id-ID",
        timezone_id=zone,
        base_url=str(client.make_url("/")),
    )
    yield context
    await context.close()


async def sign_in(page: Page) -> None:
    await page.goto("/manage/sign-in")
    await page.fill("input[name=email]", EMAIL)
    await page.fill("input[name=password]", PASSWORD)
    await page.get_by_role("button", name="Masuk", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/manage/"))


async def publish(page: Page) -> None:
    await page.goto(f"{MANAGE}/programme/publish")
    await page.get_by_role("button", name=re.compile("Terbitkan")).click()
    await expect(page).not_to_have_url(re.compile("/publish$"))


async def mails(server: MailServer, address: str, count: int) -> list[str]:
    """Wait for so many mails to an address; give their texts, calendar parts included."""
    async with asyncio.timeout(30):
        while len(server.messages_to(address)) < count:
            await server.arrival()
    return ["\n".join(_parts(message)) for message in server.messages_to(address)]


def _parts(message: object) -> list[str]:
    return [
        str(part.get_content())
        for part in message.walk()  # type: ignore[attr-defined]  # EmailMessage
        if part.get_content_maintype() == "text"
    ]


def link(mail: str, kind: str) -> str:
    found = re.search(rf"http://127\.0\.0\.1:\d+(/{kind}/[\w-]+/?)", mail)
    assert found is not None
    return found.group(1)


async def ticket_text(page: Page) -> str:
    """Read the QR code that the page shows, as a camera would."""
    shot = await page.screenshot()
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(shot)))
    return str(code.text)


async def scan(browser: Browser, client: Client, address: str, *, asks: bool) -> None:
    """Enrol a phone by its link, hold the ticket up to it, answer what the protocol asks."""
    async with device(browser, client, "Asia/Jakarta") as phone:
        page = await phone.new_page()
        await page.goto(address)
        await page.locator("form button.large").click()
        await page.locator("#start").click()
        if asks:
            await expect(page.locator("#answer")).to_have_attribute("data-state", "ask")
            for key in "364":
                await page.locator(f"[data-key='{key}']").click()
            await page.locator("[data-key=send]").click()
            await page.locator("[data-mask=yes]").click()
        await expect(page.locator("#answer")).to_have_attribute("data-state", "ok")
        await expect(page.locator("#answer-name")).to_have_text(
            "Kepala Biro Perencanaan Kementerian Dalam Negeri"
        )


async def send_invitations(page: Page) -> None:
    await page.goto(f"{MANAGE}/invitations/send")
    await page.locator("main form button").first.click()


async def move(page: Page) -> None:
    """Put the opening an hour earlier."""
    await page.goto(f"{MANAGE}/programme/sessions/pembukaan")
    await page.fill("input[name=starts_at]", "2021-02-25T09:00")
    await page.fill("input[name=ends_at]", "2021-02-25T10:00")
    await page.get_by_role("button", name="Simpan").click()


async def paste_link(page: Page) -> None:
    await page.goto(f"{MANAGE}/live/sessions/pembukaan")
    await page.fill("input[name=watch_url]", STREAM)
    await page.locator("form[action$='/link'] button").click()


async def ticket_shown(browser: Browser, client: Client, page_path: str) -> str:
    """Open the ticket on the personal page; read it off the screen."""
    async with device(browser, client, "Asia/Jakarta") as phone:
        page = await phone.new_page()
        await page.goto(page_path)
        await page.get_by_role("link", name="Tampilkan tiket saya").first.click()
        await page.wait_for_load_state("networkidle")
        return await ticket_text(page)


async def new_scanner(page: Page, checkpoint: str) -> str:
    """Invite a phone to be the scanner of a checkpoint; give its one-time link."""
    await page.goto(f"{MANAGE}/checkin/scanners/new")
    await page.fill("input[name=name]", f"Ponsel {checkpoint}")
    await page.check(f"input[value={checkpoint}]")
    await page.get_by_role("button", name="Buat tautan").click()
    return await page.locator("code").first.inner_text()


async def inside(page: Page, people: str) -> None:
    await page.goto(f"{MANAGE}/checkin")
    await expect(page.locator("#now .stat").first).to_contain_text(people)


async def test_a_moved_session_reaches_its_people_who_then_come_watch_and_are_counted(
    client: Client,
    installation: Installation,
    clock: StillClock,
    mail_server: MailServer,
    browser: Browser,
    worker: Worker,
    rakortek: None,
    tmp_path: Path,
) -> None:
    async with device(browser, client, "Asia/Jakarta", wide=True) as desk:
        organizer = await desk.new_page()
        await sign_in(organizer)

        await publish(organizer)
        await send_invitations(organizer)
        invited = await mails(mail_server, MINISTRY, 2)
        assert "DTSTART;TZID=Asia/Jakarta:20210225T100000" in "".join(invited)

        await move(organizer)
        await publish(organizer)
        update = (await mails(mail_server, MINISTRY, 3))[2]
        assert "DTSTART;TZID=Asia/Jakarta:20210225T090000" in update
        assert "SEQUENCE:1" in update

        await paste_link(organizer)
        shown = await ticket_shown(browser, client, link("".join(invited), "p"))
        await inside(organizer, "0")
        gate, door = await new_scanner(organizer, "gerbang"), await new_scanner(organizer, "pintu")
        film = camera.film(tmp_path / "ticket.mjpeg", shown)
        async with chromium.launched(camera=film) as filming:
            await scan(filming, client, gate, asks=True)
            await scan(filming, client, door, asks=False)
        await inside(organizer, "1")

        clock.moment = make.at("09:05")
        agency = await mails(mail_server, AGENCY, 3)
        async with device(browser, client, "Asia/Jayapura") as remote:
            await watch(remote, link("".join(agency), "p"))
            clock.moment = make.at("09:06")
            await remote.pages[0].reload()
            await expect(remote.pages[0].locator("[data-count]")).to_have_text("2")

        await organizer.goto(f"{MANAGE}/reports?day=2021-02-25")
        row = organizer.get_by_role("row").filter(has_text="Pembukaan")
        await expect(row).to_contain_text("1 dari 1")
    session = await attendance(client, installation)
    assert session["invited"] == {"onsite": 1, "meeting": 0, "stream": 1}
    assert session["present"] == {"onsite": 1, "meeting": 0, "stream": 1}


async def attendance(client: Client, installation: Installation) -> Any:
    """Read the attendance of the one session as a program does."""
    headers = await callers.bearer(installation, "viewer")
    answer = await client.get("/api/v1/events/rakortek/attendance", headers=headers)
    (session,) = (await answer.json())["sessions"]
    return session


async def watch(remote: BrowserContext, page_path: str) -> None:
    """Follow the way in from the personal page in Jayapura; the player opens after consent only."""
    asked: list[str] = []

    async def note(route: Route) -> None:
        asked.append(route.request.url)
        with suppress(Exception):
            await route.abort()

    await remote.route(re.compile(r"^https://"), note)
    page = await remote.new_page()
    await page.goto(page_path)
    await expect(page.locator("main")).to_contain_text("11.00–12.00 WIT")
    await page.locator("section.coming a.button").click()
    await expect(page).to_have_url(re.compile("/rakortek/watch/pembukaan"))
    await expect(page.locator("[data-count]")).to_have_text("1")
    assert asked == []
    await page.locator("[data-play]").click()
    await expect(page.locator("iframe")).to_have_attribute(
        "src", re.compile(r"^https://www\.youtube-nocookie\.com/embed/abcdefghijk")
    )
