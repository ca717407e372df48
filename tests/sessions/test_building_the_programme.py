"""Sessions through the API: what is refused by name, and that refused things changed nothing."""

from typing import Any

from eventhub.installation import Installation
from eventhub.sessions import actions
from tests import callers, make
from tests.callers import Client

SESSIONS = "/api/v1/events/rakortek/sessions"
PANEL = {
    "code": "panel",
    "title": "Panel",
    "format": "onsite",
    "starts_at": "2021-02-25T09:30+07:00",
    "ends_at": "2021-02-25T10:30+07:00",
    "room": "room-1",
}


async def codes(installation: Installation) -> list[str]:
    async with installation.database.reading() as tx:
        return [session.code for session in await actions.list_sessions(tx, 1, actions.Wanted())]


async def send(client: Client, headers: dict[str, str], body: Any) -> tuple[int, Any]:
    answer = await client.post(SESSIONS, headers=headers, json=body)
    return answer.status, await answer.json()


async def test_a_session_comes_back_as_it_was_sent(
    client: Client, installation: Installation
) -> None:
    await make.stored(
        installation.database, make.event(), make.room(), make.delegation(), make.participant()
    )
    headers = await callers.bearer(installation, "organizer")
    body = PANEL | {
        "kind": "panel",
        "format": "hybrid",
        "meeting_url": "https://meet.example.org/panel",
        "speakers": [1],
        "audience": [{"delegation": "office-1", "attendance": "meeting"}],
    }

    made = await client.post(SESSIONS, headers=headers, json=body)
    shown = await client.get(f"{SESSIONS}/panel", headers=headers)

    assert made.status == 201
    assert made.headers["ETag"] == shown.headers["ETag"] == '"1"'
    assert (
        await shown.json()
        == await made.json()
        == body
        | {
            "abstract": "",
            "starts_at": "2021-02-25T02:30:00Z",
            "ends_at": "2021-02-25T03:30:00Z",
            "minutes": 60,
            "time_zone": "Asia/Jakarta",
            "stream": False,
            "track": "",
            "state": "draft",
            "sequence": 0,
        }
    )


async def test_a_taken_room_is_refused_with_the_name_of_what_stands_there_and_changes_nothing(
    client: Client, installation: Installation
) -> None:
    await make.stored(
        installation.database, make.event(), make.room(), make.session(title="Pembukaan")
    )
    headers = await callers.bearer(installation, "organizer")

    status, problem = await send(client, headers | {"Accept-Language": "en"}, PANEL)

    assert status == 409
    assert problem["detail"] == "Ruang 1 is taken by Pembukaan, Thu 25 Feb 2021, 09:00 WIB."
    assert problem["conflicts"] == [
        {
            "kind": "room",
            "severity": "block",
            "sessions": ["panel", "session-1"],
            "subject": {"type": "room", "code": "room-1", "name": "Ruang 1"},
            "further": [],
            "count": 1,
            "explanation": problem["detail"],
        }
    ]
    assert await codes(installation) == ["session-1"]


async def test_an_office_called_to_two_sessions_at_once_is_refused(
    client: Client, installation: Installation
) -> None:
    called = make.session(audience=(make.audience(delegation_id=1),))
    await make.stored(
        installation.database, make.event(), make.room(), make.room(2), make.delegation(), called
    )
    headers = await callers.bearer(installation, "organizer")
    audience = [{"delegation": "office-1", "attendance": "meeting"}]

    status, problem = await send(client, headers, PANEL | {"room": "room-2", "audience": audience})

    assert status == 409
    assert [conflict["kind"] for conflict in problem["conflicts"]] == ["office"]
    assert await codes(installation) == ["session-1"]


