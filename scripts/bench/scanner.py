"""The scanner in a real Chromium: how much it loads, when it is ready, how quickly it reads and decides."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from scripts.serving import Server
from tests import browser as chromium
from tests.standins import camera

from .figure import Caller, Figure

WATCHED_S = 6.0
ALONE = 20
# Counts what the reading worker answers: one answer is one frame looked at, whether or not a code was in it.
COUNT_FRAMES = """
  window.framesRead = 0;
  const RealWorker = window.Worker;
  window.Worker = class extends RealWorker {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", () => (window.framesRead += 1));
    }
  };
"""
LOADED = """() => performance.getEntriesByType("resource")
  .concat(performance.getEntriesByType("navigation"))
  .map((entry) => [new URL(entry.name).pathname, entry.encodedBodySize])"""

# Types a ticket as a hardware scanner does; what counts is the time from its Enter.
SCAN = """async (text) => {
  const press = (key) =>
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const screen = document.getElementById("answer");
  for (const letter of text) press(letter);
  const began = performance.now();
  press("Enter");
  while (screen.hidden) await new Promise((done) => setTimeout(done, 1));
  const spent = performance.now() - began;
  document.getElementById("next").click();
  await new Promise((done) => setTimeout(done, 20));
  return spent;
}"""


def figures(server: Server) -> Iterable[Figure]:
    """Measure the scanner of the sample event."""
    return asyncio.run(_figures(server))


async def _figures(server: Server) -> list[Figure]:
    owner = Caller(server.base_url, {"Authorization": f"Bearer {server.said['tokens']['owner']}"})
    below = f"{server.base_url}/api/v1/events/{server.said['event']}"
    people = json.loads(owner.call("GET", f"{below}/participants?limit=1000"))["items"]
    onsite = [each["id"] for each in people if each["attendance"] == "onsite"]
    tickets = [
        json.loads(owner.call("GET", f"{below}/participants/{person}/ticket"))["text"]
        for person in onsite[:ALONE]
    ]
    document = owner.call("GET", f"{below}/scanner/snapshot")
    again = owner.median_ms([lambda: owner.call("GET", f"{below}/scanner/snapshot")] * 20)
    with tempfile.TemporaryDirectory() as folder:
        film = camera.empty(Path(folder) / "empty.mjpeg")
        async with chromium.launched(camera=film) as browser:
            enrolled = await _enrol(browser, str(server.said["scanner_url"]))
            size, ready_s = await _first_load(browser, enrolled, server.base_url)
            page = await _open(enrolled, server.base_url)
            rate = await _frames_per_s(page)
            alone_ms = await _decide_alone_ms(page, tickets)
    listed = len(json.loads(document)["tickets"])
    return [
        Figure("first load of the scanner, without WebAssembly", size / 1000, "kB", 300),
        Figure("scanner ready in Chromium, first visit", ready_s, "s", 2),
        Figure("camera frames read at 720p", rate, "/s", 10, at_least=True),
        Figure("a scan decided without a connection", alone_ms, "ms", 100),
        Figure(f"snapshot of {listed:,} tickets", len(document) / 1000, "kB", 1000),
        Figure(f"snapshot of {listed:,} tickets, asked again", again, "ms", 100),
    ]


async def _enrol(browser: Browser, link: str) -> BrowserContext:
    phone = await browser.new_context(viewport={"width": 390, "height": 844}, locale="id-ID")
    page = await phone.new_page()
    await page.goto(link)
    await page.locator("form button.large").click()
    await page.locator("#start").wait_for()
    await page.close()
    return phone


async def _first_load(
    browser: Browser, enrolled: BrowserContext, base_url: str
) -> tuple[int, float]:
    """Return bytes and seconds until a browser that has nothing of the scanner shows its start button."""
    state: Any = await enrolled.storage_state()
    fresh = await browser.new_context(storage_state={"cookies": state["cookies"], "origins": []})
    page = await fresh.new_page()
    began = time.perf_counter()
    await page.goto(f"{base_url}/scan", wait_until="commit")
    await page.locator("#start").wait_for()
    spent = time.perf_counter() - began
    loaded = await page.evaluate(LOADED)
    await fresh.close()
    return sum(size for path, size in loaded if not path.endswith(".wasm")), spent


async def _open(enrolled: BrowserContext, base_url: str) -> Page:
    await enrolled.add_init_script(COUNT_FRAMES)
    page = await enrolled.new_page()
    await page.goto(f"{base_url}/scan")
    await page.evaluate("navigator.serviceWorker.ready")
    await page.locator("#start").click()
    await page.wait_for_function("() => window.framesRead > 5")
    return page


async def _frames_per_s(page: Page) -> float:
    before, began = await page.evaluate("[window.framesRead, performance.now()]")
    await asyncio.sleep(WATCHED_S)
    after, ended = await page.evaluate("[window.framesRead, performance.now()]")
    return float((after - before) / (ended - began) * 1000)


async def _decide_alone_ms(page: Page, tickets: list[str]) -> float:
    """Return the median from a ticket's text to the answer on the screen, kept on the disk, without a network."""
    await page.context.set_offline(True)
    await page.locator("[data-way=exit]").click()
    spent = [await page.evaluate(SCAN, text) for text in tickets]
    return float(sorted(spent)[len(spent) // 2])
