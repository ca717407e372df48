"""The board's data, trying a place on it, and moving a session."""

from datetime import time
from typing import Any

import pytest

from eventhub.accounts import audit
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions import store
from eventhub.sessions.model import Format, Session, SessionState
from tests import callers, make
from tests.callers import Client

HERE = "/manage/rakortek/programme"
DAY = f"{HERE}/board.json?day=2021-02-25&lang=en"
TO_TEN = {
    "session": "session-1",
    "version": "1",
    "starts": "2021-02-25T10:00:00",
    "ends": "2021-02-25T11:00:00",
    "room": "room-2",
}
ENGLISH = {"Accept": "application/json", "Accept-Language": "en"}


@pytest.fixture(autouse=True)
async def programme(installation: Installation) -> None:
    await make.stored(
        installation.database,
        make.event(),
        make.room(1, name="Ruang Satu"),
        make.room(2, name="Ruang Dua"),
        make.delegation(1),
        make.delegation(2),
        make.participant(1),
        make.session(1, title="Pembukaan", audience=(make.audience(delegation_id=1),)),
        make.session(
            2, title="Panel", starts_at=make.at("13:00"), ends_at=make.at("14:00"), track="Panel"
        ),
        make.session(
            3,
            title="Daring",
            starts_at=make.at("13:00"),
            ends_at=make.at("14:00"),
            room_id=None,
            format=Format.ONLINE,
            meeting_url="https://meet.example.org/1",
            audience=(make.audience(Attendance.MEETING, delegation_id=2),),
        ),
    )


@pytest.fixture
async def csrf(client: Client, installation: Installation, programme: None) -> str:
    return await callers.signed_in(client, installation, "organizer")


async def stored(installation: Installation, code: str = "session-1") -> Session:
    async with installation.database.reading() as tx:
        session = await store.get_session(tx, 1, code)
    assert isinstance(session, Session)
    return session


async def post(client: Client, path: str, csrf: str, **fields: str) -> tuple[int, dict[str, Any]]:
    answer = await client.post(
        f"{HERE}/board/{path}", data=fields, headers=ENGLISH | {"X-CSRF-Token": csrf}
    )
    return answer.status, await answer.json()


async def test_a_day_is_told_in_the_events_wall_times(client: Client, csrf: str) -> None:
    day = await (await client.get(DAY)).json()

    assert (day["day"], day["from"], day["to"]) == ("2021-02-25", "07:00", "18:00")
    assert day["rooms"] == [
        {"code": "room-1", "name": "Ruang Satu"},
        {"code": "room-2", "name": "Ruang Dua"},
    ]
    assert day["sessions"][0] == {
        "code": "session-1",
        "title": "Pembukaan",
        "version": 1,
        "starts": "2021-02-25T09:00:00",
        "ends": "2021-02-25T10:00:00",
        "room": "room-1",
        "track": "",
        "state": "draft",
        "matches": True,
        "reasons": [],
        "more": 0,
    }
    assert [session["room"] for session in day["sessions"]] == ["room-1", "room-1", ""]


@pytest.mark.parametrize(
    ("choice", "standing_out"),
    [
        ("delegation=office-1", ["session-1"]),
        ("format=online", ["session-3"]),
        ("kind=panel", ["session-1", "session-2", "session-3"]),
        ("track=Panel", ["session-2"]),
        ("delegation=nowhere", []),
    ],
)
async def test_chosen_sessions_stand_out_and_the_others_stay(
    client: Client, csrf: str, choice: str, standing_out: list[str]
) -> None:
    day = await (await client.get(f"{DAY}&{choice}")).json()

    assert [each["code"] for each in day["sessions"] if each["matches"]] == standing_out
    assert len(day["sessions"]) == 3


async def test_an_unchanged_day_is_not_sent_again(
    client: Client, installation: Installation, csrf: str
) -> None:
    first = await client.get(DAY)
    seen = {"If-None-Match": first.headers["ETag"]}

    again = await client.get(DAY, headers=seen)
    await post(client, "move", csrf, **TO_TEN)
    later = await client.get(DAY, headers=seen)

    assert (first.status, again.status, later.status) == (200, 304, 200)
    assert (await later.json())["sessions"][0]["starts"] == "2021-02-25T10:00:00"


async def test_a_session_moves_in_time_and_room(
    client: Client, installation: Installation, csrf: str
) -> None:
    status, answer = await post(client, "move", csrf, **TO_TEN)

    assert (status, answer) == (200, {"version": 2})
    moved = await stored(installation)
    assert (moved.starts_at, moved.ends_at, moved.room_id, moved.version) == (
        make.at("10:00"),
        make.at("11:00"),
        2,
        2,
    )
    assert moved.audience == (make.audience(delegation_id=1),)
    async with installation.database.reading() as tx:
        line = (await audit.list_entries(tx, 1, None, 1))[0]
    assert (line.action, line.subject, line.actor) == (
        "session.moved",
        "session-1",
        "user organizer@example.org",
    )