async def test_every_wrong_field_is_named_at_once(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer")
    body = {"title": "a\u0007b", "format": "zoom", "starts_at": "2021-02-25T09:00", "wrong": 1}

    status, problem = await send(client, headers, body)

    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [
        "title",
        "format",
        "starts_at",
        "ends_at",
        "wrong",
    ]
    assert await codes(installation) == []


async def test_fields_that_do_not_go_together_and_unknown_ones_are_named(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer")
    strangers = PANEL | {
        "speakers": [9],
        "audience": [
            {"delegation": "nobody", "attendance": "onsite"},
            {"participant": 9, "attendance": "onsite"},
            {"attendance": "onsite"},
        ],
    }
    backwards = PANEL | {"format": "hybrid", "room": None, "ends_at": PANEL["starts_at"]}

    _, unknown = await send(client, headers, strangers)
    _, wrong = await send(client, headers, backwards)

    assert [error["field"] for error in unknown["errors"]] == [
        "room",
        "speakers.0",
        "audience.0.delegation",
        "audience.1.participant",
        "audience.2",
    ]
    assert [error["field"] for error in wrong["errors"]] == ["ends_at", "room", "meeting_url"]
    assert await codes(installation) == []


async def test_a_move_needs_the_version_last_seen_and_refused_moves_change_nothing(
    client: Client, installation: Installation
) -> None:
    panel = make.session(2, starts_at=make.at("10:00"), ends_at=make.at("11:00"))
    await make.stored(installation.database, make.event(), make.room(), make.session(), panel)
    headers = await callers.bearer(installation, "organizer")
    onto = {"starts_at": "2021-02-25T09:30+07:00"}
    address = f"{SESSIONS}/session-2"

    without = await client.patch(address, headers=headers, json=onto)
    stale = await client.patch(address, headers=headers | {"If-Match": '"7"'}, json=onto)
    taken = await client.patch(address, headers=headers | {"If-Match": '"1"'}, json=onto)

    assert (without.status, stale.status, taken.status) == (428, 412, 409)
    async with installation.database.reading() as tx:
        assert await actions.get_session(tx, 1, "session-2") == panel


async def test_a_session_moves_where_nothing_stands_in_the_way(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room(), make.session())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}
    there = {"starts_at": "2021-02-26T09:00+07:00", "ends_at": "2021-02-26T10:00+07:00"}

    answer = await client.patch(f"{SESSIONS}/session-1", headers=headers, json=there)

    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert (await answer.json())["starts_at"] == "2021-02-26T02:00:00Z"


async def test_a_placement_is_tried_without_changing_anything(
    client: Client, installation: Installation
) -> None:
    panel = make.session(2, starts_at=make.at("10:00"), ends_at=make.at("11:00"))
    await make.stored(installation.database, make.event(), make.room(), make.session(), panel)
    headers = await callers.bearer(installation, "organizer")
    address = f"{SESSIONS}/session-2/check"

    free = await client.post(address, headers=headers, json={"starts_at": "2021-02-25T10:30+07:00"})
    taken = await client.post(
        address, headers=headers, json={"starts_at": "2021-02-25T09:30+07:00"}
    )

    assert await free.json() == {"conflicts": []}
    assert [conflict["kind"] for conflict in (await taken.json())["conflicts"]] == ["room"]
    async with installation.database.reading() as tx:
        assert await actions.get_session(tx, 1, "session-2") == panel


async def test_sessions_are_listed_by_start_a_page_at_a_time(
    client: Client, installation: Installation
) -> None:
    later = [
        make.session(n, starts_at=make.at(f"{8 + n:02}:00"), ends_at=make.at(f"{9 + n:02}:00"))
        for n in (3, 2, 1)
    ]
    await make.stored(installation.database, make.event(), make.room(), *later)
    headers = await callers.bearer(installation, "viewer")

    first = await (await client.get(f"{SESSIONS}?limit=2", headers=headers)).json()
    rest = await (await client.get(f"{SESSIONS}?cursor={first['next']}", headers=headers)).json()
    broken = await client.get(f"{SESSIONS}?cursor=nonsense", headers=headers)

    assert [item["code"] for item in first["items"]] == ["session-1", "session-2"]
    assert ([item["code"] for item in rest["items"]], rest["next"]) == (["session-3"], None)
    assert broken.status == 422


async def test_the_same_request_sent_twice_under_one_key_makes_one_session(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event(), make.room())
    headers = await callers.bearer(installation, "organizer") | {"Idempotency-Key": "first try"}

    once = await send(client, headers, PANEL)
    again = await send(client, headers, PANEL)
    other = await send(client, headers, PANEL | {"title": "Other"})

    assert once == again
    assert (once[0], other[0]) == (201, 422)
    assert await codes(installation) == ["panel"]
