"""Further sources on the watch page: HLS plays there, Jitsi is framed, the rest is one press away."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from eventhub.installation import Installation
from eventhub.settings import Settings
from eventhub.streaming import actions, other_sources
from eventhub.streaming.model import SourceKind, SourceUse
from tests import make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.hls import Hls
from tests.streaming.scene import join_path, published, streamed

WATCH = "/rakortek/watch/session-1"
NINE = make.at("09:00")

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def offered(
    installation: Installation,
    *links: str,
    use: SourceUse = SourceUse.BACKUP,
    kind: SourceKind = SourceKind.HLS,
) -> None:
    """Publish a streamed session with further sources, numbered from 1."""
    event = await published(installation, streamed(1))
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        shown = await actions.get_shown(tx, 1, "session-1", at)
        for link in links:
            await other_sources.add_source(
                tx, event, shown, use=use, language="", kind=kind, url=link, who="test", at=at
            )


@pytest.fixture
async def hls() -> AsyncIterator[tuple[Hls, str]]:
    standin = Hls()
    async with TestServer(standin.application()) as server:
        yield standin, str(server.make_url("/live.m3u8"))


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, timezone_id="Asia/Jayapura", locale="id-ID"
    )
    yield await context.new_page()
    await context.close()


@pytest.mark.browser
@one_engine
async def test_an_hls_backup_plays_in_the_page_after_consent_and_presence_goes_on(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
    hls: tuple[Hls, str],
) -> None:
    standin, link = hls
    standin.sends = False
    await offered(installation, link)
    clock.moment = NINE
    refused: list[str] = []
    tab.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
    await tab.clock.install()
    await tab.goto(settings.base_url + join_path(settings, 2))
    await tab.wait_for_url(f"**{WATCH}")
    await tab.locator("nav.sources a", has_text="backup").click()
    await expect(tab.locator("[data-count]")).to_have_text("1")
    asked_before = list(standin.asked)

    await tab.locator("[data-play]").click()
    await expect(tab.locator("[data-silent]")).to_be_visible()
    standin.sends = True
    await tab.clock.run_for(5000)

    await expect(tab.locator("video")).not_to_have_js_property("currentTime", 0)
    await expect(tab.locator("[data-silent]")).to_be_hidden()
    assert (asked_before, standin.asked[-1], refused) == ([], "piece.m4s", [])
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 390


@one_engine
async def test_a_jitsi_server_is_framed_from_its_origin_alone_and_may_use_the_camera(
    client: Client, installation: Installation
) -> None:
    await offered(installation, "https://rapat.example.org/Satu", kind=SourceKind.JITSI)

    main = await client.get(WATCH)
    backup = await client.get(f"{WATCH}?source=1&lang=en")

    policy = backup.headers["Content-Security-Policy"]
    assert "frame-src 'self' https://rapat.example.org;" in f"{policy};"
    assert 'microphone=(self "https://rapat.example.org")' in backup.headers["Permissions-Policy"]
    assert "rapat.example.org" not in main.headers["Content-Security-Policy"]
    assert "microphone=()" in main.headers["Permissions-Policy"]
    text = await backup.text()
    assert "The meeting comes from rapat.example.org." in text
    assert "<iframe" not in text


@one_engine
@pytest.mark.parametrize(
    ("link", "kind", "button"),
    [
        ("https://us02web.zoom.us/j/1", SourceKind.ZOOM, "Join in Zoom"),
        ("https://meet.google.com/abc", SourceKind.MEET, "Join in Google Meet"),
        ("https://bbb.example.org/b/1", SourceKind.BIGBLUEBUTTON, "Join in BigBlueButton"),
        ("https://meet.jit.si/Rapat", SourceKind.JITSI, "Join in Jitsi"),
        ("https://example.org/siaran", SourceKind.PAGE, "Open the stream"),
    ],
)
async def test_what_forbids_to_be_framed_is_a_button_beside_which_the_page_goes_on(
    client: Client, installation: Installation, link: str, kind: SourceKind, button: str
) -> None:
    await offered(installation, link, kind=kind)

    answer = await client.get(f"{WATCH}?source=1&lang=en")

    text = await answer.text()
    assert button in text
    assert f'href="{link}" rel="noreferrer noopener" target="_blank"' in text
    assert "frame-src" not in answer.headers["Content-Security-Policy"]
    assert "media-src" not in answer.headers["Content-Security-Policy"]


async def test_a_slow_line_gets_sound_alone_where_there_is_such_a_source(
    client: Client, installation: Installation
) -> None:
    await offered(installation, "https://cdn.example.org/suara.m3u8", use=SourceUse.SOUND)

    plain = await (await client.get(f"{WATCH}?lang=en")).text()
    light = await (await client.get(f"{WATCH}?lite=1&lang=en")).text()
    back = await (await client.get(f"{WATCH}?source=main&lite=1&lang=en")).text()
    state = await (await client.get(f"{WATCH}/state?lite=1")).json()

    assert "sound only" in plain
    assert 'data-embed=""' in plain
    assert 'data-embed="https://cdn.example.org/suara.m3u8"' in light
    assert "Listen here" in light
    assert 'data-embed=""' in back
    assert state["embed_url"] == "https://cdn.example.org/suara.m3u8"
