"""Events and rooms through the API."""

from datetime import date, time

from eventhub.events.actions import get_event, list_rooms
from eventhub.events.model import Protocol
from eventhub.events.scheduling import Hours, Scheduling, TravelMinutes
from eventhub.installation import Installation
from tests import callers, make
from tests.callers import Client

NEW = {
    "slug": "rakortekrenbang-2021",
    "title": "Rakortekrenbang 2021",
    "starts_on": "2021-02-25",
    "ends_on": "2021-02-27",
    "time_zone": "Asia/Jakarta",
}


async def test_an_owner_makes_an_event_with_every_day_and_the_usual_protocol(
    client: Client, installation: Installation
) -> None:
    headers = await callers.bearer(installation, "owner", None)

    answer = await client.post("/api/v1/events", headers=headers, json=NEW)

    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == "/api/v1/events/rakortekrenbang-2021"
    assert await answer.json() == NEW | {
        "days": ["2021-02-25", "2021-02-26", "2021-02-27"],
        "day_starts_at": "04:00",
        "auto_exit_at": None,
        "languages": ["id", "en"],
        "state": "draft",
        "protocol": {
            "enabled": True,
            "max_temperature_c": 37.3,
            "mask_required": True,
            "declaration_required": False,
            "protocol_percent": 50,
            "recheck": "daily",
            "proof": {"required": False, "accepts": []},
            "retention_days": 14,
        },
        "presence_rule": {"minutes": 10, "percent": 50, "background": True},
        "severities": {},
        "scheduling": {
            "travel_minutes": {"buildings": 15, "rooms": 0, "online": 15},
            "day_hours": None,
            "remote_hours": {"start": "07:00", "end": "18:00"},
            "friday_break": {"start": "11:30", "end": "13:00"},
            "weekend": ["sat", "sun"],
            "holidays": [],
        },
    }


async def test_only_an_owner_makes_events(client: Client, installation: Installation) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer")

    assert (await client.post("/api/v1/events", headers=headers, json=NEW)).status == 403


async def test_an_event_that_ends_before_it_starts_or_takes_an_address_of_the_site_is_refused(
    client: Client, installation: Installation
) -> None:
    headers = await callers.bearer(installation, "owner", None)

    backwards = await client.post(
        "/api/v1/events", headers=headers, json=NEW | {"ends_on": "2021-02-24"}
    )
    taken = await client.post("/api/v1/events", headers=headers, json=NEW | {"slug": "manage"})
    kinds = await client.post(
        "/api/v1/events", headers=headers, json=NEW | {"severities": {"mood": "warn"}}
    )

    assert [error["field"] for error in (await backwards.json())["errors"]] == ["ends_on"]
    assert [error["field"] for error in (await taken.json())["errors"]] == ["slug"]
    assert [error["field"] for error in (await kinds.json())["errors"]] == ["severities.mood"]
    assert (await (await client.get("/api/v1/events", headers=headers)).json())["items"] == []


async def test_moved_dates_keep_extra_days_and_fields_of_the_protocol_that_were_not_sent(
    client: Client, installation: Installation
) -> None:
    event = make.event(
        protocol=Protocol(declaration_required=True, proof_required=True),
        days=(date(2021, 2, 16), date(2021, 2, 25), date(2021, 2, 26), date(2021, 2, 27)),
    )
    await make.stored(installation.database, event)
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}
    change = {"ends_on": "2021-02-26", "protocol": {"max_temperature_c": 37.5}}

    answer = await client.patch("/api/v1/events/rakortek", headers=headers, json=change)

    assert answer.status == 200
    async with installation.database.reading() as tx:
        changed = await get_event(tx, "rakortek")
    assert changed.days == (date(2021, 2, 16), date(2021, 2, 25), date(2021, 2, 26))
    assert changed.version == 2
    assert changed.protocol == Protocol(
        declaration_required=True, proof_required=True, max_temperature_c=37.5
    )


async def test_what_sessions_are_held_against_is_changed_field_by_field(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}
    change = {
        "travel_minutes": {"buildings": 30},
        "day_hours": {"start": "07:00", "end": "01:00"},
        "friday_break": None,
        "weekend": ["sun", "fri", "sun"],
        "holidays": ["2021-03-11", "2021-02-12"],
    }

    answer = await client.patch(
        "/api/v1/events/rakortek", headers=headers, json={"scheduling": change}
    )

    assert (await answer.json())["scheduling"] == {
        "travel_minutes": {"buildings": 30, "rooms": 0, "online": 15},
        "day_hours": {"start": "07:00", "end": "01:00"},
        "remote_hours": {"start": "07:00", "end": "18:00"},
        "friday_break": None,
        "weekend": ["fri", "sun"],
        "holidays": ["2021-02-12", "2021-03-11"],
    }
    async with installation.database.reading() as tx:
        assert (await get_event(tx, "rakortek")).scheduling == Scheduling(
            travel_minutes=TravelMinutes(buildings=30),
            day_hours=Hours(time(7), time(1)),
            friday_break=None,
            weekend=("fri", "sun"),
            holidays=(date(2021, 2, 12), date(2021, 3, 11)),
        )