async def test_a_move_from_an_old_board_is_refused_with_what_changed(
    client: Client, installation: Installation, csrf: str
) -> None:
    await post(client, "move", csrf, **TO_TEN)

    status, problem = await post(client, "move", csrf, **TO_TEN | {"room": "room-1"})

    assert status == 412
    assert problem["detail"] == (
        "organizer@example.org changed Pembukaan meanwhile: start Thu 25 Feb 2021, 09:00 WIB → Thu 25 Feb 2021,"
        " 10:00 WIB; room Ruang Satu → Ruang Dua. Your change was not saved."
    )
    assert (await stored(installation)).room_id == 2


async def test_a_session_cancelled_meanwhile_stays_cancelled(
    client: Client, installation: Installation, csrf: str
) -> None:
    async with installation.database.transaction() as tx:
        session = await store.get_session(tx, 1, "session-1")
        values = {"state": SessionState.CANCELLED, "version": 2}
        await store.save_session(tx, make.session(1, title=session.title, **values))

    status, problem = await post(client, "move", csrf, **TO_TEN)

    assert status == 412
    assert problem["detail"] == "Pembukaan was cancelled meanwhile. Your change was not saved."


async def test_a_taken_room_refuses_the_move_in_words(
    client: Client, installation: Installation, csrf: str
) -> None:
    wanted = {"starts": "2021-02-25T13:30:00", "ends": "2021-02-25T14:30:00", "room": "room-1"}

    status, problem = await post(client, "move", csrf, **TO_TEN | wanted)

    assert status == 409
    assert [conflict["explanation"] for conflict in problem["conflicts"]] == [
        "Ruang Satu is taken by Panel, Thu 25 Feb 2021, 13:00 WIB."
    ]
    assert (await stored(installation)).version == 1


