"""Viewers over time: minute by minute, live and afterwards, with gaps where nothing is known."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Browser, expect

from eventhub import news
from eventhub.installation import Installation
from eventhub.streaming import viewers_work
from eventhub.streaming.chart import LARGE, PHONE, Axis, Drawn, Size, draw, hours, nice_top
from eventhub.streaming.tables import viewings, youtube_viewers
from eventhub.streaming.viewers import (
    Found,
    Line,
    Share,
    Stay,
    course,
    merged,
    minute_of,
    minutes_of_each,
    present,
    shares,
)
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import published

NINE = minute_of(make.at("09:00"))
JAKARTA = ZoneInfo("Asia/Jakarta")

STAYS = st.lists(
    st.builds(
        lambda who, first, length: Stay(who, first, first + length),
        st.integers(1, 4), st.integers(0, 30), st.integers(0, 12),
    ),
    max_size=12,
)  # fmt: skip


@given(STAYS)
def test_a_participant_counts_once_a_minute_however_many_stays_touch_it(stays: list[Stay]) -> None:
    there = {(who, minute) for who, first, last in stays for minute in range(first, last + 1)}

    counted = present(stays, 5, 30)

    assert list(counted) == [len({who for who, at in there if at == 5 + n}) for n in range(30)]
    assert minutes_of_each(stays) == {
        who: sum(1 for each, _ in there if each == who) for who in {who for who, _ in there}
    }
    assert sum(each.last - each.first + 1 for each in merged(stays)) == len(there)


def test_the_lines_go_from_the_first_viewer_to_now_and_whoever_was_heard_of_lately_is_there() -> (
    None
):
    found = Found(
        samples={NINE + 1: 40, NINE + 4: 60},
        stream=(Stay(1, NINE - 5, NINE + 4), Stay(2, NINE, NINE + 1)),
        meeting=(),
    )

    read = course(found, make.at("09:00"), make.at("10:00"), make.at("09:05"))

    assert (read.begin, read.minutes, read.since) == (make.at("08:55"), 65, 5)
    assert read.youtube.values == (None,) * 6 + (40, None, None, 60, None)
    assert read.stream.values == (1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1)
    assert read.meeting.is_empty
    assert (read.youtube.peak, read.youtube.average(read.since)) == ((60, 9), 50.0)
    assert read.watched == 7  # those before the start count no more than in the attendance


def test_the_most_is_told_with_its_first_minute_and_nothing_is_not_nought() -> None:
    assert Line((1, 7, 7, 2)).peak == (7, 1)
    assert (Line((None, None)).peak, Line((None,)).average()) == (None, None)
    assert (Line((7, 5, None)).latest(2), Line((7, None, None)).latest(2)) == (5, None)
    assert Line((0, 0)).is_empty


def test_offices_stand_by_their_minutes_and_those_who_came_by_none_are_told() -> None:
    people = [("Papua", 1, True), ("Papua", 2, True), ("Aceh", 3, True), ("", 4, False)]

    told = shares(people, {1: 30, 2: 0, 4: 9})

    assert told == [Share("Papua", 2, 2, 30), Share("Aceh", 1, 0, 0)]


AXIS = Axis(make.at("08:55"), 66, JAKARTA, lambda at, zone: f"{at.astimezone(zone):%H:%M}")


def test_a_gap_is_a_gap_and_a_lone_figure_a_dot() -> None:
    drawn = draw(
        [Drawn("youtube", (None, 4, 4, 4, None, 2, None))],
        AXIS, key="a", title="Pleno <1>", description="Most & best",
    )  # fmt: skip

    assert drawn.count('class="line youtube"') == 1
    path = drawn.partition('class="line youtube" d="')[2].partition('"')[0]
    assert path.count("M") == 2
    assert path.count("L") == 1
    assert path.endswith("h.1")
    assert '<title id="a-title">Pleno &lt;1&gt;</title>' in drawn
    assert 'aria-labelledby="a-title a-text"' in drawn
    assert "style" not in drawn


@given(st.integers(0, 10**7))
def test_the_axis_ends_on_a_round_figure_that_holds_all(most: int) -> None:
    top = nice_top(most)

    assert top >= max(most, 4)
    assert top <= max(4, 2 * most)
    assert len(str(top).rstrip("0")) <= 1 or top < 10


@given(st.integers(0, 1439), st.integers(1, 1440))
def test_written_times_are_whole_steps_of_the_clock_and_few(begin: int, minutes: int) -> None:
    axis = Axis(make.at("00:00") + timedelta(minutes=begin), minutes, JAKARTA, AXIS.clock)

    told = hours(axis, 7)

    assert len(told) <= 8
    assert all(0 <= minute < minutes for minute in told)
    assert all((begin + minute) % 5 == 0 for minute in told)


def test_the_first_minute_is_written_where_the_next_time_leaves_room() -> None:
    def told(minutes: int, size: Size) -> list[str]:
        axis = Axis(make.at("08:50"), minutes, JAKARTA, AXIS.clock)
        drawing = draw([], axis, key="k", title="t", description="d", size=size)
        return re.findall(r'text-anchor="middle">([^<]+)<', drawing)

    assert told(190, LARGE)[:2] == ["08:50", "09:00"]
    assert told(190, PHONE)[:2] == ["09:00", "10:00"]


@pytest.fixture
async def watched(installation: Installation) -> Installation:
    """Let office 2 watch from 09:00 to 09:20, and YouTube tell viewers in two minutes."""
    await published(installation)
    async with installation.database.transaction() as tx:
        stays = [(2, "stream", "09:00", "09:20"), (1, "meeting", "09:05", "09:06")]
        for who, kind, first, last in stays:
            values = {"event_id": 1, "session_id": 1, "participant_id": who, "kind": kind}
            times = {"started_at": make.at(first), "last_beat_at": make.at(last)}
            await tx.execute(viewings.insert().values(**values, **times))
        for at, viewers in (("09:10", 1200), ("09:12", 1394)):
            await tx.execute(
                youtube_viewers.insert().values(session_id=1, at=make.at(at), viewers=viewers)
            )
    return installation


async def test_a_program_reads_each_minute(
    watched: Installation, client: Client, clock: StillClock
) -> None:
    clock.moment = make.at("10:30")
    headers = await callers.bearer(watched, "viewer")

    answer = await client.get(
        "/api/v1/events/rakortek/broadcasts/session-1/viewers", headers=headers
    )

    told = await answer.json()
    minutes = told.pop("minutes")
    assert answer.status == 200
    assert told == {
        "session": "session-1",
        "youtube": {"peak": 1394, "peak_at": "2021-02-25T02:12:00Z", "average": 1297.0},
        "stream": {"peak": 1, "peak_at": "2021-02-25T02:00:00Z", "average": 0.3},
        "meeting": {"peak": 1, "peak_at": "2021-02-25T02:05:00Z", "average": 0.0},
        "minutes_watched": 23,
    }
    assert len(minutes) == 60
    assert minutes[10:13] == [
        {"at": f"2021-02-25T02:{10 + n}:00Z", "youtube": youtube, "stream": 1, "meeting": 0}
        for n, youtube in enumerate((1200, None, 1394))
    ]


async def test_organizers_see_the_chart_its_figures_and_who_stayed_away(
    watched: Installation, client: Client, clock: StillClock
) -> None:
    clock.moment = make.at("10:30")
    async with watched.database.transaction() as tx:
        await tx.execute(viewings.delete().where(viewings.c.participant_id == 1))
    await callers.signed_in(client, watched, "organizer")

    shown = await (
        await client.get("/manage/rakortek/live/sessions/session-1/viewers?lang=en")
    ).text()
    day = await (await client.get("/manage/rakortek/live/viewers?day=2021-02-25&lang=en")).text()
    part = await (
        await client.get("/manage/rakortek/live/sessions/session-1/viewers?part=1&lang=en")
    ).text()

    assert "Viewers on YouTube: at most 1,394 at 09:12, 1,297 on average." in shown
    assert "1 came; 2 were expected" in shown
    assert "Expected from afar, not recorded: 1" in shown
    assert "Viewers on YouTube: at most 1,394 at 09:12" in day
    assert "<svg" in part
    assert "<html" not in part


async def test_minutes_and_offices_are_given_as_files(
    watched: Installation, client: Client, clock: StillClock
) -> None:
    clock.moment = make.at("10:30")
    await callers.signed_in(client, watched, "organizer")
    one = "/manage/rakortek/live/sessions/session-1/viewers"

    minutes = await client.get(f"{one}.csv?lang=en")
    offices = await client.get(f"{one}/offices.csv?lang=en")
    day = await client.get("/manage/rakortek/live/viewers.csv?day=2021-02-25&lang=en")
    other = await client.get("/manage/rakortek/live/viewers.csv?day=2021-03-25&lang=en")

    lines = (await minutes.text()).splitlines()
    assert lines[0].lstrip("\ufeff") == (
        "Time (Asia/Jakarta),Viewers on YouTube,Participants at the stream,Participants in the meeting"
    )
    assert lines[11:14] == [
        "2021-02-25 09:10,1200,1,0", "2021-02-25 09:11,,1,0", "2021-02-25 09:12,1394,1,0",
    ]  # fmt: skip
    assert len((await offices.text()).splitlines()) == 3
    assert (await day.text()).splitlines()[11:14] == lines[11:14]
    assert other.status == 404


async def test_each_minute_control_rooms_are_told_who_is_there(
    watched: Installation, clock: StillClock
) -> None:
    clock.moment = make.at("09:21")

    await viewers_work.tell(watched)

    async with watched.database.reading() as tx:
        told = [row for row in await tx.execute(news.news.select()) if row.kind == "broadcast"]
    assert [(row.data, row.needed_right) for row in told] == [
        ({"session": "session-1", "present": 1}, "broadcasts: read")
    ]


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_open_chart_goes_on_as_youtube_tells_and_people_are_there(
    watched: Installation, client: Client, clock: StillClock, browser: Browser
) -> None:
    clock.moment = make.at("09:13")
    await callers.signed_in(client, watched, "organizer")
    context = await browser.new_context(locale="en-GB", viewport={"width": 390, "height": 800})
    base = client.make_url("/")
    kept = client.session.cookie_jar.filter_cookies(base)
    await context.add_cookies(
        [{"name": each.key, "value": each.value, "url": str(base)} for each in kept.values()]
    )
    page = await context.new_page()
    async with page.expect_response("**/live/rakortek?**"):
        await page.goto(f"{base}manage/rakortek/live/sessions/session-1/viewers")
    await page.get_by_text("The figures").click()

    clock.moment = make.at("09:21")
    async with watched.database.transaction() as tx:
        sample = {"session_id": 1, "at": make.at("09:21"), "viewers": 1500}
        await tx.execute(youtube_viewers.insert().values(**sample))
    await viewers_work.tell(watched)

    await expect(page.locator(".legend")).to_contain_text("at most 1,500 at 09:21", timeout=15_000)
    await expect(page.get_by_role("row", name="09:21")).to_be_visible()
    await expect(page.locator("#viewers svg.phone")).to_be_visible()
    await expect(page.locator("#viewers svg.large")).to_be_hidden()
    await context.close()
