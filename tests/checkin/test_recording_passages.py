"""Every line of the interface's *Passages*, against both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from eventhub.accounts.tables import audit_log
from eventhub.checkin import actions, badge, store
from eventhub.checkin.model import Reason, Result, Status
from eventhub.checkin.tables import health_readings, passages, visits
from eventhub.db.engine import Database
from eventhub.events.model import AcceptedProof, Attendance, Protocol
from eventhub.participants.tables import participants
from eventhub.sessions.model import Session
from eventhub.wording import say
from tests import make
from tests.checkin import gate
from tests.checkin.gate import WELL

ASKING = Protocol(mask_required=True)


def brief(result: Result) -> tuple[str, str | None]:
    return result.status.value, result.reason.value if result.reason else None


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


async def test_reason_unknown(database: Database) -> None:
    hall = await gate.built(database)
    _private, _public = badge.new_key()
    async with database.reading() as tx:
        key = await store.find_key(tx, 1)
    assert key is not None
    own = gate.SECRETS.sealer.unseal(key.sealed_private_key)
    never_issued = badge.write(own, key_id=key.key_id, event_id=1, number=42)

    assert brief(await hall.scan("")) == ("refused", "unknown")
    assert brief(await hall.scan(never_issued)) == ("refused", "unknown")


async def test_reason_bad_signature(database: Database) -> None:
    hall = await gate.built(database)
    text = hall.texts[1]
    private, _ = badge.new_key()
    forged = badge.write(private, key_id=1, event_id=1, number=42)
    tampered = text[:60] + ("A" if text[60] != "A" else "B") + text[61:]
    of_no_event = badge.write(private, key_id=1, event_id=77, number=42)

    results = [await hall.scan(secret) for secret in (forged, tampered, of_no_event)]

    assert [brief(r) for r in results] == [("refused", "bad_signature")] * 3
    assert await hall.inside() == {}


async def test_a_ticket_typed_by_a_hardware_scanner_is_read(database: Database) -> None:
    hall = await gate.built(database)

    assert brief(await hall.scan(f" {hall.texts[1].lower()}\r\n")) == ("ok", None)


async def test_reason_revoked(database: Database) -> None:
    hall = await gate.built(database)
    async with database.transaction() as tx:
        fresh = await actions.reissue_ticket(
            tx, hall.event, 1, who="command", secrets=gate.SECRETS, at=hall.now + timedelta(days=1)
        )

    assert brief(await hall.scan(1)) == ("refused", "revoked")
    assert brief(await hall.scan(fresh.text)) == ("ok", None)


async def test_reason_wrong_event(database: Database) -> None:
    hall = await gate.built(database)
    other = await gate.with_event(hall)
    async with database.transaction() as tx:
        ticket = await actions.ticket_for(tx, other, 200, secrets=gate.SECRETS, at=hall.now)

    assert brief(await hall.scan(ticket.text)) == ("refused", "wrong_event")


async def test_reason_not_today(database: Database) -> None:
    hall = await gate.built(database)
    days = 24 * 60

    assert brief(await hall.scan(1, "gate-1", -days)) == ("refused", "not_today")
    assert brief(await hall.scan(1, "gate-1", 3 * days)) == ("refused", "not_today")
    # 03:59 belongs to the day before, which is the event's last.
    assert brief(await hall.scan(1, "gate-1", 2 * days + 18 * 60 + 59)) == ("ok", None)


async def test_reason_not_onsite(database: Database) -> None:
    hall = await gate.built(database)
    async with database.transaction() as tx:
        await tx.execute(
            participants.update()
            .where(participants.c.id == 1)
            .values(attendance=Attendance.MEETING)
        )

    assert brief(await hall.scan(1)) == ("refused", "not_onsite")


def meeting(**changes: Any) -> Session:
    return make.session(1, audience=(make.audience(delegation_id=2),), **changes)


async def test_reason_not_in_audience_within_30_minutes_before_and_during_a_session(
    database: Database,
) -> None:
    hall = await gate.built(database, things=(meeting(),))

    told = {m: brief(await hall.scan(1, "door-1", m)) for m in (-31, -30, 0, 59)}

    assert told == {
        -31: ("ok", None),
        -30: ("refused", "not_in_audience"),
        0: ("refused", "not_in_audience"),
        59: ("refused", "not_in_audience"),
    }


async def test_a_door_scan_during_a_session_is_attendance_at_it(database: Database) -> None:
    here = make.session(1, audience=(make.audience(delegation_id=1),))
    hall = await gate.built(database, things=(here,))

    await hall.scan(1, "door-1", -20)
    await hall.scan(1, "door-1", 70, type="exit")
    await hall.scan(2, "door-1", 80)

    assert await hall.rows(passages, "session_id") == [(1,), (None,), (None,)]


async def test_without_a_session_anybody_on_site_may_enter_and_no_gate_is_required(
    database: Database,
) -> None:
    hall = await gate.built(database, things=(meeting(room_id=2),))

    assert brief(await hall.scan(1, "door-1")) == ("ok", None)
    assert await hall.inside() == {"room-1": 1}


async def test_doors_mind_the_published_sessions_once_there_is_a_release(
    database: Database,
) -> None:
    draft = meeting()
    hall = await gate.built(database, things=(draft,), state="published")

    assert brief(await hall.scan(1, "door-1")) == ("ok", None)


async def test_reason_already_in(database: Database) -> None:
    hall = await gate.built(database)
    await hall.scan(1)

    assert brief(await hall.scan(1, "gate-2", 1)) == ("refused", "already_in")
    await hall.scan(1, "gate-2", 2, type="exit")
    assert brief(await hall.scan(1, "gate-2", 3)) == ("ok", None)


async def test_reason_full_by_the_protocols_percentage_of_the_room(database: Database) -> None:
    one_seat = make.room(3, code="small", capacity=3, protocol_percent=34)
    hall = await gate.built(database, things=(one_seat,), protocol=Protocol(mask_required=False))
    await hall.change("door-2", room_id=3)
    await hall.scan(1, "door-2")

    second = await hall.scan(2, "door-2", 1)

    assert (brief(second), second.inside, second.limit) == (("refused", "full"), 1, 1)
    await hall.scan(1, "door-2", 2, type="exit")
    assert brief(await hall.scan(2, "door-2", 3)) == ("ok", None)


async def test_a_checkpoints_limit_bounds_its_room_for_entries_through_it(
    database: Database,
) -> None:
    hall = await gate.built(database)
    await hall.change("door-1", limit=1)
    await hall.change("gate-1", limit=1)
    await hall.change("gate-2", limit=2)

    told = [
        brief(await hall.scan(*scan))
        for scan in (
            (1, "door-1", 0),
            (2, "door-1", 1),
            (1, "gate-2", 2),
            (2, "gate-1", 3),
            (2, "gate-2", 4),
            (3, "gate-2", 5),
        )
    ]

    full = ("refused", "full")
    assert told == [("ok", None), full, ("ok", None), full, ("ok", None), full]


async def test_reason_declaration_missing_and_unfit(database: Database) -> None:
    hall = await gate.built(database, protocol=replace(ASKING, declaration_required=True))
    await hall.declare(2, symptoms=True)
    await hall.declare(3, symptoms=True)
    await hall.declare(3)

    told = [brief(await hall.scan(n, health=WELL)) for n in (1, 2, 3)]

    assert told == [
        ("refused", "declaration_missing"),
        ("refused", "declaration_unfit"),
        ("ok", None),
    ]


async def test_reason_temperature_high_and_missing(database: Database) -> None:
    hall = await gate.built(database, protocol=ASKING)

    hot = await hall.scan(1, health={"temperature_c": 37.4, "mask": True})
    none = await hall.scan(2, health={"mask": True})

    assert (brief(hot), brief(none)) == (
        ("refused", "temperature_high"),
        ("incomplete", "temperature_missing"),
    )


async def test_reason_mask_missing(database: Database) -> None:
    hall = await gate.built(database, protocol=ASKING)

    assert brief(await hall.scan(1, health={"temperature_c": 36.4, "mask": False})) == (
        "incomplete",
        "mask_missing",
    )


async def test_reason_proof_missing_and_expired_at_the_moment_of_the_scan(
    database: Database,
) -> None:
    needed = replace(ASKING, proof_required=True, proof_accepts=(AcceptedProof("antigen", 24),))
    hall = await gate.built(database, protocol=needed)
    await hall.prove(2, 25)
    await hall.prove(3, 23.5)

    told = [
        brief(await hall.scan(n, "gate-1", m, health=WELL))
        for n, m in ((1, 0), (2, 0), (3, 31), (3, 30))
    ]

    assert told == [
        ("refused", "proof_missing"),
        ("refused", "proof_expired"),
        ("refused", "proof_expired"),
        ("ok", None),
    ]


async def test_reason_checkpoint_closed(database: Database) -> None:
    hall = await gate.built(database)
    await hall.change("gate-1", open=False)

    assert brief(await hall.scan(1)) == ("refused", "checkpoint_closed")
    assert brief(await hall.scan(1, type="exit")) == ("ok", None)


async def test_reason_not_allowed_is_force_without_the_right(database: Database) -> None:
    hall = await gate.built(database)
    await hall.change("gate-1", open=False)
    forced: dict[str, Any] = {"force": True, "force_reason": "Tamu menteri"}

    assert brief(await hall.scan(1, **forced)) == ("refused", "not_allowed")
    assert brief(await hall.scan(1, by=gate.HEALTH, **forced)) == ("refused", "not_allowed")
    assert brief(await hall.scan(1, by=gate.SUPERVISOR, **forced)) == ("ok", None)


async def test_gates_ask_health_on_the_first_entry_of_a_day_and_doors_do_not_ask(
    database: Database,
) -> None:
    hall = await gate.built(database, protocol=ASKING)
    day = 24 * 60

    told = [
        brief((await hall.record(item))[0])
        for item in (
            hall.item(1, "door-1", 0),
            hall.item(1, "gate-1", 1),
            hall.item(1, "gate-1", 2, health=WELL),
            hall.item(1, "gate-1", 3, type="exit"),
            hall.item(1, "gate-1", 4),
            hall.item(1, "gate-1", 5, type="exit"),
            hall.item(1, "gate-1", 6, health={"temperature_c": 38.5}),
            hall.item(1, "gate-1", day),
        )
    ]

    assert told == [
        ("ok", None),
        ("incomplete", "temperature_missing"),
        ("ok", None),
        ("ok", None),
        ("ok", None),
        ("ok", None),
        ("refused", "temperature_high"),
        ("incomplete", "temperature_missing"),
    ]


async def test_a_protocol_that_asks_once_asks_only_on_the_first_entry_of_all(
    database: Database,
) -> None:
    hall = await gate.built(database, protocol=replace(ASKING, recheck="once"))

    assert brief(await hall.scan(1)) == ("incomplete", "temperature_missing")
    assert brief(await hall.scan(1, "gate-1", 1, health=WELL)) == ("ok", None)
    assert brief(await hall.scan(1, "gate-1", 24 * 60)) == ("ok", None)


async def test_readings_are_kept_apart_from_passages(database: Database) -> None:
    hall = await gate.built(database, protocol=ASKING)
    item = hall.item(1, health=WELL)

    await hall.record(item, hall.item(2, health=None))

    assert await hall.rows(health_readings, "nonce", "temperature_c", "mask") == [
        (item["nonce"], 36.4, True)
    ]
    assert not {"temperature_c", "mask"} & set(passages.c.keys())


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


async def test_force_overrides_with_a_reason_and_is_audited(database: Database) -> None:
    hall = await gate.built(database)
    await hall.change("door-1", limit=1)
    await hall.scan(1, "door-1")
    item = hall.item(2, "door-1", 1, force=True, force_reason="Kursi tambahan")

    [result] = await hall.record(item, who=gate.SUPERVISOR)

    assert (brief(result), result.inside, result.limit) == (("ok", None), 2, 1)
    assert await hall.rows(passages, "forced", "force_reason") == [
        (False, None),
        (True, "Kursi tambahan"),
    ]
    assert await hall.rows(audit_log, "actor", "action", "subject", "detail") == [
        (
            "token supervisor",
            "passage.forced",
            "participant 2",
            {
                "checkpoint": "door-1",
                "reason": "full",
                "force_reason": "Kursi tambahan",
                "nonce": item["nonce"],
            },
        )
    ]
    assert await hall.conflicts() == []


async def test_health_officers_override_health_reasons(database: Database) -> None:
    hall = await gate.built(database, protocol=ASKING)
    hot = {"temperature_c": 39.0, "mask": True}

    result = await hall.scan(
        1, by=gate.HEALTH, health=hot, force=True, force_reason="Diukur ulang 36,8"
    )

    assert brief(result) == ("ok", None)
    assert result.explanation == say(
        "Let in by override: {reason}.", reason=say("Temperature too high")
    )


async def test_force_never_lets_in_what_is_no_live_ticket(database: Database) -> None:
    hall = await gate.built(database)
    async with database.transaction() as tx:
        await actions.reissue_ticket(
            tx, hall.event, 1, who="command", secrets=gate.SECRETS, at=hall.now
        )
    forced: dict[str, Any] = {"force": True, "force_reason": "Tamu menteri"}

    told = [brief(await hall.scan(who, by=gate.SUPERVISOR, **forced)) for who in ("HELLO", 1)]

    assert told == [("refused", "unknown"), ("refused", "revoked")]


async def test_offline_ok_is_a_fact_and_a_conflict_where_the_server_would_have_refused(
    database: Database,
) -> None:
    hall = await gate.built(database)
    first = hall.item(1)
    second = hall.item(1, "gate-2", 1, offline=True, decided="ok")
    await hall.record(first)

    [result] = await hall.record(second)

    assert (brief(result), result.inside) == (("ok", None), 1)
    assert [(c.kind.value, c.nonces) for c in result.conflicts] == [
        ("two_places", (first["nonce"], second["nonce"]))
    ]
    assert await hall.conflicts() == [("two_places", 1, (first["nonce"], second["nonce"]))]


async def test_offline_conflicts_of_every_kind(database: Database) -> None:
    hall = await gate.built(database, people=5, protocol=Protocol(mask_required=False))
    fact = {"offline": True, "decided": "ok"}
    well = {"health": WELL}
    await hall.change("door-1", limit=1)
    async with database.transaction() as tx:
        await actions.reissue_ticket(
            tx, hall.event, 5, who="command", secrets=gate.SECRETS, at=hall.now
        )
    items = {
        "a": hall.item(1, "gate-1", 0, **fact, **well),
        "already": hall.item(1, "gate-1", 1, **fact, **well),
        "b": hall.item(2, "door-1", 2, **fact),
        "over": hall.item(3, "door-1", 3, **fact),
        "hot": hall.item(4, "gate-1", 4, health={"temperature_c": 38.9}),
        "elsewhere": hall.item(4, "gate-2", 5, **fact, **well),
        "revoked": hall.item(5, "gate-2", 6, **fact, **well),
        "unknown": hall.item("HELLO", "gate-2", 7, **fact),
        "unasked": hall.item(2, "gate-2", 8, **fact),
    }

    results = await hall.record(*items.values())

    assert [brief(r) for r in results] == [
        *[("ok", None)] * 4,
        ("refused", "temperature_high"),
        *[("ok", None)] * 2,
        ("refused", "unknown"),
        ("ok", None),
    ]
    nonce = {name: item["nonce"] for name, item in items.items()}
    listed = [
        ("already_in", 1, (nonce["a"], nonce["already"])),
        ("over_limit", 3, (nonce["over"],)),
        ("refused_elsewhere", 4, (nonce["hot"], nonce["elsewhere"])),
        ("revoked", 5, (nonce["revoked"],)),
        ("unknown_ticket", None, (nonce["unknown"],)),
        ("refused_elsewhere", 2, (nonce["unasked"],)),
    ]
    assert await hall.conflicts() == listed
    assert [
        (c.kind.value, c.participant_id, c.nonces) for r in results for c in r.conflicts
    ] == listed


async def test_offline_refused_is_stored_as_refused(database: Database) -> None:
    hall = await gate.built(database)

    result = await hall.scan(1, offline=True, decided="refused")

    assert (brief(result), result.explanation) == (
        ("refused", None),
        say("Recorded as refused at {checkpoint}.", checkpoint="Gate-1"),
    )
    assert await hall.written() == (1, 0, 0)
    assert await hall.conflicts() == []


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
