"""A session goes live on the open page of a remote office, whose minutes are then in the attendance; and what stands
beside the player.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, Page, expect

from eventhub import app as composition
from eventhub.events.tables import events
from eventhub.installation import Installation
from eventhub.participants.tables import delegations
from eventhub.sessions.tables import sessions
from eventhub.settings import Settings
from eventhub.streaming import actions, control
from eventhub.streaming.lines import LINES
from eventhub.streaming.tables import session_sources, viewings, watch_aids
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import join_path, published, release, streamed
from tests.streaming.story import SECOND

WATCH = "/rakortek/watch/session-1"
AIDS = "/manage/rakortek/live/sessions/session-1/page"
PLAYER = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"
CHAT = "https://www.youtube.com/live_chat?v=dQw4w9WgXcQ&embed_domain=127.0.0.1"
NINE = make.at("09:00")

# Browsers look at pages, which are the same on both engines.
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def linked(installation: Installation) -> None:
    """Publish two streams, the first with a source."""
    event = await published(
        installation,
        streamed(1),
        streamed(2, title="Penutupan", starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    async with installation.database.transaction() as tx:
        await actions.paste_link(
            tx,
            event,
            "session-1",
            link="https://youtu.be/dQw4w9WgXcQ",
            who="test",
            at=installation.clock.now(),
        )


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, timezone_id="Asia/Jayapura", locale="id-ID"
    )
    page = await context.new_page()
    for host in ("https://www.youtube-nocookie.com/**", "https://www.youtube.com/**"):
        await page.route(
            host,
            lambda route: route.fulfill(body="<title>player</title>", content_type="text/html"),
        )
    yield page
    await context.close()


async def go_live(client: Client, installation: Installation) -> None:
    """Start the first broadcast, as an operator does."""
    headers = await callers.bearer(installation, "streaming")
    path = "/api/v1/events/rakortek/broadcasts/session-1/actions/start"
    answer = await client.post(path, headers=headers)
    assert answer.status == 200, await answer.text()


@pytest.fixture
async def studio(
    connected: Installation, youtube: YouTube, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    """Serve an installation with a channel on the stand-in of YouTube, which settles at the second look."""
    monkeypatch.setattr(control, "_WAITS_S", (0.0,) * 4)
    port = int(connected.settings.base_url.rpartition(":")[2])
    async with TestClient(TestServer(composition.build(connected), port=port)) as client:
        yield client


async def operate(studio: Client, headers: dict[str, str], act: str) -> str:
    """Do an act with the first session's broadcast, as its operator's program does; return the state after it."""
    path = f"/api/v1/events/rakortek/broadcasts/session-1/actions/{act}"
    answer = await studio.post(path, headers=headers)
    assert answer.status == 200, await answer.text()
    told: str = (await answer.json())["state"]
    return told


async def papuan_office(installation: Installation) -> None:
    """Let office 2 be an agency of the province of Papua."""
    async with installation.database.transaction() as tx:
        values = {
            "event_id": 1, "code": "papua", "name": "Provinsi Papua", "kind": "province",
            "time_zone": "Asia/Jayapura", "version": 1,
        }  # fmt: skip
        known = (await tx.execute(sa.select(delegations).where(delegations.c.id == 2))).one()
        made = delegations.insert().values({**known._mapping, "id": 3, **values})
        await tx.execute(made)
        agency = delegations.update().where(delegations.c.id == 2)
        await tx.execute(agency.values(parent_id=3, kind="agency"))


@pytest.mark.browser
@one_engine
async def test_a_session_goes_live_on_an_open_page_in_papua_whose_minutes_are_counted(
    studio: Client,
    connected: Installation,
    youtube: YouTube,
    clock: StillClock,
    tab: Page,
) -> None:
    await published(connected, streamed(1), streamed(**SECOND))  # type: ignore[arg-type]  # its own fields
    await papuan_office(connected)
    clock.moment = NINE - timedelta(minutes=2)
    operator = await callers.bearer(connected, "streaming")
    assert await operate(studio, operator, "create") == "ready"
    await tab.clock.install()
    await tab.goto(connected.settings.base_url + join_path(connected.settings, 2))
    await tab.wait_for_url(f"**{WATCH}")
    await tab.locator("[data-play]").click()
    await expect(tab.locator("[data-armed]")).to_be_visible()
    await expect(tab.locator("iframe")).to_have_count(0)
    (stream,) = youtube.streams
    youtube.sends(stream)

    assert await operate(studio, operator, "test") == "testing"
    await expect(tab.locator("iframe")).to_have_count(0)
    assert await operate(studio, operator, "start") == "live"

    (video,) = youtube.broadcasts
    player = f"https://www.youtube-nocookie.com/embed/{video}?autoplay=1"
    await expect(tab.locator("iframe")).to_have_attribute("src", player)
    for minute in range(1, 7):
        clock.moment += timedelta(minutes=1)
        await tab.clock.run_for(60_000)
        # The two minutes before the start do not count.
        await expect(tab.locator("[data-count]")).to_have_text(str(minute - 1))
    # An office's proxy lets no beat through any more; the page's line stands, and counts.
    await tab.route("**/presence", lambda route: route.abort())
    for _ in range(6):
        clock.moment += timedelta(minutes=1)
        assert await studio.app[LINES].sweep() == 1
    headers = await callers.bearer(connected, "viewer")
    report = await (await studio.get("/api/v1/events/rakortek/attendance", headers=headers)).json()
    one, none = {"onsite": 0, "meeting": 0, "stream": 1}, {"onsite": 0, "meeting": 0, "stream": 0}
    opening = report["sessions"][0]
    office = next(each for each in report["delegations"] if each["delegation"] == "office-2")
    counts = {"invited": 1, "present": 1, "attended": 1, "minutes": 11}
    assert (opening["present"], opening["attended"]) == (one, one)
    assert report["sessions"][1]["present"] == none
    assert office == {"delegation": "office-2", **counts}
    assert {"province": "papua", **counts} in report["provinces"]


@pytest.mark.browser
@one_engine
async def test_a_session_that_is_moved_is_counted_down_to_without_a_reload(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
) -> None:
    await linked(installation)
    clock.moment = NINE - timedelta(minutes=10)
    # Pages ask within some seconds that each chooses by lot.
    await tab.add_init_script("Math.random = () => 0")
    await tab.goto(f"{settings.base_url}{WATCH}")
    await tab.locator("[data-play]").click()
    await expect(tab.locator("[data-armed]")).to_be_visible()
    await expect(tab.locator("[data-countdown]")).to_contain_text("00:0")
    await tab.evaluate("document.body.dataset.same = 'page'")

    async with installation.database.transaction() as tx:
        later = {"starts_at": make.at("09:30"), "ends_at": make.at("10:30")}
        await tx.execute(sessions.update().where(sessions.c.id == 1).values(later))
    await release(installation)

    await expect(tab.locator("[data-countdown]")).to_contain_text("00:3")
    await expect(tab.locator("[data-fresh=when]")).to_contain_text("09.30–10.30 WIB")
    await expect(tab.locator("[data-fresh=when]")).to_contain_text("11.30–12.30 WIT")
    await expect(tab.locator("[data-armed]")).to_be_visible()
    await expect(tab.locator("body")).to_have_attribute("data-same", "page")


async def expect_lines(client: Client, count: int) -> None:
    """Wait until so many people have a line open."""
    async with asyncio.timeout(20):
        while client.app[LINES].count != count:  # noqa: ASYNC110 -- lines tell nobody
            await asyncio.sleep(0.02)


@pytest.mark.browser
@one_engine
async def test_a_page_out_of_sight_counts_as_the_organizer_chose(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
) -> None:
    await linked(installation)
    rule = {"minutes": 10, "percent": 50, "background": False}
    async with installation.database.transaction() as tx:
        await tx.execute(events.update().values(presence_rule=rule))
    clock.moment = NINE
    await tab.clock.install()
    await tab.add_init_script(
        "window.seen = 'visible';"
        "Object.defineProperty(document, 'visibilityState', { get: () => window.seen });"
    )
    await tab.goto(settings.base_url + join_path(settings, 2))
    await tab.wait_for_url(f"**{WATCH}")
    await expect(tab.locator("[data-count]")).to_have_text("1")
    beats: list[str] = []
    tab.on("request", lambda asked: beats.append(asked.url) if "presence" in asked.url else None)

    await expect_lines(client, 1)

    await tab.evaluate(
        "window.seen = 'hidden'; document.dispatchEvent(new Event('visibilitychange'))"
    )
    await tab.clock.run_for(1000)
    await expect_lines(client, 0)
    clock.moment = NINE + timedelta(minutes=9)
    await tab.clock.run_for(300_000)
    unseen = list(beats)
    await tab.evaluate(
        "window.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange'))"
    )

    await expect(tab.locator("[data-count]")).to_have_text("2")
    await expect_lines(client, 1)
    assert unseen == []
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(viewings.c.started_at).order_by(viewings.c.started_at))
        assert list(rows.scalars())[-1] == NINE + timedelta(minutes=9)


@pytest.mark.browser
@one_engine
async def test_a_slow_connection_gets_text_and_no_player_until_it_asks(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
) -> None:
    await linked(installation)
    clock.moment = NINE
    await tab.goto(f"{settings.base_url}{WATCH}?lite=1")
    await go_live(client, installation)
    await expect(tab.locator("iframe")).to_have_count(0)

    await tab.locator("[data-play]").click()

    await expect(tab.locator("iframe")).to_have_attribute("src", f"{PLAYER}&vq=tiny")
    await tab.reload()
    await expect(tab.locator("[data-play]")).to_be_visible()
    await expect(tab.locator("iframe")).to_have_count(0)


@pytest.mark.browser
@one_engine
async def test_the_chat_comes_from_youtube_only_when_the_viewer_asks(
    client: Client,
    installation: Installation,
    settings: Settings,
    clock: StillClock,
    tab: Page,
) -> None:
    await linked(installation)
    clock.moment = NINE
    csrf = await callers.signed_in(client, installation, "streaming")
    await client.post(AIDS, data={"csrf": csrf, "shows_chat": "1"})
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    await tab.goto(f"{settings.base_url}{WATCH}")
    button = tab.locator("[data-show-chat]")
    await expect(button).to_be_visible()
    before = [url for url in asked if not url.startswith(settings.base_url)]

    await button.click()

    await expect(tab.locator("[data-chat] iframe")).to_have_attribute("src", CHAT)
    assert before == []


async def test_documents_and_captions_stand_beside_the_player(
    client: Client, installation: Installation
) -> None:
    await linked(installation)
    csrf = await callers.signed_in(client, installation, "streaming")
    given = {
        "csrf": csrf,
        "documents": "Paparan Menteri https://example.org/slides.pdf\nhttps://example.org/agenda",
        "captions": "CC, Bahasa Indonesia",
    }

    kept = await client.post(AIDS, data=given)
    shown = await (await client.get(WATCH)).text()
    wrong = await client.post(AIDS, data=given | {"documents": "Paparan javascript:alert(1)"})

    assert (kept.status, wrong.status) == (200, 422)
    assert 'href="https://example.org/slides.pdf"' in shown
    assert "Paparan Menteri" in shown
    assert "CC, Bahasa Indonesia" in shown
    assert "www.youtube.com/live_chat" not in shown
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(watch_aids.c.documents))
        assert rows.scalars().all() == [
            [
                {"label": "Paparan Menteri", "url": "https://example.org/slides.pdf"},
                {"label": "https://example.org/agenda", "url": "https://example.org/agenda"},
            ]
        ]


@pytest.mark.parametrize("role", ["gate", "health"])
async def test_only_those_who_run_broadcasts_change_the_page(
    client: Client, installation: Installation, role: str
) -> None:
    await linked(installation)
    csrf = await callers.signed_in(client, installation, role)

    answer = await client.post(AIDS, data={"csrf": csrf, "captions": "CC"})

    assert answer.status == 403
    async with installation.database.reading() as tx:
        assert (await tx.execute(sa.select(watch_aids))).all() == []


async def test_the_streams_of_the_day_and_further_sources_are_offered(
    client: Client, installation: Installation
) -> None:
    await linked(installation)
    source = {
        "event_id": 1,
        "session_id": 1,
        "use": "language",
        "language": "en",
        "kind": "youtube",
        "url": "https://youtu.be/abcdefghijk",
    }
    async with installation.database.transaction() as tx:
        await tx.execute(session_sources.insert().values(source))

    shown = await (await client.get(WATCH)).text()
    english = await (await client.get(f"{WATCH}?source=1")).text()
    state = await (await client.get(f"{WATCH}/state?source=1")).json()

    assert "Siaran hari ini" in shown
    assert 'href="?source=1" lang="en">English</a>' in shown
    assert "embed/abcdefghijk" in english
    assert state["embed_url"] == "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1"
