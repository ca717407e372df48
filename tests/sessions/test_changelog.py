"""The public's changes: by day and in both zones on the page, and as a feed that programs fetch again and again."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.sessions import actions
from tests import make
from tests.callers import Client

ATOM = {"a": "http://www.w3.org/2005/Atom"}
PAPUA = {"Cookie": "zone=Asia%2FJayapura"}


async def released(installation: Installation, *changes: Mapping[str, Any]) -> None:
    """Publish two sessions, then session 1 once more after each change."""
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.room(2),
        make.session(1, title="Pembukaan <b>"),
        make.session(2, room_id=2, starts_at=make.at("13:00"), ends_at=make.at("14:00")),
    )
    await publish(installation, "09:00", "")
    for hour, change in enumerate(changes, 10):
        async with installation.database.transaction() as tx:
            event = await get_event(tx, "rakortek")
            session = await actions.get_session(tx, event.id, "session-1")
            await actions.change_session(tx, event, session, change, at=make.at("08:00"))
        await publish(installation, f"{hour}:00", "Sebab ruang dipakai.\nMaaf.")


async def publish(installation: Installation, wall: str, note: str) -> None:
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await actions.publish(
            tx, event, note=note, notify="none", who="test", at=make.at(wall, "2021-02-20")
        )


async def test_changes_stand_under_their_day_and_in_the_readers_own_time(
    client: Client, installation: Installation
) -> None:
    to = {"starts_at": make.at("10:00", "2021-02-26"), "ends_at": make.at("11:00", "2021-02-26")}
    await released(installation, to, {"room_id": 2})

    here = await (await client.get("/rakortek/changes?lang=en")).text()
    there = await (await client.get("/rakortek/changes?lang=en", headers=PAPUA)).text()

    assert here.index("Release 3") < here.index("Release 2") < here.index("Release 1")
    third, second = here.split('id="release-')[1:3]
    assert "<h3>Friday, 26 February 2021</h3>" in third
    assert "now takes place in room room-2" in third
    assert "<h3>Friday, 26 February 2021</h3>" in second
    assert "moves from Thu 25 Feb 2021, 09:00 WIB to Fri 26 Feb 2021, 10:00 WIB." in second
    assert "For you:" not in here
    assert "For you: Fri 26 Feb 2021, 12:00 WIT" in there
    assert "with 2 sessions" in here.split('id="release-1"')[1]


async def test_the_feed_tells_each_release_with_an_id_that_stays(
    client: Client, installation: Installation
) -> None:
    await released(installation, {"title": "Pembukaan & doa"})

    answer = await client.get("/rakortek/changes.atom?lang=en")
    body = await answer.read()
    again = await (await client.get("/rakortek/changes.atom?lang=id")).read()

    assert answer.content_type == "application/atom+xml"
    feed = ET.fromstring(body)  # noqa: S314 -- we wrote it
    base = str(client.make_url("/rakortek/changes"))
    assert feed.tag == f"{{{ATOM['a']}}}feed"
    assert [link.attrib for link in feed.findall("a:link", ATOM)] == [
        {"rel": "self", "type": "application/atom+xml", "href": f"{base}.atom"},
        {"rel": "alternate", "type": "text/html", "href": base},
    ]
    assert feed.findtext("a:updated", namespaces=ATOM) == "2021-02-20T03:00:00Z"
    assert feed.findtext("a:author/a:name", namespaces=ATOM) == "Rapat Koordinasi Teknis"
    entries = feed.findall("a:entry", ATOM)
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in entries] == [
        "Release 2",
        "Release 1",
    ]
    ids = [each.text for each in feed.iter(f"{{{ATOM['a']}}}id")]
    assert len(set(ids)) == 3
    assert all(each and each.startswith("urn:uuid:") for each in ids)
    others = ET.fromstring(again).iter(f"{{{ATOM['a']}}}id")  # noqa: S314 -- we wrote it
    assert [each.text for each in others] == ids
    assert entries[0].findtext("a:content", namespaces=ATOM) == (
        "<p>Sebab ruang dipakai.</p><p>Maaf.</p>"
        "<ul><li>“Pembukaan &lt;b&gt;” is now called “Pembukaan &amp; doa”.</li></ul>"
    )


async def test_the_feed_is_not_sent_again_until_a_release(
    client: Client, installation: Installation
) -> None:
    await released(installation)
    first = await client.get("/rakortek/changes.atom?lang=en")
    known = {"If-None-Match": first.headers["ETag"]}

    same = await client.get("/rakortek/changes.atom?lang=en", headers=known)
    other_language = await client.get("/rakortek/changes.atom?lang=id", headers=known)
    await publish(installation, "11:00", "")
    newer = await client.get("/rakortek/changes.atom?lang=en", headers=known)

    assert (same.status, other_language.status, newer.status) == (304, 200, 200)
    assert await same.read() == b""


async def test_pages_of_a_published_event_name_the_feed(
    client: Client, installation: Installation
) -> None:
    await released(installation)

    text = await (await client.get("/rakortek/")).text()

    assert 'type="application/atom+xml"' in text
    assert 'href="/rakortek/changes.atom"' in text
