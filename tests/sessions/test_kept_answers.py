"""Answers to the public are made once; what they are made of decides when again."""

import asyncio
import gzip
from datetime import timedelta

import pytest

from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.participants import actions as people
from eventhub.sessions import actions
from tests import make
from tests.callers import Client
from tests.standins.clock import StillClock

PUBLISHED_AT = make.at("08:00", "2021-02-20")
PAGES = ("", "?day=all", "sessions/buka", "sessions/buka?zone=Asia/Jayapura")
FILES = ("programme.ics", "programme.csv", "schedule.xml", "schedule.json")


@pytest.fixture(name="event")
async def published_event(installation: Installation) -> Event:
    event = make.event()
    opening = make.session(code="buka", title="Pembukaan")
    await make.stored(installation.database, event, make.room(), make.delegation(), opening)
    await publish(installation, event)
    return event


async def publish(installation: Installation, event: Event) -> None:
    async with installation.database.transaction() as tx:
        await actions.publish(tx, event, note="", notify="none", who="test", at=PUBLISHED_AT)


async def test_an_answer_comes_whole_compressed_or_as_unchanged(
    client: Client, event: Event
) -> None:
    for path in (*PAGES, *FILES):
        address = f"/rakortek/{path}"
        plain = await client.get(address, headers={"Accept-Encoding": "identity"})
        packed = await client.get(
            address, headers={"Accept-Encoding": "gzip"}, auto_decompress=False
        )
        tags = {plain.headers["ETag"], packed.headers["ETag"]}
        again = [await client.get(address, headers={"If-None-Match": tag}) for tag in tags]

        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await packed.read()) == await plain.read()
        assert len(tags) == 2
        assert [(each.status, await each.read()) for each in again] == [(304, b"")] * 2
        assert {each.headers["Vary"] for each in (plain, packed, *again)} == {"Accept-Encoding"}


async def test_who_refuses_gzip_is_answered_plainly(client: Client, event: Event) -> None:
    told = [
        (await client.get("/rakortek/programme.ics", headers={"Accept-Encoding": wish})).headers
        for wish in ("gzip;q=0", "br, gzip; q=0.0, *", "br, gzip;q=0.5", "deflate")
    ]

    assert [headers.get("Content-Encoding") for headers in told] == [None, None, "gzip", None]


async def test_many_who_ask_at_once_get_what_is_made_once(client: Client, event: Event) -> None:
    answers = await asyncio.gather(*(client.get("/rakortek/programme.ics") for _ in range(20)))

    assert {answer.headers["ETag"] for answer in answers} == {answers[0].headers["ETag"]}


async def test_a_release_shows_at_once_everywhere(
    client: Client, installation: Installation, event: Event
) -> None:
    paths = [*PAGES, *FILES]
    before = [await (await client.get(f"/rakortek/{path}")).text() for path in paths]
    async with installation.database.transaction() as tx:
        session = await actions.get_session(tx, 1, "buka")
        await actions.change_session(
            tx, event, session, {"title": "Sidang pertama"}, at=make.at("08:00")
        )
    unpublished = [await (await client.get(f"/rakortek/{path}")).text() for path in paths]
    await publish(installation, event)
    after = [await (await client.get(f"/rakortek/{path}")).text() for path in paths]

    assert unpublished == before
    assert all("Pembukaan" in text for text in before)
    assert all("Sidang pertama" in text and "Pembukaan" not in text for text in after)


async def test_what_is_no_part_of_a_release_shows_at_once_too(
    client: Client, installation: Installation, event: Event
) -> None:
    before = [
        await (await client.get(f"/rakortek/{path}")).text() for path in ("", "schedule.json")
    ]
    async with installation.database.transaction() as tx:
        office = await people.find_delegation(tx, 1, "office-1")
        assert office is not None
        await people.change_delegation(tx, office, {"name": "Bappenas"})
        room = await events.get_room(tx, 1, "room-1")
        await events.change_room(tx, room, {"capacity": 120})
    after = [await (await client.get(f"/rakortek/{path}")).text() for path in ("", "schedule.json")]

    assert ("Bappenas" in before[0], "Bappenas" in after[0]) == (False, True)
    assert ('"capacity": 50' in before[1], '"capacity": 120' in after[1]) == (True, True)


async def test_now_moves_on_with_the_minute(
    client: Client, event: Event, clock: StillClock
) -> None:
    seen = []
    clock.moment = make.at("08:58")
    for _ in range(3):
        text = await (await client.get("/rakortek/?lang=en")).text()
        seen.append('<li class="now">' in text)
        clock.moment += timedelta(minutes=1)

    assert seen == [False, False, True]


async def test_each_reader_gets_their_own_language_and_clock(client: Client, event: Event) -> None:
    texts = {
        query: await (await client.get(f"/rakortek/?{query}")).text()
        for query in ("lang=en", "lang=id", "lang=en&zone=Europe/Berlin")
    }

    assert [("Search the programme" in text, "CET (yours)" in text) for text in texts.values()] == [
        (True, False),
        (False, False),
        (True, True),
    ]


async def test_a_kept_page_carries_nobodys_cookie(client: Client, event: Event) -> None:
    first = await client.get("/rakortek/", headers={"Cookie": ""})
    client.session.cookie_jar.clear()
    second = await client.get("/rakortek/")

    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "private, no-cache"
    cookies = [answer.cookies["eventhub_form"].value for answer in (first, second)]
    assert cookies[0] != cookies[1]
    text = await second.text()
    assert not any(cookie in text for cookie in cookies)


async def test_an_event_taken_back_is_gone_at_once(
    client: Client, installation: Installation, event: Event
) -> None:
    seen = [(await client.get("/rakortek/")).status]
    async with installation.database.transaction() as tx:
        found = await events.get_event(tx, "rakortek")
        await events.change_event(tx, found, {"state": "draft"})
    seen += [(await client.get(f"/rakortek/{path}")).status for path in ("", "programme.ics")]

    assert seen == [200, 404, 404]
