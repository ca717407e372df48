"""Announcements: who may make them, who is told, and what pages opened later show."""

import re
from datetime import timedelta
from typing import Any

import pytest

from eventhub.accounts import audit
from eventhub.installation import Installation
from eventhub.web.access import Role
from tests.callers import Client, bearer, signed_in
from tests.live.listening import listening
from tests.live.scene import page_token, publish_two_streams
from tests.standins.clock import OPENING_DAY, StillClock

API = "/api/v1/events/rakortek/announcements"
PAGE = "/manage/rakortek/announcements"
TEXT = "Sesi dimulai 15 menit lebih lambat.\nMohon menunggu."


@pytest.fixture(autouse=True)
async def world(installation: Installation) -> None:
    await publish_two_streams(installation.database)


@pytest.fixture
async def owner(installation: Installation) -> dict[str, str]:
    return await bearer(installation)


async def announce(
    client: Client, owner: dict[str, str], text: str = TEXT, session: str | None = None
) -> dict[str, Any]:
    answer = await client.post(API, json={"text": text, "session": session}, headers=owner)
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


async def test_an_announcement_is_kept_and_listed_the_latest_first(
    client: Client, installation: Installation, owner: dict[str, str]
) -> None:
    first = await announce(client, owner)
    second = await announce(client, owner, "Makan siang di lobi.", "session-2")
    viewer = await bearer(installation, Role.VIEWER)

    listed = await (await client.get(API, headers=viewer)).json()
    paged = await (await client.get(f"{API}?limit=1", headers=viewer)).json()
    rest = await (await client.get(f"{API}?limit=1&cursor={paged['next']}", headers=viewer)).json()

    assert first == {
        "id": 1,
        "text": TEXT,
        "session": None,
        "at": "2021-02-25T01:30:00Z",
        "author": "owner of 1",
        "taken_back_at": None,
    }
    assert second["session"] == "session-2"
    assert listed == {"items": [second, first], "next": None}
    assert (paged["items"], rest["items"]) == ([second], [first])


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OWNER, 201),
        (Role.ORGANIZER, 201),
        (Role.STREAMING, 201),
        (Role.GATE, 403),
        (Role.HEALTH, 403),
        (Role.VIEWER, 403),
    ],
)
async def test_organizers_and_the_streaming_team_announce_and_nobody_else(
    role: Role, status: int, client: Client, installation: Installation
) -> None:
    token = await bearer(installation, role)

    answer = await client.post(API, json={"text": TEXT}, headers=token)
    listed = await (await client.get(API, headers=token)).json()

    assert answer.status == status
    assert len(listed["items"]) == (status == 201)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n "}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"text": "bell \x07"}, "text"),
        ({}, "text"),
        ({"text": TEXT, "session": "nowhere"}, "session"),
        ({"text": TEXT, "urgent": True}, "urgent"),
    ],
)
async def test_what_cannot_be_announced_is_refused_by_field(
    body: dict[str, Any], field: str, client: Client, owner: dict[str, str]
) -> None:

    answer = await client.post(API, json=body, headers=owner)
    listed = await (await client.get(API, headers=owner)).json()

    assert answer.status == 422
    assert [fault["field"] for fault in (await answer.json())["errors"]] == [field]
    assert listed["items"] == []


async def test_everybody_who_listens_is_told_at_once(
    client: Client, installation: Installation, owner: dict[str, str]
) -> None:
    watch = "/live/rakortek?session=session-1"
    person = f"/live/rakortek?person={page_token(installation, 2)}"
    async with (
        listening(client, watch) as ear,
        listening(client, person) as other,
        listening(client) as public,
    ):
        await announce(client, owner)
        told = [await each.hear() for each in (ear, other, public)]

    data = {
        "id": 1,
        "text": TEXT,
        "session": None,
        "title": None,
        "at": "2021-02-25T01:30:00+00:00",
    }
    assert [each and each.name for each in told] == ["announcement"] * 3
    assert [each and each.data for each in told] == [data] * 3


