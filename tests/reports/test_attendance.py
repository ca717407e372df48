"""Attendance through the API, on both engines."""

from typing import Any

import pytest

from eventhub.db.engine import Database
from eventhub.installation import Installation
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.reports import world
from tests.standins.clock import StillClock

PATH = "/api/v1/events/rakortek/attendance"
NOBODY = {"onsite": 0, "meeting": 0, "stream": 0}


async def report(client: Client, auth: dict[str, str], query: str = "") -> dict[str, Any]:
    answer = await client.get(PATH + query, headers=auth)
    assert answer.status == 200, await answer.text()
    shape: dict[str, Any] = await answer.json()
    return shape


async def test_nobody_came_yet_and_the_invited_are_counted_once_each(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)

    shape = await report(client, await bearer(installation, "viewer"))

    assert shape == {
        "totals": {
            "invited": {"onsite": 3, "meeting": 2, "stream": 1},
            "present": NOBODY,
            "attended": NOBODY,
            "people": {"invited": 4, "present": 0, "attended": 0},
            "minutes": 0,
        },
        "sessions": [
            {
                "session": "opening",
                "invited": {"onsite": 1, "meeting": 2, "stream": 1},
                "present": NOBODY,
                "attended": NOBODY,
            },
            {
                "session": "closing",
                "invited": {"onsite": 2, "meeting": 0, "stream": 0},
                "present": NOBODY,
                "attended": NOBODY,
            },
        ],
        "delegations": [
            {"delegation": "office-2", "invited": 2, "present": 0, "attended": 0, "minutes": 0},
            {"delegation": "office-1", "invited": 2, "present": 0, "attended": 0, "minutes": 0},
        ],
        "provinces": [
            {"province": "office-2", "invited": 2, "present": 0, "attended": 0, "minutes": 0},
            {"province": "office-1", "invited": 2, "present": 0, "attended": 0, "minutes": 0},
        ],
    }


async def test_a_provinces_agencies_count_with_it(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)
    agency = make.delegation(3, kind="agency", parent="office-2")
    ministry = make.delegation(4, kind="ministry")
    person = make.participant(5, delegation_id=3, attendance="stream")
    await make.stored(database, agency, ministry, person)
    async with database.transaction() as tx:
        await world.watched(tx, 4, make.at("09:00"), make.at("09:19"))
        await world.watched(tx, 5, make.at("09:00"), make.at("09:09"))

    shape = await report(client, await bearer(installation, "viewer"))
    await signed_in(client, installation, "viewer")
    page = await (await client.get("/manage/rakortek/reports/provinces?day=all")).text()

    assert shape["provinces"][0] == {
        "province": "office-2", "invited": 2, "present": 2, "attended": 2, "minutes": 30,
    }  # fmt: skip
    assert [each["province"] for each in shape["provinces"]] == ["office-2", "office-1"]
    assert "Bappeda Papua" in page


async def test_visits_joins_and_beats_are_presence_and_minutes_attend(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)
    async with database.transaction() as tx:
        await world.visited(tx, 1, make.at("08:40"), make.at("09:20"))
        await world.watched(tx, 2, make.at("09:00"), make.at("09:00"), "meeting")
        await world.watched(tx, 3, make.at("08:50"), make.at("08:51"), "meeting")
        await world.watched(tx, 3, make.at("09:00"), make.at("09:05"), "meeting")
        await world.watched(tx, 3, make.at("09:30"), make.at("09:33"))
        await world.watched(tx, 4, make.at("08:50"), make.at("08:59"))

    shape = await report(client, await bearer(installation, "viewer"))
    other_day = await report(client, await bearer(installation, "gate"), "?day=2021-02-26")

    assert shape["sessions"][0] == {
        "session": "opening",
        "invited": {"onsite": 1, "meeting": 2, "stream": 1},
        "present": {"onsite": 1, "meeting": 2, "stream": 1},
        "attended": {"onsite": 1, "meeting": 1, "stream": 0},
    }
    assert shape["delegations"] == [
        {"delegation": "office-2", "invited": 2, "present": 2, "attended": 1, "minutes": 10},
        {"delegation": "office-1", "invited": 2, "present": 2, "attended": 1, "minutes": 22},
    ]
    assert shape["totals"]["people"] == {"invited": 4, "present": 4, "attended": 2}
    assert shape["totals"]["minutes"] == 32
    assert [each["session"] for each in other_day["sessions"]] == ["closing"]
    assert other_day["totals"]["people"] == {"invited": 2, "present": 0, "attended": 0}


@pytest.mark.parametrize(
    ("entered", "left", "more", "present", "minutes"),
    [
        ("08:30", "08:45", {}, 1, 0),
        ("08:29", "08:45", {}, 0, 0),
        ("08:00", "09:04", {}, 1, 5),
        ("09:55", "11:00", {}, 1, 5),
        ("10:00", "11:00", {}, 0, 0),
        ("09:00", None, {}, 1, 30),
        ("09:10", "09:20", {"room_id": 2}, 0, 0),
        ("09:10", "09:20", {"room_id": None}, 0, 0),
        ("09:00", None, {"day": world.DAY.replace(day=24)}, 0, 0),
    ],
)
async def test_a_visit_to_the_room_counts_from_half_an_hour_before(
    client: Client,
    installation: Installation,
    database: Database,
    clock: StillClock,
    entered: str,
    left: str | None,
    more: dict[str, Any],
    present: int,
    minutes: int,
) -> None:
    await world.stored(database)
    day = "2021-02-24" if more.get("day") else "2021-02-25"
    async with database.transaction() as tx:
        leaving = make.at(left) if left else None
        await world.visited(tx, 1, make.at(entered, day), leaving, **more)
    clock.moment = make.at("09:29")

    shape = await report(client, await bearer(installation))

    assert shape["sessions"][0]["present"]["onsite"] == present
    assert shape["totals"]["minutes"] == minutes


async def test_only_what_is_published_counts_once_the_event_is(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database, state="published")
    await make.stored(
        database,
        make.session(3, code="published", state="published"),
        make.session(4, code="cancelled", state="cancelled"),
    )

    shape = await report(client, await bearer(installation))

    assert [each["session"] for each in shape["sessions"]] == ["published"]


async def test_a_day_that_is_none_is_refused_and_another_event_is_not_found(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)
    await make.stored(database, make.event(2))

    wrong = await client.get(f"{PATH}?day=soon", headers=await bearer(installation))
    foreign = await client.get(PATH, headers=await bearer(installation, "viewer", 2))

    assert [error["field"] for error in (await wrong.json())["errors"]] == ["day"]
    assert (wrong.status, foreign.status) == (422, 404)
