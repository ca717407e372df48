"""A real Chromium, with a camera that films a file where a test wants one."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

# A busy machine takes its time; what never comes is still missed.
expect.set_options(timeout=20_000)

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def chromium() -> str:
    """Return the path of the browser: EVENTHUB_CHROMIUM, or one on the path."""
    named = os.environ.get("EVENTHUB_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("No Chromium; `make test` finds or installs one.")
    return found


@asynccontextmanager
async def launched(camera: Path | None = None) -> AsyncIterator[Browser]:
    """Run a browser; `camera` (.y4m or .mjpeg) is what its camera sees, again and again."""
    flags = list(FLAGS)
    if camera is not None:
        flags += [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=flags,
            chromium_sandbox=False,
        )
        yield browser
        await browser.close()


async def until(page: Page, promise: str) -> None:
    """Wait until what JavaScript promises is true; `wait_for_function` takes the promise itself for that."""
    while not await page.evaluate(promise):
        await page.wait_for_timeout(20)