async def test_what_concerns_a_session_is_told_to_its_audience_and_its_watch_page(
    client: Client, installation: Installation, owner: dict[str, str]
) -> None:
    listeners = {
        "watches session 1": "/live/rakortek?session=session-1",
        "watches session 2": "/live/rakortek?session=session-2",
        "invited to session 1": f"/live/rakortek?person={page_token(installation, 1)}",
        "invited to session 2": f"/live/rakortek?person={page_token(installation, 2)}",
        "nobody": "/live/rakortek",
    }
    heard = {}
    for name, path in listeners.items():
        async with listening(client, path) as ear:
            await announce(client, owner, name, "session-1")
            await announce(client, owner, "end")
            message = await ear.hear()
            assert message is not None
            heard[name] = message.data["text"] == name

    assert heard == {
        "watches session 1": True,
        "watches session 2": False,
        "invited to session 1": True,
        "invited to session 2": False,
        "nobody": False,
    }


async def shown(client: Client, path: str) -> list[str]:
    page = await (await client.get(path)).text()
    return re.findall(r'<li data-id="\d+"><p>([^<]*)</p>', page)


async def test_pages_opened_later_show_what_was_announced_today(
    client: Client, installation: Installation, owner: dict[str, str], clock: StillClock
) -> None:
    await announce(client, owner, "for all")
    await announce(client, owner, "for session 1", "session-1")
    first, second = "/rakortek/watch/session-1", "/rakortek/watch/session-2"
    mine, other = (f"/p/{page_token(installation, n)}/" for n in (1, 2))

    today = {path: await shown(client, path) for path in (first, second, mine, other)}
    clock.moment = OPENING_DAY + timedelta(days=1)
    tomorrow = {path: await shown(client, path) for path in (first, second, mine, other)}

    assert today == {
        first: ["for session 1", "for all"],
        second: ["for all"],
        mine: ["for session 1", "for all"],
        other: ["for all"],
    }
    assert set(map(tuple, tomorrow.values())) == {()}


async def test_an_organizer_announces_and_takes_back_on_a_page(
    client: Client, installation: Installation
) -> None:
    csrf = await signed_in(client, installation, Role.STREAMING)
    form = {"csrf": csrf, "text": TEXT, "session": "session-2"}

    posted = await client.post(PAGE, data=form, allow_redirects=False)
    page = await (await client.get(f"{PAGE}?lang=en")).text()
    seen = await shown(client, "/rakortek/watch/session-2")
    async with listening(client, "/live/rakortek?session=session-2") as ear:
        taken = await client.post(f"{PAGE}/1/take-back", data={"csrf": csrf}, allow_redirects=False)
        again = await client.post(f"{PAGE}/1/take-back", data={"csrf": csrf}, allow_redirects=False)
        told = await ear.hear()
    async with installation.database.reading() as tx:
        entries = [entry.action for entry in await audit.list_entries(tx, 1, None, 10)]

    assert (posted.status, taken.status, again.status) == (303, 303, 303)
    assert "Sidang 2" in page
    assert 'value="session-1"' in page
    assert seen == [TEXT]
    assert told is not None
    assert told.name == "announcement"
    assert told.data == {"id": 1, "session": "session-2", "taken_back": True}
    assert await shown(client, "/rakortek/watch/session-2") == []
    assert [entry for entry in entries if entry.startswith("announcement")] == [
        "announcement.taken_back",
        "announcement.made",
    ]


async def test_a_form_that_was_refused_keeps_what_was_typed(
    client: Client, installation: Installation
) -> None:
    csrf = await signed_in(client, installation)

    refused = await client.post(
        f"{PAGE}?lang=en", data={"csrf": csrf, "text": "", "session": "session-2"}
    )
    page = await refused.text()

    assert refused.status == 422
    assert re.search(r'<option value="session-2" selected>', page)
    assert "Nothing was announced yet." in page


async def test_what_is_not_there_cannot_be_taken_back(
    client: Client, installation: Installation
) -> None:
    csrf = await signed_in(client, installation)

    answer = await client.post(f"{PAGE}/7/take-back", data={"csrf": csrf})

    assert answer.status == 404
