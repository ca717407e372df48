"""What gates ask of health, and whom they refuse for it."""

from dataclasses import replace

from eventhub.checkin.tables import health_readings, passages
from eventhub.db.engine import Database
from eventhub.events.model import AcceptedProof
from tests.checkin import gate
from tests.checkin.gate import ASKING, WELL, brief


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
