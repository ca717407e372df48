"""Photograph the main pages at three widths, light and dark, and the README's two pictures."""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from scripts.serving import ROOT, served
from tests.browser import FLAGS, chromium

SHOTS = ROOT / "build" / "shots"
IMAGES = ROOT / "docs" / "images"
WIDTHS = {390: 844, 768: 1024, 1280: 900}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DESK_DAY_MORNING = "2021-03-01T09:30+07:00"


@dataclass(frozen=True)
class Sight:
    """A page to photograph."""

    name: str
    path: str
    signed_in: bool = False


def sights(said: dict[str, Any]) -> list[Sight]:
    """List the main pages of the sample event."""
    event, people = said["event"], said["people"]
    base = said["base_url"]
    manage = f"/manage/{event}"
    return [
        Sight("start", "/"),
        Sight("programme", f"/{event}/?day=2021-03-01"),
        Sight("changes", f"/{event}/changes"),
        Sight("sign-in", "/manage/sign-in"),
        Sight("personal-onsite", people["onsite"].removeprefix(base)),
        Sight("personal-meeting", people["meeting"].removeprefix(base)),
        Sight("personal-stream", people["stream"].removeprefix(base)),
        Sight("api-docs", "/api/docs"),
        Sight("manage", f"{manage}/", signed_in=True),
        *(
            Sight(f"manage-{section}", f"{manage}/{section}", signed_in=True)
            for section in (
                "programme",
                "people",
                "invitations",
                "checkin",
                "live",
                "reports",
                "settings",
                "audit",
            )
        ),
    ]


async def sign_in(page: Page, said: dict[str, Any]) -> None:
    """Sign in as the demo's organizer."""
    await page.goto(said["base_url"] + "/manage/sign-in")
    await page.fill("input[name=email]", said["sign_in"]["email"])
    await page.fill("input[name=password]", said["sign_in"]["password"])
    await page.click("form.form button.large")
    await page.wait_for_load_state("networkidle")


async def photograph(browser: Browser, said: dict[str, Any]) -> list[str]:
    """Take every page at every width in both schemes; return what went wrong."""
    faults: list[str] = []
    for scheme in SCHEMES:
        for width, height in WIDTHS.items():
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale="id-ID",
                timezone_id="Asia/Jakarta",
            )
            page = await context.new_page()
            page.on("pageerror", lambda error: faults.append(f"script: {error}"))
            await sign_in(page, said)
            for sight in sights(said):
                answer = await page.goto(said["base_url"] + sight.path)
                if answer is None or not answer.ok:
                    faults.append(f"{sight.name}: {answer.status if answer else 'no answer'}")
                wide = await page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    faults.append(f"{sight.name}: {wide} px wide at {width}")
                await page.screenshot(path=SHOTS / f"{sight.name}-{width}-{scheme}.png")
            await context.close()
    return faults


async def programme_picture(browser: Browser, said: dict[str, Any]) -> None:
    """Take the README's picture of the programme."""
    page = await browser.new_page(
        viewport={"width": 1280, "height": 900}, locale="id-ID", timezone_id="Asia/Jakarta"
    )
    await page.goto(f"{said['base_url']}/{said['event']}/?day=2021-03-01")
    await page.screenshot(path=IMAGES / "programme.png")
    await page.close()


async def scanner_picture(browser: Browser, said: dict[str, Any]) -> None:
    """Enrol a phone, let somebody in at the gate, and take the README's picture of the answer."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="id-ID", timezone_id="Asia/Jakarta"
    )
    tickets = await tickets_outside(context, said)
    page = await context.new_page()
    await page.goto(said["scanner_url"])
    await page.click("main form button.large")
    await page.wait_for_selector("#start")
    for ticket in tickets:
        if await is_let_in(page, ticket):
            await page.screenshot(path=IMAGES / "scanner.png")
            break
        await page.click("#next")
    else:
        sys.exit("The gate let nobody in.")
    await context.close()


async def is_let_in(page: Page, ticket: str) -> bool:
    """Type a ticket's code, answer what is asked, and tell whether the gate opens."""
    await page.click("#type")
    await page.fill("#typed", ticket)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#answer[data-state]:visible")
    if await page.get_attribute("#answer", "data-state") == "ask":
        for key in "364":
            await page.click(f"[data-key='{key}']")
        await page.click("[data-key=send]")
        await page.click("[data-mask=yes]")
        await page.wait_for_selector("#answer:not([data-state=ask])")
    return await page.get_attribute("#answer", "data-state") == "ok"


async def tickets_outside(context: BrowserContext, said: dict[str, Any]) -> list[str]:
    """Return tickets of people on site, those first who most likely have not come yet."""
    below = f"{said['base_url']}/api/v1/events/{said['event']}/participants"
    headers = {"Authorization": f"Bearer {said['tokens']['owner']}"}

    async def get(url: str) -> Any:
        return await (await context.request.get(url, headers=headers)).json()

    people = (await get(f"{below}?limit=1000"))["items"]
    onsite = [person["id"] for person in people if person["attendance"] == "onsite"]
    return [(await get(f"{below}/{person}/ticket"))["text"] for person in reversed(onsite[-12:])]


async def take_all(said: dict[str, Any]) -> list[str]:
    """Take all pictures; return what went wrong."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=list(FLAGS), chromium_sandbox=False
        )
        faults = await photograph(browser, said)
        await programme_picture(browser, said)
        await scanner_picture(browser, said)
        await browser.close()
    return faults


def main() -> None:
    """Serve the sample event and photograph it."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served("demo", "--data", str(Path(folder) / "data"), "--now", DESK_DAY_MORNING) as server,
    ):
        faults = asyncio.run(take_all(server.said))
    for fault in dict.fromkeys(faults):
        print(fault)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
