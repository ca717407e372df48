"""Sessions without a time: in the tray they stand in nobody's way, and no release takes them."""

from typing import Any

import pytest

from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.reports import store as reports
from eventhub.sessions import actions
from eventhub.sessions.exchange.bringing_in import import_programme, read_for
from eventhub.sessions.exchange.writing import Form, publication, write
from eventhub.sessions.model import SessionState, Unscheduled
from tests import callers, make
from tests.callers import Client

EVENT = "/api/v1/events/rakortek"
SESSION = f"{EVENT}/sessions/session-1"
NOWHERE = {"starts_at": None, "ends_at": None}


@pytest.fixture
async def organizer(client: Client, installation: Installation) -> dict[str, str]:
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.room(2),
        make.delegation(),
        make.participant(),
        make.session(speakers=(1,), audience=(make.audience(delegation_id=1),)),
        make.session(2, starts_at=make.at("13:00"), ends_at=make.at("13:45"), room_id=2),
    )
    return await callers.bearer(installation, "organizer") | {"If-Match": "*"}


async def patch(client: Client, headers: dict[str, str], **changes: Any) -> tuple[int, Any]:
    answer = await client.patch(SESSION, headers=headers, json=changes)
    return answer.status, await answer.json()


async def release(client: Client, headers: dict[str, str]) -> list[tuple[str, str]]:
    answer = await client.post(f"{EVENT}/releases", headers=headers, json={})
    return [(each["session"], each["change"]) for each in (await answer.json())["changes"]]


async def tray(installation: Installation) -> list[Unscheduled]:
    async with installation.database.reading() as tx:
        return await actions.list_unscheduled(tx, 1)


async def test_a_session_is_made_without_a_time_where_one_without_room_could_not_stand(
    client: Client, organizer: dict[str, str]
) -> None:
    body = {"code": "later", "title": "Nanti", "format": "onsite", "minutes": 90, **NOWHERE}

    made = await client.post(f"{EVENT}/sessions", headers=organizer, json=body)
    shown = await client.get(f"{EVENT}/sessions/later", headers=organizer)

    assert made.status == 201
    answer = await shown.json()
    assert {
        name: answer[name] for name in ("starts_at", "ends_at", "minutes", "room", "state")
    } == {
        "starts_at": None,
        "ends_at": None,
        "minutes": 90,
        "room": None,
        "state": "draft",
    }


async def test_a_session_in_the_tray_keeps_what_it_is_and_how_long_it_lasts(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    status, shelved = await patch(client, organizer, **NOWHERE)

    assert (status, shelved["minutes"], shelved["room"]) == (200, 60, "room-1")
    assert (shelved["speakers"], shelved["audience"]) == (
        [1],
        [{"delegation": "office-1", "attendance": "onsite"}],
    )
    assert [(each.code, each.minutes) for each in await tray(installation)] == [("session-1", 60)]

    status, placed = await patch(client, organizer, starts_at="2021-02-25T08:00+07:00")

    assert (status, placed["starts_at"], placed["ends_at"]) == (
        200,
        "2021-02-25T01:00:00Z",
        "2021-02-25T02:00:00Z",
    )
    assert await tray(installation) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": None}, "starts_at"),
        ({"ends_at": None}, "ends_at"),
        ({"minutes": 0, **NOWHERE}, "minutes"),
        (
            {
                "starts_at": "2021-02-25T08:00+07:00",
                "ends_at": "2021-02-25T09:00+07:00",
                "minutes": 50,
            },
            "minutes",
        ),
    ],
)
async def test_half_a_time_is_refused_and_changes_nothing(
    client: Client,
    installation: Installation,
    organizer: dict[str, str],
    changes: dict[str, Any],
    field: str,
) -> None:
    status, problem = await patch(client, organizer, **changes)

    assert (status, [each["field"] for each in problem["errors"]]) == (422, [field])
    async with installation.database.reading() as tx:
        assert (await actions.get_session(tx, 1, "session-1")).version == 1


