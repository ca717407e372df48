"""The watch page: nothing from another host before consent, then the player; times, minutes, what comes next."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from eventhub.installation import Installation
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions
from eventhub.settings import Settings
from eventhub.streaming import actions
from eventhub.streaming.tables import viewings
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import join_path, published, release, streamed

WATCH = "/rakortek/watch/session-1"
PLAYER = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"
VIDEO = "https://youtu.be/dQw4w9WgXcQ"
NINE = make.at("09:00")

# Browsers look at pages, which are the same on both engines.
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def linked(installation: Installation, link: str = VIDEO) -> None:
    event = await published(
        installation,
        streamed(1),
        streamed(2, title="Penutupan", starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    async with installation.database.transaction() as tx:
        await actions.paste_link(
            tx, event, "session-1", link=link, who="test", at=installation.clock.now()
        )


async def test_a_visitor_sees_the_stream_and_is_told_they_are_not_counted(
    client: Client, installation: Installation
) -> None:
    await linked(installation)

    answer = await client.get(WATCH)

    text = await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert "frame-src 'self' https://www.youtube-nocookie.com" in policy
    assert "<iframe" not in text
    assert "kehadiran Anda tidak dihitung" in text
    assert "Penutupan" in text


async def test_another_host_than_youtube_is_a_plain_link(
    client: Client, installation: Installation
) -> None:
    await linked(installation, "https://stream.example.org/live/1")

    answer = await client.get(WATCH)

    assert "frame-src" not in answer.headers["Content-Security-Policy"]
    assert 'href="https://stream.example.org/live/1"' in await answer.text()


async def test_the_stream_appears_on_a_page_that_is_open_already(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    event = await published(installation)
    before = await (await client.get(f"{WATCH}/state")).json()
    async with installation.database.transaction() as tx:
        await actions.paste_link(tx, event, "session-1", link=VIDEO, who="test", at=clock.now())

    after = await (await client.get(f"{WATCH}/state")).json()

    assert before == {
        "state": "wanted",
        "starts_at": "2021-02-25T02:00:00+00:00",
        "ends_at": "2021-02-25T03:00:00+00:00",
        "embed_url": None,
        "watch_url": None,
        "now": "2021-02-25T01:30:00+00:00",
    }
    assert after == before | {"embed_url": PLAYER, "watch_url": VIDEO}


async def test_times_stand_in_the_viewers_zone_too(
    client: Client, installation: Installation
) -> None:
    await linked(installation)

    text = await (await client.get(WATCH, headers={"Cookie": "zone=Asia%2FJayapura"})).text()
    nowhere = await client.get(WATCH, headers={"Cookie": "zone=..%2Fetc"})

    assert "09.00–10.00 WIB" in text
    assert "11.00–12.00 WIT" in text
    assert nowhere.status == 200


@pytest.mark.parametrize("session", ["session-3", "session-9"])
async def test_a_session_without_a_stream_has_no_watch_page(
    client: Client, installation: Installation, session: str
) -> None:
    await published(
        installation,
        streamed(1),
        make.session(3, starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )

    assert (await client.get(f"/rakortek/watch/{session}")).status == 404


async def test_a_cancelled_stream_says_so(client: Client, installation: Installation) -> None:
    await linked(installation)
    async with installation.database.transaction() as tx:
        await tx.execute(
            sessions.update().where(sessions.c.id == 1).values(state=SessionState.CANCELLED)
        )
    await release(installation)

    answer = await client.get(WATCH)

    assert answer.status == 200
    assert "Sesi ini dibatalkan." in await answer.text()


async def test_a_beat_without_the_cookie_is_nobodys(
    client: Client, installation: Installation
) -> None:
    await linked(installation)

    assert (await client.post(f"{WATCH}/presence")).status == 404


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 320, "height": 640}, timezone_id="Asia/Jayapura", locale="id-ID"
    )
    page = await context.new_page()
    yield page
    await context.close()


@pytest.mark.browser
@one_engine
async def test_a_remote_office_goes_from_its_link_to_the_player_and_is_counted(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
) -> None:
    await linked(installation)
    clock.moment = NINE - timedelta(minutes=5)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    await tab.route(
        "https://www.youtube-nocookie.com/**",
        lambda route: route.fulfill(body="<title>player</title>", content_type="text/html"),
    )

    await tab.goto(settings.base_url + join_path(settings, 2))
    await tab.wait_for_url(f"**{WATCH}")
    await expect(tab.locator("[data-minutes]")).to_be_visible()
    await expect(tab.locator("[data-countdown]")).to_be_visible()
    await tab.locator("[data-play]").click()
    await expect(tab.locator("[data-armed]")).to_be_visible()
    before = [url for url in asked if not url.startswith(settings.base_url)]
    clock.moment = NINE
    await tab.reload()

    frame = tab.locator("iframe")
    await expect(frame).to_have_attribute("src", PLAYER)
    await expect(tab.locator("[data-count]")).to_have_text("1")
    assert before == []
    assert [url for url in asked if not url.startswith(settings.base_url)] == [PLAYER]
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 320
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(viewings.c.participant_id, viewings.c.kind))
        assert rows.all() == [(2, "stream"), (2, "stream")]


@pytest.mark.browser
@one_engine
async def test_the_link_to_a_meeting_is_one_click_and_leaves_no_trace_of_the_token(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
) -> None:
    await published(installation)
    clock.moment = NINE
    referrers: list[str | None] = []

    async def meet(route: object) -> None:
        referrers.append(await route.request.header_value("referer"))  # type: ignore[attr-defined]
        await route.fulfill(body="<title>meeting</title>", content_type="text/html")  # type: ignore[attr-defined]

    await tab.route("https://meet.example.org/**", meet)

    await tab.goto(settings.base_url + join_path(settings, 1))
    await tab.wait_for_url("https://meet.example.org/r/1")

    assert referrers == [None]
    assert await tab.evaluate("history.length") <= 2


@pytest.mark.browser
@one_engine
async def test_without_script_the_button_leads_to_the_meeting(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    browser: Browser,
) -> None:
    await published(installation)
    clock.moment = NINE
    context = await browser.new_context(java_script_enabled=False)
    tab = await context.new_page()
    await tab.route(
        "https://meet.example.org/**",
        lambda route: route.fulfill(body="<title>meeting</title>", content_type="text/html"),
    )

    await tab.goto(settings.base_url + join_path(settings, 1))
    await tab.locator("form button").click()
    await tab.wait_for_url("https://meet.example.org/r/1")

    await context.close()


async def test_the_live_page_shows_the_day_and_its_buttons(
    client: Client, installation: Installation
) -> None:
    await linked(installation)
    csrf = await callers.signed_in(client, installation, "streaming")

    page = await (await client.get("/manage/rakortek/live")).text()
    rooms = await (await client.get("/manage/rakortek/live/rooms")).text()
    started = await client.post(
        "/manage/rakortek/live/sessions/session-1/act",
        data={"csrf": csrf, "act": "start", "confirm": "1"},
    )

    assert "Pembukaan" in page
    assert "Penutupan" in page
    assert "<html" not in rooms
    assert (started.status, started.url.path) == (200, "/manage/rakortek/live/sessions/session-1")


async def test_a_problem_is_shown_with_what_to_do(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    csrf = await callers.signed_in(client, installation, "streaming")

    answer = await client.post(
        "/manage/rakortek/live/sessions/session-1/act",
        data={"csrf": csrf, "act": "create"},
        headers={"Accept-Language": "en"},
    )

    text = await answer.text()
    assert answer.status == 409
    assert "No YouTube channel is connected." in text
    assert "Paste the link of the stream here" in text


async def test_a_pasted_link_is_kept_or_its_fault_told(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    csrf = await callers.signed_in(client, installation, "organizer")
    path = "/manage/rakortek/live/sessions/session-1/link"

    wrong = await client.post(path, data={"csrf": csrf, "watch_url": "youtube"})
    right = await client.post(path, data={"csrf": csrf, "watch_url": VIDEO})

    assert (wrong.status, right.status) == (422, 200)
    assert 'value="youtube"' in await wrong.text()
    assert f'href="{VIDEO}"' in await right.text()


async def test_a_viewer_sees_the_live_page_without_buttons(
    client: Client, installation: Installation
) -> None:
    await linked(installation)
    csrf = await callers.signed_in(client, installation, "viewer")

    shown = await client.get("/manage/rakortek/live/sessions/session-1")
    refused = await client.post(
        "/manage/rakortek/live/sessions/session-1/act", data={"csrf": csrf, "act": "start"}
    )

    assert (shown.status, refused.status) == (200, 403)
    assert 'name="act"' not in await shown.text()
