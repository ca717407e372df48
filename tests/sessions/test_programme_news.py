"""Every write of sessions is told to open pages, and a release to the public too."""

from typing import Any

from eventhub import news
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.sessions.exchange.bringing_in import import_programme, read_for
from eventhub.web.access import Right
from tests import callers, make
from tests.callers import Client

SESSIONS = "/api/v1/events/rakortek/sessions"
READ = Right.PROGRAMME_READ.value


async def told(installation: Installation) -> list[tuple[dict[str, Any], str | None]]:
    async with installation.database.reading() as tx:
        items = await news.read_after(tx, {1: 0}, 100)
    return [(item.data, item.right) for item in items if item.kind is news.Kind.PROGRAMME]


async def test_adding_changing_and_removing_are_told_to_those_who_read_the_draft(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": "*"}
    body = {"code": "b", "title": "B", "format": "onsite", "starts_at": None, "ends_at": None}

    await client.post(SESSIONS, headers=headers, json=body)
    await client.patch(f"{SESSIONS}/session-1", headers=headers, json={"title": "Lain"})
    await client.delete(f"{SESSIONS}/session-1", headers=headers)

    assert await told(installation) == [
        ({"sessions": ["b"], "why": "changed"}, READ),
        ({"sessions": ["session-1"], "why": "changed"}, READ),
        ({"sessions": ["session-1"], "why": "changed"}, READ),
    ]


async def test_what_is_refused_is_not_told(client: Client, installation: Installation) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": "*"}

    refused = await client.patch(
        f"{SESSIONS}/session-1", headers=headers, json={"starts_at": "2021-03-25T09:00+07:00"}
    )

    assert refused.status in {409, 422}
    assert await told(installation) == []


async def test_a_release_tells_its_number_to_everybody_and_its_sessions_to_organizers(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer")

    await client.post("/api/v1/events/rakortek/releases", headers=headers, json={})

    assert await told(installation) == [
        ({"sessions": ["session-1"], "why": "released"}, READ),
        ({"release": 1}, None),
    ]


async def test_an_import_is_told_once_and_a_dry_run_never(installation: Installation) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        listed = await read_for(event, b"code,title,start\na,Satu,\nb,Dua,\n", "")
        await import_programme(tx, event, listed, at=at, dry_run=True)
    async with installation.database.transaction() as tx:
        await import_programme(tx, event, listed, at=at, dry_run=False)

    assert await told(installation) == [({"sessions": ["a", "b"], "why": "imported"}, READ)]