async def test_what_is_in_the_tray_stands_in_nobodys_way(
    client: Client, organizer: dict[str, str]
) -> None:
    twin = {
        "code": "twin", "title": "Kembar", "format": "onsite", "room": "room-1",
        "starts_at": "2021-02-25T09:00+07:00", "ends_at": "2021-02-25T10:00+07:00", "speakers": [1],
    }  # fmt: skip
    taken = await client.post(f"{EVENT}/sessions", headers=organizer, json=twin)
    await patch(client, organizer, **NOWHERE)

    free = await client.post(f"{EVENT}/sessions", headers=organizer, json=twin)
    there = await client.post(f"{SESSION}/check", headers=organizer, json={})
    back = await client.post(
        f"{SESSION}/check", headers=organizer, json={"starts_at": "2021-02-25T09:30+07:00"}
    )
    listed = await client.get(f"{EVENT}/conflicts", headers=organizer)

    assert (taken.status, free.status) == (409, 201)
    assert await there.json() == {"conflicts": []}
    assert {each["kind"] for each in (await back.json())["conflicts"]} == {"room", "speaker"}
    assert (await listed.json())["items"] == []


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", ["session-2", "session-1", "later"]),
        ("scheduled=true", ["session-2"]),
        ("scheduled=false", ["session-1", "later"]),
        ("day=2021-02-25", ["session-2"]),
    ],
)
async def test_the_list_ends_with_what_has_no_time_page_by_page(
    client: Client, organizer: dict[str, str], asked: str, codes: list[str]
) -> None:
    await patch(client, organizer, **NOWHERE)
    body = {"code": "later", "title": "Nanti", "format": "onsite", **NOWHERE}
    await client.post(f"{EVENT}/sessions", headers=organizer, json=body)

    found, cursor = [], ""
    while True:
        path = f"{EVENT}/sessions?limit=1&{asked}{cursor}"
        page = await (await client.get(path, headers=organizer)).json()
        found += [each["code"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert found == codes


async def test_a_release_leaves_the_tray_out(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await patch(client, organizer, **NOWHERE)

    assert await release(client, organizer) == [("session-2", "new")]
    assert [each.state for each in await tray(installation)] == [SessionState.DRAFT]


async def test_a_published_session_put_into_the_tray_is_told_as_cancelled_then_as_new(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await release(client, organizer)
    await patch(client, organizer, **NOWHERE)

    told = await release(client, organizer)
    silent = await release(client, organizer)
    async with installation.database.reading() as tx:
        last = await actions.latest_release(tx, 1)
        assert last is not None
        frozen = await actions.find_released(tx, last.id, "session-1")
    await patch(client, organizer, starts_at="2021-02-25T09:00+07:00")
    again = await release(client, organizer)

    assert (told, silent, again) == (
        [("session-1", "cancelled")],
        [],
        [("session-1", "new")],
    )
    assert frozen is not None
    assert (frozen.state, frozen.starts_at, frozen.sequence) == (
        SessionState.CANCELLED,
        make.at("09:00"),
        1,
    )
    shown = await (await client.get(SESSION, headers=organizer)).json()
    assert (shown["state"], shown["sequence"]) == ("published", 2)


async def test_a_published_session_that_comes_back_before_the_next_release_has_only_moved(
    client: Client, organizer: dict[str, str]
) -> None:
    await release(client, organizer)
    await patch(client, organizer, **NOWHERE)
    await patch(client, organizer, starts_at="2021-02-25T10:00+07:00")

    assert await release(client, organizer) == [("session-1", "moved")]


async def test_what_a_release_once_held_is_cancelled_in_the_tray_and_never_lost(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await release(client, organizer)
    await patch(client, organizer, **NOWHERE)
    await release(client, organizer)

    gone = await client.delete(SESSION, headers=organizer)
    shown = await (await client.get(SESSION, headers=organizer)).json()

    assert (gone.status, shown["state"]) == (204, "cancelled")
    assert await tray(installation) == []
    assert await release(client, organizer) == []
    first = await client.get(f"{EVENT}/releases/1", headers=organizer)
    assert len((await first.json())["changes"]) == 2


async def test_a_draft_in_the_tray_is_deleted(client: Client, organizer: dict[str, str]) -> None:
    await patch(client, organizer, **NOWHERE)

    await client.delete(SESSION, headers=organizer)

    assert (await client.get(SESSION, headers=organizer)).status == 404


async def test_reports_count_nothing_of_the_tray(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await patch(client, organizer, **NOWHERE)

    async with installation.database.reading() as tx:
        event = await get_event(tx, "rakortek")
        counted = await reports.list_sessions(tx, reports.counted_sessions(event))

    assert [each.code for each in counted] == ["session-2"]


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
async def test_tables_carry_the_tray_out_and_in_again(
    client: Client, installation: Installation, organizer: dict[str, str], form: Form
) -> None:
    await patch(client, organizer, **NOWHERE)
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        event = await get_event(tx, "rakortek")
        draft = await actions.draft_as_released(tx, event)
        waiting = await actions.draft_tray(tx, event)
    told = publication(
        event, draft, (), base="https://example.org", version="1", at=at, private=True, tray=waiting
    )
    listed = await read_for(event, write(told, form), "")

    async with installation.database.transaction() as tx:
        same = await import_programme(tx, event, listed, at=at, dry_run=True)
    await make.stored(installation.database, make.event(2, slug="salinan"))
    async with installation.database.transaction() as tx:
        copy = await get_event(tx, "salinan")
        copied = await import_programme(tx, copy, listed, at=at, dry_run=False)
        [held] = await actions.list_unscheduled(tx, copy.id)

    assert (same.unchanged, same.faulty) == (2, ())
    assert (copied.created, copied.faulty, copied.conflicts) == (2, (), ())
    assert (held.code, held.minutes, held.title) == ("session-1", 60, "Sidang 1")


async def test_a_row_without_a_start_puts_a_known_session_into_the_tray(
    installation: Installation, organizer: dict[str, str]
) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        rows = b"code,title,start,end,duration\nsession-1,Sidang 1,,,45\nbaru,Baru,,,\n"
        listed = await read_for(event, rows, "")
        imported = await import_programme(tx, event, listed, at=at, dry_run=False)

    assert (imported.created, imported.updated, imported.faulty) == (1, 1, ())
    assert [(each.code, each.minutes, each.audience) for each in await tray(installation)] == [
        ("session-1", 45, (make.audience(Attendance.ONSITE, delegation_id=1),)),
        ("baru", 60, ()),
    ]
