"""Why a gate or door lets somebody not in."""

from datetime import timedelta
from typing import Any

from eventhub.checkin import actions, badge, store
from eventhub.checkin.tables import passages
from eventhub.db.engine import Database
from eventhub.events.model import Attendance, Protocol
from eventhub.participants.tables import participants
from eventhub.sessions.model import Session
from tests import make
from tests.checkin import gate
from tests.checkin.gate import brief


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
