"""Plans through the API: searched for by a process of their own, proposed, applied whole or not at all, taken back."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.sessions import store as sessions_store
from eventhub.sessions.model import AnySession, Format, Kind, Session
from eventhub.sessions.planner import actions, running, store
from eventhub.sessions.planner.store import PlanStatus
from tests import callers, make
from tests.callers import Client
from tests.sessions.planner.worlds import order, tray
from tests.standins.clock import StillClock

EVENT = "/api/v1/events/rakortek"
PLANS = f"{EVENT}/plans"
WANTED = {
    "kind": "desk",
    "days": ["2021-02-25", "2021-02-26"],
    "hours": [{"start": "09:00", "end": "12:00"}],
    "step_minutes": 60,
    "seconds": 10,
}
Headers = dict[str, str]


def desk(id: int, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "code": f"desk-{id}",
        "title": f"Desk {id}",
        "kind": Kind.DESK,
        "format": Format.HYBRID,
        "meeting_url": "https://meet.example.org/1",
        "track": "Desk",
        "audience": (make.audience(Attendance.MEETING, delegation_id=1),),
    }
    return make.session(id, **{**values, **changes})


@pytest.fixture(autouse=True)
async def programme(installation: Installation) -> None:
    await make.stored(
        installation.database,
        make.event(),
        make.room(1),
        make.room(2),
        make.delegation(1),
        make.participant(1),
        desk(1),
        desk(2, starts_at=make.at("14:00"), ends_at=make.at("15:00")),
        make.session(
            9, title="Pleno", room_id=1, starts_at=make.at("10:00"), ends_at=make.at("11:00")
        ),
    )
    async with installation.database.transaction() as tx:
        await sessions_store.insert_sessions(tx, [tray(desk(3))])


@pytest.fixture
async def organizer(installation: Installation, programme: None) -> Headers:
    return await callers.bearer(installation, "organizer")


@pytest.fixture(autouse=True)
async def nothing_left_running() -> AsyncIterator[None]:
    yield
    assert not [
        child for child in multiprocessing.active_children() if child.name.startswith("Spawn")
    ]


async def made(client: Client, headers: Headers, **changes: Any) -> int:
    answer = await client.post(PLANS, json={**WANTED, **changes}, headers=headers)
    assert answer.status == 202, await answer.text()
    return int((await answer.json())["id"])


async def until(client: Client, headers: Headers, plan: int, *ends: str) -> dict[str, Any]:
    async with asyncio.timeout(90):
        while True:
            answer = await client.get(f"{PLANS}/{plan}", headers=headers)
            found: dict[str, Any] = await answer.json()
            if found["status"] in ends:
                return found
            await asyncio.sleep(0.05)


async def ready(client: Client, headers: Headers, **changes: Any) -> dict[str, Any]:
    return await until(client, headers, await made(client, headers, **changes), "ready")


async def every(installation: Installation) -> dict[str, AnySession]:
    async with installation.database.reading() as tx:
        return {each.code: each for each in await store.list_every(tx, 1)}


async def test_a_plan_is_proposed_applied_in_one_go_and_taken_back(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    before = await every(installation)
    plan = await ready(client, organizer)
    proposal = plan["proposal"]

    assert plan["progress"]["placed"] == plan["progress"]["of"] == 3
    assert proposal["unplaced"] == proposal["conflicts"] == []
    assert await every(installation) == before
    moves = {move["session"]: move for move in proposal["moves"]}
    assert moves["desk-3"]["before"] is None

    answer = await client.post(f"{PLANS}/{plan['id']}/apply", headers=organizer)
    assert (answer.status, (await answer.json())["status"]) == (200, "applied")
    after = await every(installation)
    for code, move in moves.items():
        session = after[code]
        assert isinstance(session, Session)
        assert session.starts_at.isoformat().replace("+00:00", "Z") == move["after"]["starts_at"]
        assert session.version == before[code].version + 1
        assert session.audience == before[code].audience
    found = await (await client.get(f"{EVENT}/conflicts", headers=organizer)).json()
    assert found["items"] == []

    answer = await client.post(f"{PLANS}/{plan['id']}/take-back", headers=organizer)
    assert (answer.status, (await answer.json())["status"]) == (200, "taken_back")
    back = await every(installation)
    assert {code: (getattr(s, "starts_at", None), s.room_id) for code, s in back.items()} == {
        code: (getattr(s, "starts_at", None), s.room_id) for code, s in before.items()
    }

    answer = await client.post(f"{PLANS}/{plan['id']}/apply", headers=organizer)
    assert answer.status == 200


async def test_a_session_changed_since_is_named_and_nothing_is_moved(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    plan = await ready(client, organizer)
    seen = {"If-Match": "*", **organizer}
    changed = {"starts_at": make.at("15:00").isoformat(), "ends_at": make.at("16:00").isoformat()}
    await client.patch(f"{EVENT}/sessions/desk-2", json=changed, headers=seen)
    await client.delete(f"{EVENT}/sessions/desk-3", headers=seen)
    before = await every(installation)

    answer = await client.post(
        f"{PLANS}/{plan['id']}/apply", headers={**organizer, "Accept-Language": "en"}
    )

    problem = await answer.json()
    assert answer.status == 409
    assert problem["detail"].startswith("The programme has changed since this plan was made.")
    assert {c["sessions"][0]: c["explanation"] for c in problem["conflicts"]} == {
        "desk-2": "Desk 2 was changed; it starts Thu 25 Feb 2021, 15:00 WIB.",
        "desk-3": "desk-3 is no longer in the programme.",
    }
    assert await every(installation) == before
    assert (await until(client, organizer, plan["id"], "ready"))["status"] == "ready"


async def test_what_took_a_place_since_is_named_and_nothing_is_moved(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    wishes = {"own_day": 0, "east_early": 0, "few_gaps": 0, "stay": 3}
    plan = await ready(client, organizer, wishes=wishes)
    move = next(move for move in plan["proposal"]["moves"] if move["session"] == "desk-3")
    new = {
        "code": "baru", "title": "Baru", "format": "onsite", "room": move["after"]["room"],
        "starts_at": move["after"]["starts_at"], "ends_at": move["after"]["ends_at"],
    }  # fmt: skip
    added = await client.post(f"{EVENT}/sessions", json=new, headers=organizer)
    assert added.status == 201, await added.text()
    before = await every(installation)

    answer = await client.post(f"{PLANS}/{plan['id']}/apply", headers=organizer)

    problem = await answer.json()
    assert answer.status == 409
    assert {tuple(sorted(c["sessions"])) for c in problem["conflicts"]} == {("baru", "desk-3")}
    assert await every(installation) == before


async def test_a_plan_whose_sessions_moved_since_cannot_be_taken_back(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    plan = await ready(client, organizer)
    await client.post(f"{PLANS}/{plan['id']}/apply", headers=organizer)
    code = plan["proposal"]["moves"][0]["session"]
    await client.patch(
        f"{EVENT}/sessions/{code}", json={"title": "Lain"}, headers={"If-Match": "*", **organizer}
    )
    before = await every(installation)

    answer = await client.post(f"{PLANS}/{plan['id']}/take-back", headers=organizer)

    assert (answer.status, [c["sessions"] for c in (await answer.json())["conflicts"]]) == (
        409,
        [[code]],
    )
    assert await every(installation) == before


async def stored_desks(installation: Installation, count: int) -> None:
    """Store so many desk sessions that a search goes on until its time is over."""
    people = [make.participant(id, delegation_id=1) for id in range(100, 112)]
    sessions = [
        desk(
            id,
            speakers=(100 + id % 12,),
            room_id=1 + id % 2,
            audience=(),
            starts_at=make.at("09:00"),
        )
        for id in range(20, 20 + count)
    ]
    await make.stored(installation.database, *people, *sessions)


async def test_a_search_is_cancelled_and_its_process_ends(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    await stored_desks(installation, 60)
    plan = await made(client, organizer, seconds=600, step_minutes=5)

    second = await client.post(PLANS, json=WANTED, headers=organizer)
    answer = await client.post(f"{PLANS}/{plan}/cancel", headers=organizer)

    assert second.status == 409
    assert (await answer.json())["status"] == "cancelled"
    await client.app[running.SEARCHES].idle()
    assert (await until(client, organizer, plan, "cancelled"))["proposal"] is None
    again = await client.post(f"{PLANS}/{plan}/apply", headers=organizer)
    assert again.status == 409


async def test_a_search_gives_the_best_so_far_when_asked(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    await stored_desks(installation, 60)
    plan = await made(client, organizer, seconds=600, step_minutes=5)

    answer = await client.post(f"{PLANS}/{plan}/finish", headers=organizer)

    assert answer.status == 200
    found = await until(client, organizer, plan, "ready")
    assert found["progress"]["of"] == 63
    assert found["proposal"]["conflicts"] == []


async def test_a_server_that_ends_stops_its_searches(
    client: Client, installation: Installation, organizer: Headers
) -> None:
    await stored_desks(installation, 60)
    plan = await made(client, organizer, seconds=600, step_minutes=5)

    await client.app[running.SEARCHES].end()

    assert (await until(client, organizer, plan, "stopped"))["proposal"] is None


async def test_a_search_whose_server_was_killed_is_shown_and_noted_as_stopped(
    client: Client, installation: Installation, organizer: Headers, clock: StillClock
) -> None:
    async with installation.database.transaction() as tx:
        plan = await store.insert_plan(tx, 1, order(["desk-1"]), "panitia", clock.now())
    assert (await until(client, organizer, plan, "running"))["status"] == "running"

    clock.moment += timedelta(minutes=1)

    assert (await until(client, organizer, plan, "stopped"))["status"] == "stopped"
    await running.look_after(installation)
    async with installation.database.reading() as tx:
        assert (await store.get_plan(tx, 1, plan)).status is PlanStatus.STOPPED
    assert (await ready(client, organizer))["status"] == "ready"


async def test_plans_are_listed_newest_first_and_belong_to_organizers_of_their_event(
    client: Client, installation: Installation, organizer: Headers, clock: StillClock
) -> None:
    async with installation.database.transaction() as tx:
        for _ in range(3):
            await store.insert_plan(tx, 1, order(["desk-1"]), "panitia", clock.now())
    viewer = await callers.bearer(installation, "viewer")

    page = await (await client.get(f"{PLANS}?limit=2", headers=organizer)).json()
    rest = await (await client.get(f"{PLANS}?cursor={page['next']}", headers=organizer)).json()

    assert [[plan["id"] for plan in part["items"]] for part in (page, rest)] == [[3, 2], [1]]
    assert (await client.get(PLANS, headers=viewer)).status == 403
    assert (await client.post(PLANS, json=WANTED, headers=viewer)).status == 403
    for unknown in ("99", "abc", "99999999999"):
        assert (await client.get(f"{PLANS}/{unknown}", headers=organizer)).status == 404


async def test_days_the_event_has_not_and_parts_of_a_day_that_end_before_they_start_are_refused(
    client: Client, organizer: Headers
) -> None:
    hours = [{"start": "12:00", "end": "09:00"}]

    answer = await client.post(
        PLANS, json={**WANTED, "days": ["2030-01-01"], "hours": hours}, headers=organizer
    )

    assert answer.status == 422
    assert [fault["field"] for fault in (await answer.json())["errors"]] == ["days", "hours"]
    assert (await (await client.get(PLANS, headers=organizer)).json())["items"] == []


async def test_an_order_for_nothing_and_wrong_fields_are_refused(
    client: Client, organizer: Headers
) -> None:
    nothing = await client.post(PLANS, json={**WANTED, "track": "Tidak ada"}, headers=organizer)
    wrong = await client.post(
        PLANS,
        json={**WANTED, "hours": [{"start": "9", "end": "12:00"}], "seconds": 1},
        headers=organizer,
    )

    unknown = await client.post(
        PLANS, json={**WANTED, "sessions": ["desk-1", "x"], "pinned": ["y"]}, headers=organizer
    )

    assert nothing.status == 422
    assert wrong.status == 422
    assert [each["field"] for each in (await unknown.json())["errors"]] == ["sessions", "pinned"]
    assert {each["field"] for each in (await wrong.json())["errors"]} == {
        "hours.0.start",
        "seconds",
    }


async def test_without_the_extra_a_plan_is_refused_with_how_to_install_it(
    client: Client, organizer: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "find_spec", lambda _name: None)

    answer = await client.post(PLANS, json=WANTED, headers={**organizer, "Accept-Language": "en"})

    assert answer.status == 409
    assert 'pip install "ortools>=9.15,<9.16"' in (await answer.json())["detail"]


async def test_only_the_tray_is_planned_and_published_sessions_stay_when_asked(
    client: Client, organizer: Headers
) -> None:
    plan = await ready(client, organizer, only_unscheduled=True, keep_published=True)

    assert [move["session"] for move in plan["proposal"]["moves"]] == ["desk-3"]
    assert plan["progress"]["of"] == 1
