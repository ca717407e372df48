"""The organizers' board in a real browser: first paint, answers while dragging, how fast others see a move."""

import asyncio
import statistics
import time
from collections.abc import Iterable
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from scripts.serving import Server
from tests.browser import launched

from .figure import DESK_DAY, Caller, Figure

DESK = "desk-1-01-91"
TIMES = 7
# Until all cards of the day have been drawn and the frame that shows them has begun.
PAINTED = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("#board[data-ready] .ec-event")) return;
  observer.disconnect();
  const told = () => { document.documentElement.dataset.painted = performance.now(); };
  requestAnimationFrame(() => requestAnimationFrame(told));
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
CHECKED = """
async ([place, times]) => {
  const setup = JSON.parse(document.getElementById("setup").textContent);
  const spent = [];
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    const answer = await fetch(`${setup.here}/board/check`, {
      method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": setup.csrf },
      body: new URLSearchParams(place),
    });
    await answer.json();
    spent.push(performance.now() - began);
  }
  return spent;
}
"""


def figures(server: Server) -> Iterable[Figure]:
    """Measure the board of a desk day of the sample event."""
    return asyncio.run(_measured(server))


async def _measured(server: Server) -> list[Figure]:
    async with launched() as browser:
        cookies = await _signed_in(browser, server)
        first = [await _painted(await _context(browser, cookies), server) for _ in range(TIMES)]
        context = await _context(browser, cookies)
        again = [await _painted(context, server) for _ in range(TIMES)]
        page, cards = await _opened(context, server)
        place = {
            "session": DESK,
            "starts": f"{DESK_DAY}T09:30:00",
            "ends": f"{DESK_DAY}T10:30:00",
            "room": "",
        }
        checks = await page.evaluate(CHECKED, [place, 40])
        seen = await _seen(server, page)
    return [
        Figure(f"board of a day, {cards} cards painted, nothing kept", _median(first), "ms", 1000),
        Figure("the same, opened again", _median(again), "ms", 1000),
        Figure("check of a place while dragging, as the browser waits", _median(checks), "ms", 30),
        Figure("a move until another organizer's board shows it", _median(seen), "ms", 1000),
    ]


def _median(spent: list[float]) -> float:
    return statistics.median(spent)


async def _signed_in(browser: Browser, server: Server) -> Any:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{server.base_url}/manage/sign-in")
    await page.fill("input[name=email]", server.said["sign_in"]["email"])
    await page.fill("input[name=password]", server.said["sign_in"]["password"])
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/manage/**")
    cookies = await context.cookies()
    await context.close()
    return cookies


async def _context(browser: Browser, cookies: Any) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="id")
    await context.add_cookies(cookies)
    await context.add_init_script(PAINTED)
    return context


async def _opened(context: BrowserContext, server: Server) -> tuple[Page, int]:
    page = await context.new_page()
    event = server.said["event"]
    await page.goto(
        f"{server.base_url}/manage/{event}/programme?view=board&day={DESK_DAY}", wait_until="commit"
    )
    await page.locator("html[data-painted]").wait_for()
    return page, await page.locator("#board .ec-event").count()


async def _painted(context: BrowserContext, server: Server) -> float:
    """Return the milliseconds from asking for the page to the frame with its cards."""
    page, _ = await _opened(context, server)
    painted = await page.locator("html").get_attribute("data-painted")
    await page.close()
    return float(painted or "inf")


async def _seen(server: Server, page: Page) -> list[float]:
    """Return how long moves take from being sent to standing on an open board."""
    owner = Caller(
        server.base_url,
        {"Authorization": f"Bearer {server.said['tokens']['owner']}", "If-Match": "*"},
    )
    url = f"{server.base_url}/api/v1/events/{server.said['event']}/sessions/{DESK}"
    spent = []
    for n in range(TIMES):
        begins = f"{DESK_DAY}T06:{15 * (n % 2):02d}"
        shown = f"06.{15 * (n % 2):02d}"
        body = {"starts_at": f"{begins}:00+07:00", "ends_at": f"{DESK_DAY}T06:45:00+07:00"}
        began = time.perf_counter()
        await asyncio.to_thread(owner.call, "PATCH", url, body)
        await page.locator(f"[data-code='{DESK}'] time", has_text=shown).wait_for()
        spent.append((time.perf_counter() - began) * 1000)
    return spent
