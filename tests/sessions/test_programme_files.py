"""The files of the last release, as programs fetch them."""

import json
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import Format
from tests import make
from tests.callers import Client

PUBLISHED_AT = make.at("08:00", "2021-02-20")
OPENING = make.session(
    code="buka", format=Format.HYBRID, stream=True, meeting_url="https://meet.example.org/rahasia", speakers=(1,)
)  # fmt: skip
FILES = (
    ("programme.ics", "text/calendar"),
    ("programme.csv", "text/csv"),
    ("schedule.xml", "application/xml"),
    ("schedule.json", "application/json"),
)


async def published(installation: Installation) -> None:
    """Store and publish a programme."""
    event = make.event()
    await make.stored(
        installation.database, event, make.room(), make.delegation(), make.participant(), OPENING
    )
    async with installation.database.transaction() as tx:
        await actions.publish(tx, event, note="", notify="none", who="test", at=PUBLISHED_AT)


@pytest.mark.parametrize(("name", "content_type"), FILES)
async def test_a_file_is_answered_whole_and_then_as_unchanged(
    client: Client, installation: Installation, name: str, content_type: str
) -> None:
    await published(installation)

    first = await client.get(f"/rakortek/{name}")
    again = await client.get(f"/rakortek/{name}", headers={"If-None-Match": first.headers["ETag"]})
    since = await client.get(
        f"/rakortek/{name}", headers={"If-Modified-Since": first.headers["Last-Modified"]}
    )

    assert (first.status, first.content_type) == (200, content_type)
    assert (await first.read()).count(b"rahasia") == 0
    assert (again.status, await again.read()) == (304, b"")
    assert (since.status, await since.read()) == (304, b"")


@pytest.mark.parametrize("name", [name for name, _ in FILES])
async def test_a_programme_that_is_not_published_has_no_files(
    client: Client, installation: Installation, name: str
) -> None:
    await make.stored(installation.database, make.event(), make.room(), OPENING_ALONE)

    assert (await client.get(f"/rakortek/{name}")).status == 404


OPENING_ALONE = make.session(code="buka")


async def test_the_frab_files_lead_to_the_pages_they_tell_of(
    client: Client, installation: Installation
) -> None:
    await published(installation)
    base = str(client.make_url("/rakortek/"))

    root: Element = fromstring(await (await client.get("/rakortek/schedule.xml")).read())
    whole = json.loads(await (await client.get("/rakortek/schedule.json")).text())

    (event,) = whole["schedule"]["conference"]["days"][0]["rooms"].popitem()[1]
    told = {name: root.findtext(f"day/room/event/{name}") for name in ("url", "date", "slug")}
    assert told == {name: event[name] for name in told}
    assert (
        await client.get(event["url"].removeprefix(base.removesuffix("/rakortek/")))
    ).status == 200
    assert event["links"] == [{"title": "stream", "url": f"{base}watch/buka", "type": "related"}]
    assert event["persons"][0]["name"] == "Kepala Bappeda Provinsi 1"