@pytest.mark.parametrize(
    ("wanted", "status", "sentence"),
    [
        ({"room": ""}, 422, "A session on site needs a room."),
        ({"room": "nowhere"}, 422, "There is no room nowhere."),
        ({"ends": "2021-02-25T10:00:00"}, 422, "A session must end after it starts."),
        ({"starts": "0001-01-01T00:00:00"}, 422, "This moment is too far away."),
        ({"session": "nothing"}, 404, "There is no session nothing."),
    ],
)
async def test_an_impossible_place_is_refused_and_changes_nothing(
    client: Client,
    installation: Installation,
    csrf: str,
    wanted: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    answered, problem = await post(client, "move", csrf, **TO_TEN | wanted)

    assert answered == status
    assert sentence in str(problem)
    assert (await stored(installation)).version == 1


async def test_a_place_is_tried_without_changing_anything(
    client: Client, installation: Installation, csrf: str
) -> None:
    place = {name: value for name, value in TO_TEN.items() if name != "version"}

    free = await post(client, "check", csrf, **place)
    taken = await post(
        client,
        "check",
        csrf,
        **place
        | {"starts": "2021-02-25T13:00:00", "ends": "2021-02-25T14:00:00", "room": "room-1"},
    )
    nowhere = await post(client, "check", csrf, **place | {"room": ""})

    assert free == (200, {"reasons": [], "more": 0, "others": []})
    assert taken == (
        200,
        {
            "reasons": [
                {
                    "severity": "block",
                    "text": "Ruang Satu is taken by Panel, Thu 25 Feb 2021, 13:00 WIB.",
                }
            ],
            "more": 0,
            "others": ["session-2"],
        },
    )
    assert nowhere == (
        200,
        {
            "reasons": [{"severity": "block", "text": "A session on site needs a room."}],
            "more": 0,
            "others": [],
        },
    )
    assert (await stored(installation)).version == 1


async def test_conflicts_stand_on_every_card_they_touch(
    client: Client, installation: Installation, csrf: str
) -> None:
    await make.stored(
        installation.database,
        make.session(4, title="Sidang", starts_at=make.at("13:30"), ends_at=make.at("14:30")),
    )

    day = await (await client.get(DAY)).json()

    assert [(each["code"], len(each["reasons"])) for each in day["sessions"]] == [
        ("session-1", 0),
        ("session-2", 1),
        ("session-3", 0),
        ("session-4", 1),
    ]
    assert day["sessions"][3]["reasons"][0]["severity"] == "block"


async def test_a_day_that_ends_after_midnight_is_drawn_to_its_end(
    client: Client, installation: Installation
) -> None:
    await callers.signed_in(client, installation)
    night = make.event(2, day_starts_at=time(4))
    late = make.session(
        9,
        event_id=2,
        room_id=None,
        format=Format.ONLINE,
        stream=True,
        starts_at=make.at("23:00"),
        ends_at=make.at("01:30", "2021-02-26"),
    )
    await make.stored(installation.database, night, late)

    day = await (await client.get("/manage/rakortek-2/programme/board.json?day=2021-02-25")).json()

    assert (day["to"], day["sessions"][0]["ends"]) == ("26:00", "2021-02-26T01:30:00")


async def test_a_reader_sees_the_board_and_may_not_move(
    client: Client, installation: Installation
) -> None:
    csrf = await callers.signed_in(client, installation, "viewer")

    page = await client.get(f"{HERE}?view=board&day=2021-02-25&lang=en")
    day = await client.get(DAY)
    status, _ = await post(client, "move", csrf, **TO_TEN)
    checked, _ = await post(client, "check", csrf, **TO_TEN)

    assert (page.status, day.status, status, checked) == (200, 200, 403, 403)
    assert '"mayWrite": false' in await page.text()
    assert (await stored(installation)).version == 1


@pytest.mark.parametrize(
    "headers", [{"X-CSRF-Token": "another"}, {"Origin": "https://example.org"}]
)
async def test_a_move_from_elsewhere_is_refused(
    client: Client, installation: Installation, csrf: str, headers: dict[str, str]
) -> None:
    answer = await client.post(
        f"{HERE}/board/move", data=TO_TEN, headers={"X-CSRF-Token": csrf} | headers
    )

    assert answer.status == 403
    assert (await stored(installation)).version == 1


async def test_the_list_and_the_board_lead_to_each_other(client: Client, csrf: str) -> None:
    listed = await (await client.get(f"{HERE}?day=2021-02-25&lang=en")).text()
    board = await (await client.get(f"{HERE}?view=board&day=2021-02-25&track=Panel&lang=en")).text()

    assert f'href="{HERE}?view=board&amp;day=2021-02-25"' in listed
    assert f'href="{HERE}?day=2021-02-25"' in board
    assert 'href="?day=2021-02-26&amp;view=board&amp;track=Panel"' in board


async def test_a_drawn_place_fills_the_new_sessions_form(client: Client, csrf: str) -> None:
    asked = "starts=2021-02-26T13:15:00&ends=2021-02-26T14:00:00&room=room-2"

    text = await (await client.get(f"{HERE}/new?{asked}")).text()

    assert 'value="2021-02-26T13:15"' in text
    assert 'value="2021-02-26T14:00"' in text
    assert '<option value="room-2" selected>' in text
    assert '<option value="onsite" selected>' in text


async def test_what_is_too_near_across_the_border_of_the_day_is_told_on_both_days(
    client: Client, installation: Installation, csrf: str
) -> None:
    # The event's days begin at 04:00.
    speaking = (1,)
    night = make.at("03:00", "2021-02-26"), make.at("03:55", "2021-02-26")
    early = make.at("04:05", "2021-02-26"), make.at("05:00", "2021-02-26")
    online = {"room_id": None, "format": Format.ONLINE, "meeting_url": "https://meet.example.org/2"}
    await make.stored(
        installation.database,
        make.session(4, title="Malam", starts_at=night[0], ends_at=night[1], speakers=speaking),
        make.session(
            5, title="Subuh", starts_at=early[0], ends_at=early[1], speakers=speaking, **online
        ),
    )

    days = [
        await (await client.get(DAY.replace("02-25", day), headers=ENGLISH)).json()
        for day in ("02-25", "02-26")
    ]

    told = {
        each["title"]: [reason["text"] for reason in each["reasons"]]
        for day in days
        for each in day["sessions"]
        if each["title"] in {"Malam", "Subuh"}
    }
    assert all(
        "Between Malam and Subuh there are 10 minutes" in texts[0] for texts in told.values()
    )
    assert told.keys() == {"Malam", "Subuh"}


async def test_of_a_long_tray_those_chosen_come_first_and_the_rest_is_counted(
    client: Client, installation: Installation, csrf: str
) -> None:
    waiting = [make.waiting(n, track="Panel" if n > 210 else "") for n in range(10, 220)]
    await make.stored(installation.database, *waiting)

    every = await (await client.get(DAY, headers=ENGLISH)).json()
    panels = await (await client.get(f"{DAY}&track=Panel", headers=ENGLISH)).json()

    assert ([each["code"] for each in every["tray"]], every["unsent"]) == (
        [f"session-{n}" for n in range(10, 210)],
        {"chosen": 10, "others": 0},
    )
    assert [each["code"] for each in panels["tray"]] == [
        f"session-{n}" for n in (*range(211, 220), *range(10, 201))
    ]
    assert panels["unsent"] == {"chosen": 0, "others": 10}


@pytest.mark.parametrize("day", ["x", "", "0001-01-01", "9999-12-31"])
async def test_a_day_that_no_calendar_has_is_not_found(client: Client, csrf: str, day: str) -> None:
    answer = await client.get(f"{HERE}/board.json?day={day}", headers=ENGLISH)

    assert answer.status == 404
