"""A scan taken back by whoever made it, and leaving at a set hour."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient

from eventhub.accounts.tables import audit_log
from eventhub.checkin.annulling import annul
from eventhub.checkin.leaving import leave, leave_at_the_set_hour
from eventhub.checkin.tables import passages, visits
from eventhub.db.engine import Database
from eventhub.db.plain import hold_at_once
from eventhub.errors import Conflict, Forbidden, NotFound
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.web.access import Principal
from tests.callers import bearer
from tests.checkin import gate
from tests.checkin.gate import GATE, SUPERVISOR, Hall

URL = "/api/v1/events/rakortek"


async def taken_back(
    hall: Hall, nonce: str, *, who: Principal = GATE, minutes: float = 1
) -> datetime:
    at = hall.now + timedelta(minutes=minutes)
    return await hold_at_once(hall.database, annul(hall.event, nonce, who=who, at=at))


async def test_a_scan_taken_back_never_let_anybody_in(database: Database) -> None:
    hall = await gate.built(database)
    await hall.scan(1, "gate-1")
    item = hall.item(1, "door-1", 1)
    await hall.record(item)
    assert await hall.inside() == {None: 1, "room-1": 1}

    done = await taken_back(hall, item["nonce"].upper(), minutes=3)

    assert done == hall.now + timedelta(minutes=3)
    assert await hall.inside() == {None: 1}
    assert await hall.rows(visits, "room_id") == [(None,)]
    assert await hall.rows(passages, "annulled_at") == [(None,), (done,)]
    assert await hall.rows(audit_log, "action", "subject") == [
        ("passage.annulled", "participant 1")
    ]


async def test_an_exit_taken_back_leaves_the_visit_open(database: Database) -> None:
    hall = await gate.built(database)
    await hall.scan(1, "gate-1")
    out = hall.item(1, "gate-1", 1, type="exit")
    await hall.record(out)

    await taken_back(hall, out["nonce"])

    assert await hall.rows(visits, "room_id", "left_at") == [(None, None)]
    assert await hall.inside() == {None: 1}
    told = await hall.scan(1, "gate-1", 2)
    assert told.reason == "already_in"


async def test_only_its_scanner_takes_a_scan_back_and_only_for_15_minutes(
    database: Database,
) -> None:
    hall = await gate.built(database)
    item = hall.item(1)
    await hall.record(item)

    with pytest.raises(Forbidden):
        await taken_back(hall, item["nonce"], who=SUPERVISOR)
    with pytest.raises(Conflict):
        await taken_back(hall, item["nonce"], minutes=15.1)
    with pytest.raises(NotFound):
        await taken_back(hall, str(uuid4()))
    assert await hall.inside() == {None: 1}

    first = await taken_back(hall, item["nonce"], minutes=15)
    assert await taken_back(hall, item["nonce"], minutes=16) == first
    assert (await hall.record(item))[0].replayed
    assert await hall.inside() == {}


async def test_programs_take_scans_back(
    client: TestClient[Any, Any], installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await bearer(installation, "gate")
    other = await bearer(installation, "health")
    item = hall.item(1)
    await client.post(f"{URL}/passages", json={"passages": [item]}, headers=headers)

    refused = await client.post(f"{URL}/passages/{item['nonce']}/annul", headers=other)
    done = await client.post(f"{URL}/passages/{item['nonce']}/annul", headers=headers)
    missing = await client.post(f"{URL}/passages/{uuid4()}/annul", headers=headers)

    assert [refused.status, done.status, missing.status] == [403, 200, 404]
    assert await done.json() == {
        "nonce": item["nonce"],
        "annulled_at": installation.clock.now().isoformat().replace("+00:00", "Z"),
    }
    assert await hall.inside() == {}


async def test_at_the_set_hour_those_inside_leave_through_where_they_came(
    database: Database,
) -> None:
    hall = await gate.built(database)
    hall.event = replace(hall.event, auto_exit_at=time(18, 0))
    six = hall.now + timedelta(hours=9)
    await hall.scan(1, "gate-2")
    await hall.scan(1, "door-1", 5)
    await hall.scan(2, "door-2", 6)
    await hall.scan(3, "gate-1", 7)
    await hall.scan(3, "gate-1", 8, type="exit")
    at = six + timedelta(minutes=1)

    count = await hold_at_once(database, leave(hall.event, hall.event.days[0], at=at))
    again = await hold_at_once(database, leave(hall.event, hall.event.days[0], at=at))

    assert (count, again) == (2, 0)
    assert await hall.inside() == {}
    written = await hall.rows(passages, "participant_id", "type", "scanned_at", "by_kind")
    assert written[5:] == [(1, "exit", six, "auto"), (2, "exit", six, "auto")]
    stays = await hall.rows(visits, "participant_id", "room_id", "left_at")
    assert sorted(stays, key=str) == [
        (1, 1, six),
        (1, None, six),
        (2, 2, six),
        (3, None, hall.now + timedelta(minutes=8)),
    ]


async def test_the_round_knows_the_hour_of_each_event_and_spares_who_came_later(
    client: TestClient[Any, Any], installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    async with installation.database.transaction() as tx:
        event = await events.get_event(tx, "rakortek")
        await events.change_event(tx, event, {"auto_exit_at": time(8, 0)})
    await hall.scan(1, "gate-1", -120)
    await hall.scan(2, "gate-1", -45)

    await leave_at_the_set_hour(installation)

    assert await hall.inside() == {None: 1}
