"""Personal links of a participant through the API, on both engines."""

from eventhub.db.engine import Database
from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions import actions as sessions
from tests import make
from tests.callers import Client, bearer

LINKS = "/api/v1/events/rakortek/participants/1/links"


async def test_links_lead_to_page_feed_and_the_released_sessions_attended_from_afar(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.room(),
        make.delegation(),
        make.participant(),
        make.session(
            1,
            code="opening",
            format="hybrid",
            meeting_url="https://meet.example.org/a",
            audience=(make.audience(Attendance.MEETING, participant_id=1),),
        ),
        make.session(
            2,
            code="dinner",
            starts_at=make.at("19:00"),
            ends_at=make.at("20:00"),
            audience=(make.audience(Attendance.ONSITE, participant_id=1),),
        ),
    )
    base = installation.settings.base_url
    auth = await bearer(installation, "organizer")
    draft = await (await client.get(LINKS, headers=auth)).json()
    async with database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await sessions.publish(
            tx, event, note="", notify="none", who="test", at=installation.clock.now()
        )

    links = await (await client.get(LINKS, headers=auth)).json()
    page = await client.get(links["page_url"].removeprefix(base))
    renewed = await (await client.post(f"{LINKS}/renew", headers=auth)).json()
    dead = await client.get(links["page_url"].removeprefix(base))
    alive = await client.get(renewed["page_url"].removeprefix(base))

    assert draft["joins"] == []
    assert links["page_url"].startswith(f"{base}/p/")
    assert links["agenda_url"].startswith(f"{base}/f/")
    assert [join["session"] for join in links["joins"]] == ["opening"]
    assert links["joins"][0]["url"].startswith(f"{base}/j/")
    assert renewed.keys() == links.keys()
    assert renewed["page_url"] != links["page_url"]
    assert renewed["agenda_url"] != links["agenda_url"]
    assert renewed["joins"] != links["joins"]
    assert (page.status, dead.status, alive.status) == (200, 404, 200)


async def test_only_organizers_have_links(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(), make.participant())

    statuses = {
        role: (await client.get(LINKS, headers=await bearer(installation, role))).status
        for role in ("owner", "organizer", "gate", "health", "streaming", "viewer")
    }
    missing = await client.get(
        LINKS.replace("/1/", "/9/"), headers=await bearer(installation, "owner", 2)
    )

    assert statuses == {
        "owner": 200,
        "organizer": 200,
        "gate": 403,
        "health": 403,
        "streaming": 403,
        "viewer": 403,
    }
    assert missing.status == 404
