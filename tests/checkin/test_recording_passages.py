"""What becomes of scans: answers, repetitions, order, and who is inside afterwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from eventhub.checkin.model import Reason, Status
from eventhub.checkin.tables import passages, visits
from eventhub.db.engine import Database
from eventhub.wording import say
from tests import make
from tests.checkin import gate
from tests.checkin.gate import ASKING, WELL, brief


async def test_a_valid_ticket_is_admitted_and_the_answer_says_who_and_how_many(
    database: Database,
) -> None:
    hall = await gate.built(database)
    item = hall.item(1, "door-1")

    [result] = await hall.record(item)

    assert result.holder is not None
    assert (result.nonce, brief(result)) == (item["nonce"], ("ok", None))
    assert (result.holder.participant_id, result.holder.name, result.holder.delegation) == (
        1,
        "Kepala Bappeda Provinsi 1",
        "office-1",
    )
    assert (result.checkpoint, result.inside, result.limit) == ("door-1", 1, 50)
    assert (result.conflicts, result.replayed) == ((), False)
    assert result.explanation == say("Welcome.")
    assert await hall.inside() == {"room-1": 1}


async def test_results_stand_in_the_order_given_and_are_decided_in_the_order_of_the_scans(
    database: Database,
) -> None:
    hall = await gate.built(database)
    later, earlier = hall.item(1, minute=5), hall.item(1, minute=1)

    results = await hall.record(later, earlier)

    assert [r.nonce for r in results] == [later["nonce"], earlier["nonce"]]
    assert [brief(r) for r in results] == [("refused", "already_in"), ("ok", None)]


async def test_a_malformed_item_stops_none_of_the_others_and_is_not_stored(
    database: Database,
) -> None:
    hall = await gate.built(database)
    good = hall.item(1)
    wrong: list[Any] = [
        None,
        7,
        [],
        {},
        hall.item(2, "no-such-gate"),
        hall.item(2, type="sideways"),
        hall.item(2, nonce="no uuid"),
        hall.item(2, nonce=5),
        hall.item(2, scanned_at="2021-02-25T09:00"),
        hall.item(2, scanned_at=1614218400),
        hall.item(2, scanned_at="yesterday"),
        hall.item(2, surprise=1),
        hall.item(2, secret=None),
        hall.item(2, secret="A" * 5000),
        hall.item(2, health={"temperature_c": "36.4"}),
        hall.item(2, health={"temperature_c": True}),
        hall.item(2, health={"temperature_c": float("nan")}),
        hall.item(2, health={"temperature_c": 364}),
        hall.item(2, health={"fever": True}),
        hall.item(2, health=[]),
        hall.item(2, force="yes"),
        hall.item(2, force=True),
        hall.item(2, force=True, force_reason="  "),
        hall.item(2, offline=True),
        hall.item(2, offline=True, decided="maybe"),
    ]

    results = await hall.record(*wrong, good)

    assert [brief(r) for r in results] == [("refused", "malformed")] * len(wrong) + [("ok", None)]
    assert await hall.written() == (1, 1, 0)
    assert (
        str(results[8].explanation)
        == "scanned_at: This is no moment, such as 2021-02-25T09:00+07:00."
    )


async def test_every_scan_is_stored_with_its_moment_and_its_arrival_refused_ones_too(
    database: Database,
) -> None:
    hall = await gate.built(database)
    arrival = hall.now + timedelta(minutes=3)

    await hall.record(
        hall.item(1), hall.item(1, minute=1), hall.item("HELLO", minute=2), at=arrival
    )

    assert await hall.rows(
        passages, "scanned_at", "arrived_at", "status", "reason", "participant_id"
    ) == [
        (hall.now, arrival, "ok", None, 1),
        (hall.now + timedelta(minutes=1), arrival, "refused", "already_in", 1),
        (hall.now + timedelta(minutes=2), arrival, "refused", "unknown", None),
    ]


async def test_what_is_no_ticket_is_kept_as_a_fingerprint_only(database: Database) -> None:
    hall = await gate.built(database)

    await hall.scan("HC1:6BFOXN%TSMAHN-H")

    async with database.reading() as tx:
        [row] = (await tx.execute(sa.select(passages))).all()
    assert "HC1" not in repr(row)
    assert row.fingerprint == gate.SECRETS.fingerprints.derive("HC1:6BFOXN%TSMAHN-H")


async def test_the_same_nonce_answers_as_the_first_time_and_writes_nothing(
    database: Database,
) -> None:
    hall = await gate.built(database, protocol=ASKING)
    item = hall.item(1, health=WELL)
    [first] = await hall.record(item)
    await hall.scan(2, health=WELL)
    written = await hall.written()

    [again] = await hall.record(item)

    assert again == replace(first, replayed=True)
    assert await hall.written() == written


async def test_a_nonce_sent_again_offline_may_differ_in_what_the_device_added(
    database: Database,
) -> None:
    hall = await gate.built(database, protocol=ASKING)
    item = hall.item(1, health=WELL)
    [first] = await hall.record(item)

    [again] = await hall.record(
        item
        | {"offline": True, "decided": "refused", "health": None, "nonce": item["nonce"].upper()}
    )

    assert again == replace(first, replayed=True, nonce=item["nonce"].upper())
    assert await hall.written() == (1, 1, 1)


async def test_another_scan_under_a_used_nonce_is_malformed(database: Database) -> None:
    hall = await gate.built(database)
    item = hall.item(1)
    await hall.record(item)

    results = await hall.record(
        item | {"secret": hall.texts[2]},
        item | {"checkpoint": "gate-2"},
        item | {"type": "exit"},
        item | {"scanned_at": make.at("09:01").isoformat()},
    )

    assert [brief(r) for r in results] == [("refused", "malformed")] * 4
    assert await hall.written() == (1, 1, 0)


async def test_a_nonce_twice_in_one_batch_is_a_repetition_or_malformed(database: Database) -> None:
    hall = await gate.built(database)
    item = hall.item(1)

    first, same, other = await hall.record(item, item, item | {"checkpoint": "gate-2"})

    assert (brief(first), first.replayed) == (("ok", None), False)
    assert same == replace(first, replayed=True)
    assert brief(other) == ("refused", "malformed")
    assert await hall.written() == (1, 1, 0)


async def test_an_incomplete_scan_is_answered_again_under_a_new_nonce(database: Database) -> None:
    hall = await gate.built(database, protocol=ASKING)
    asked = hall.item(1)

    results = [
        (await hall.record(item))[0]
        for item in (
            asked,
            asked | {"health": WELL},
            hall.item(1, minute=1, health={"temperature_c": 36.4}),
            hall.item(1, minute=2, health=WELL),
        )
    ]

    assert [(brief(r), r.replayed) for r in results] == [
        (("incomplete", "temperature_missing"), False),
        (("incomplete", "temperature_missing"), True),
        (("incomplete", "mask_missing"), False),
        (("ok", None), False),
    ]
    assert await hall.inside() == {None: 1}


async def test_entry_to_room_b_closes_the_visit_in_room_a(database: Database) -> None:
    hall = await gate.built(database)

    await hall.scan(1, "door-1", 0)
    moved = await hall.scan(1, "door-2", 5)

    assert (brief(moved), moved.inside) == (("ok", None), 1)
    assert await hall.inside() == {"room-2": 1}
    assert await hall.rows(visits, "room_id", "entered_at", "left_at") == [
        (1, hall.now, hall.now + timedelta(minutes=5)),
        (2, hall.now + timedelta(minutes=5), None),
    ]


async def test_an_exit_is_always_recorded(database: Database) -> None:
    hall = await gate.built(database, protocol=ASKING)
    await hall.change("gate-2", open=False)

    told = [brief(await hall.scan(1, "gate-2", m, type="exit")) for m in (0, 1, -5 * 24 * 60)]

    assert told == [("ok", None)] * 3
    assert await hall.written() == (3, 0, 0)


async def test_an_online_scan_is_judged_as_of_its_own_moment(database: Database) -> None:
    hall = await gate.built(database)
    await hall.change("door-1", limit=1)
    await hall.scan(1, "door-1", 10)

    earlier = await hall.scan(2, "door-1", 5)
    later = await hall.scan(3, "door-1", 11)

    assert (brief(earlier), earlier.inside) == (("ok", None), 1)
    assert (brief(later), later.inside) == (("refused", "full"), 2)
    [(kind, person, _)] = await hall.conflicts()
    assert (kind, person) == ("over_limit", 1)


async def test_a_device_scans_only_at_its_own_checkpoints(database: Database) -> None:
    hall = await gate.built(database)
    device = replace(gate.GATE, kind="device", checkpoints=("gate-2",))

    told = [brief(await hall.scan(1, code, by=device)) for code in ("gate-1", "gate-2")]

    assert told == [("refused", "malformed"), ("ok", None)]
    assert await hall.rows(passages, "by_kind", "by_id", "by_name") == [("device", 1, "gate")]


async def test_who_forgot_to_leave_yesterday_comes_in_today(database: Database) -> None:
    hall = await gate.built(database)
    await hall.scan(1)
    hall.now += timedelta(days=1)

    assert await hall.inside() == {}
    assert brief(await hall.scan(1)) == ("ok", None)
    assert await hall.inside() == {None: 1}


async def test_a_thousand_scans_in_one_batch(database: Database) -> None:
    hall = await gate.built(database, people=4)
    items = [hall.item(1 + n % 4, f"door-{1 + n % 2}", n / 10) for n in range(1000)]

    results = await hall.record(*items)

    assert len({r.nonce for r in results}) == 1000
    assert await hall.written() == (1000, 4, 0)
    assert [r.status for r in results].count(Status.OK) == 4
    assert {r.reason for r in results} == {None, Reason.ALREADY_IN}
    assert str(uuid4()) not in {r.nonce for r in results}