async def test_hours_that_end_before_they_start_and_unknown_days_are_refused(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}
    here = "/api/v1/events/rakortek"
    backwards = {
        "remote_hours": {"start": "18:00", "end": "07:00"},
        "day_hours": {"start": "08:00", "end": "08:00"},
    }
    unknown = {"weekend": ["sabtu"], "travel_minutes": {"rooms": 300}, "mood": 1}

    refused = await client.patch(here, headers=headers, json={"scheduling": backwards})
    unread = await client.patch(here, headers=headers, json={"scheduling": unknown})

    assert [error["field"] for error in (await refused.json())["errors"]] == [
        "scheduling.day_hours.end",
        "scheduling.remote_hours.end",
    ]
    assert {error["field"] for error in (await unread.json())["errors"]} == {
        "scheduling.weekend.0",
        "scheduling.travel_minutes.rooms",
        "scheduling.mood",
    }
    async with installation.database.reading() as tx:
        assert await get_event(tx, "rakortek") == make.event()


async def test_a_rooms_limit_follows_its_own_percent_then_the_protocols_and_is_rounded_down(
    client: Client, installation: Installation
) -> None:
    await make.stored(
        installation.database,
        make.event(),
        make.room(capacity=25),
        make.room(2, capacity=25, protocol_percent=30),
    )
    headers = await callers.bearer(installation, "viewer")

    rooms = await (await client.get("/api/v1/events/rakortek/rooms", headers=headers)).json()

    assert [(room["code"], room["limit"]) for room in rooms["items"]] == [
        ("room-1", 12),
        ("room-2", 7),
    ]


async def test_a_room_in_use_is_not_taken_out(client: Client, installation: Installation) -> None:
    await make.stored(
        installation.database, make.event(), make.room(), make.room(2), make.session()
    )
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}

    used = await client.delete("/api/v1/events/rakortek/rooms/room-1", headers=headers)
    free = await client.delete("/api/v1/events/rakortek/rooms/room-2", headers=headers)

    assert (used.status, free.status) == (409, 204)
    async with installation.database.reading() as tx:
        assert [room.code for room in await list_rooms(tx, 1)] == ["room-1"]


async def test_days_and_rooms_do_not_change_below_what_stands_on_them(
    client: Client, installation: Installation
) -> None:
    beside = make.session(2, starts_at=make.at("09:30"))
    await make.stored(
        installation.database,
        make.event(),
        make.room(parallel=True),
        make.session(title="Pembukaan"),
        beside,
    )
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}

    later = await client.patch(
        "/api/v1/events/rakortek", headers=headers, json={"starts_on": "2021-02-26"}
    )
    single = await client.patch(
        "/api/v1/events/rakortek/rooms/room-1", headers=headers, json={"parallel": False}
    )

    assert (later.status, single.status) == (409, 409)
    kinds = [conflict["kind"] for conflict in (await later.json())["conflicts"]]
    assert kinds == ["outside_days", "outside_days"]
    assert [conflict["kind"] for conflict in (await single.json())["conflicts"]] == ["room"]
    async with installation.database.reading() as tx:
        assert (await get_event(tx, "rakortek")).starts_on == date(2021, 2, 25)
        assert [room.parallel for room in await list_rooms(tx, 1)] == [True]


async def test_a_conflict_that_was_there_before_forbids_no_other_change(
    client: Client, installation: Installation
) -> None:
    outside = make.session(
        starts_at=make.at("09:00", "2021-03-09"), ends_at=make.at("10:00", "2021-03-09")
    )
    await make.stored(installation.database, make.event(), make.room(), outside)
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}

    answer = await client.patch(
        "/api/v1/events/rakortek", headers=headers, json={"title": "Rakortek 2021"}
    )

    assert answer.status == 200


async def test_a_wrong_time_of_day_and_a_wrong_proof_are_named_by_their_fields(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer") | {"If-Match": '"1"'}
    proof = {"required": True, "accepts": [{"kind": "pcr", "valid_hours": 0}]}

    answer = await client.patch(
        "/api/v1/events/rakortek",
        headers=headers,
        json={"day_starts_at": "25:00", "protocol": {"proof": proof}},
    )

    assert (await answer.json())["errors"] == [
        {"field": "day_starts_at", "message": "This is no time of day, such as 04:00."},
        {"field": "protocol.proof.accepts.0.valid_hours", "message": "This must be at least 1."},
        {"field": "protocol.proof.accepts.0.kind", "message": "This must be one of: vaccine."},
        {"field": "protocol.proof.accepts.0.min_doses", "message": "This field is needed."},
    ]
