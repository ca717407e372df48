"""Calendars to subscribe to: of the event, a track, a delegation."""

from datetime import timedelta

import icalendar
import pytest
from yarl import URL

from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.participants.links import PersonalLinks
from eventhub.sessions import actions
from tests import make
from tests.callers import Client
from tests.sessions.test_public_pages import publish
from tests.standins.clock import StillClock

pytestmark = pytest.mark.usefixtures("event")


@pytest.fixture
def event() -> Event:
    return make.event()


@pytest.fixture
async def published(installation: Installation, event: Event) -> None:
    await make.stored(
        installation.database,
        event,
        make.room(),
        make.delegation(1, code="papua", name="Papua"),
        make.delegation(2, code="bali", name="Bali"),
        make.session(
            1, code="desk", title="Desk", track="Desk 1", audience=(make.audience(delegation_id=1),)
        ),
        make.session(
            2,
            code="panel",
            title="Panel",
            track="Panel",
            starts_at=make.at("11:00"),
            ends_at=make.at("12:00"),
            audience=(make.audience(delegation_id=2),),
        ),
    )
    await publish(installation, event, make.at("08:00"))


def read(body: bytes) -> tuple[icalendar.Calendar, list[str]]:
    calendar = icalendar.Calendar.from_ical(body)
    return calendar, [str(one["SUMMARY"]) for one in calendar.walk("VEVENT")]


@pytest.mark.usefixtures("published")
async def test_a_track_is_published_as_a_calendar_of_its_own(client: Client) -> None:
    answer = await client.get("/rakortek/programme.ics", params={"track": "Desk 1"})
    again = await client.get(
        "/rakortek/programme.ics",
        params={"track": "Desk 1"},
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    missing = await client.get("/rakortek/programme.ics", params={"track": "Desk 2"})

    calendar, titles = read(await answer.read())
    assert titles == ["Desk"]
    assert calendar["METHOD"] == "PUBLISH"
    [one] = calendar.walk("VEVENT")
    assert "ORGANIZER" in one
    assert "ATTENDEE" not in one
    assert "REFRESH-INTERVAL" in calendar
    assert (again.status, missing.status) == (304, 404)


@pytest.mark.usefixtures("published")
async def test_a_delegations_calendar_opens_by_its_token_and_holds_no_personal_link(
    client: Client, installation: Installation
) -> None:
    links = PersonalLinks(installation.settings.secret, installation.settings.base_url)
    path = URL(links.office_feed_url(1, 1)).path

    answer = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    other = await client.get(URL(links.office_feed_url(1, 2)).path)
    swapped = await client.get(path.replace("/f/office/", "/f/"))

    body = await answer.read()
    assert read(body)[1] == ["Desk"]
    assert not any(part in body for part in (b"/j/", b"/p/", b"ATTENDEE"))
    assert "private" in answer.headers["Cache-Control"]
    assert (again.status, other.status, swapped.status) == (304, 404, 404)


@pytest.mark.usefixtures("published")
async def test_a_cancelled_session_is_told_for_thirty_days(
    client: Client, installation: Installation, event: Event, clock: StillClock
) -> None:
    async with installation.database.transaction() as tx:
        session = await actions.get_session(tx, 1, "panel")
        await actions.remove_session(tx, session, at=make.at("08:10"))
    await publish(installation, event, make.at("08:20"))

    soon, soon_titles = read(await (await client.get("/rakortek/programme.ics")).read())
    clock.moment = make.at("12:00") + timedelta(days=31)
    _, late_titles = read(await (await client.get("/rakortek/programme.ics")).read())

    assert soon_titles == ["Desk", "Panel"]
    assert [str(one["STATUS"]) for one in soon.walk("VEVENT")] == ["CONFIRMED", "CANCELLED"]
    assert late_titles == ["Desk"]


@pytest.mark.usefixtures("published")
async def test_the_page_of_calendars_leads_to_google_and_outlook(client: Client) -> None:
    text = await (await client.get("/rakortek/calendar")).text()

    assert "webcal://" in text
    assert "https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2F" in text
    assert "https://outlook.office.com/calendar/addfromweb?url=http" in text
    assert "programme.ics?track=Desk%201" in text
