"""A person's agenda as a calendar client reads it."""

from datetime import timedelta
from typing import Any

import icalendar
import pytest

from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from tests import make
from tests.callers import Client
from tests.personal.conftest import AGENCY, DIRECTOR, GOVERNOR, Addresses, publish
from tests.standins.clock import StillClock

pytestmark = pytest.mark.usefixtures("published")


def read(body: bytes) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(body)
    assert calendar.errors == []
    return {str(event["SUMMARY"]): event for event in calendar.events}


async def test_the_feed_holds_the_persons_sessions_and_ways_in(
    client: Client, links: Addresses
) -> None:
    answer = await client.get(links.feed(GOVERNOR))

    events = read(await answer.read())
    assert answer.content_type == "text/calendar"
    assert list(events) == ["Pembukaan", "Desk Kesehatan"]
    assert events["Pembukaan"]["DTSTART"].dt == make.at("09:00")
    assert str(events["Pembukaan"]["URL"]) == links.join(GOVERNOR, 1)
    assert b"meet.example.org" not in await answer.read()
    assert b"/p/" not in await answer.read()


async def test_somebody_on_site_reads_the_room(client: Client, links: Addresses) -> None:
    events = read(await (await client.get(links.feed(DIRECTOR))).read())

    assert str(events["Desk Kesehatan"]["LOCATION"]) == "Sasana Bhakti Praja, Gedung C"
    assert "URL" not in events["Desk Kesehatan"]


async def test_an_unchanged_feed_is_not_sent_again(client: Client, links: Addresses) -> None:
    first = await client.get(links.feed(AGENCY))
    again = await client.get(links.feed(AGENCY), headers={"If-None-Match": first.headers["ETag"]})

    assert again.status == 304
    assert await again.read() == b""
    assert again.headers["ETag"] == first.headers["ETag"]


async def test_a_release_changes_the_feed_and_a_draft_does_not(
    client: Client, links: Addresses, installation: Installation
) -> None:
    async with installation.database.transaction() as tx:
        session = await programme.get_session(tx, 1, "opening")
        await programme.remove_session(tx, session, at=make.at("08:10"))

    draft = read(await (await client.get(links.feed(AGENCY))).read())
    await publish(installation, make.at("08:20"))
    released = read(await (await client.get(links.feed(AGENCY))).read())

    assert list(draft) == ["Pembukaan"]
    assert list(released) == ["Dibatalkan: Pembukaan"]
    assert str(released["Dibatalkan: Pembukaan"]["STATUS"]) == "CANCELLED"
    assert released["Dibatalkan: Pembukaan"]["UID"] == draft["Pembukaan"]["UID"]


async def test_the_agenda_can_be_kept_as_a_file(client: Client, links: Addresses) -> None:
    answer = await client.get(links.page(GOVERNOR) + "agenda.ics")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="rakortek.ics"'
    assert list(read(await answer.read())) == ["Pembukaan", "Desk Kesehatan"]


async def test_a_cancelled_session_is_told_for_thirty_days_and_a_feed_asks_nobody(
    client: Client, links: Addresses, installation: Installation, clock: StillClock
) -> None:
    async with installation.database.transaction() as tx:
        session = await programme.get_session(tx, 1, "opening")
        await programme.remove_session(tx, session, at=make.at("08:10"))
    await publish(installation, make.at("08:15"))

    clock.moment = make.at("09:00") + timedelta(days=30)
    told = await (await client.get(links.feed(GOVERNOR))).read()
    clock.moment += timedelta(days=2)
    left = await (await client.get(links.feed(GOVERNOR))).read()

    assert {name: str(event["STATUS"]) for name, event in read(told).items()} == {
        "Dibatalkan: Pembukaan": "CANCELLED",
        "Desk Kesehatan": "CONFIRMED",
    }
    assert list(read(left)) == ["Desk Kesehatan"]
    assert b"METHOD" not in told
    assert b"ATTENDEE" not in told
    assert b"ORGANIZER" in told
    assert b"REFRESH-INTERVAL;VALUE=DURATION:" in told
