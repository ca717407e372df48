"""Scans that were decided without the server are facts; what the server would have refused is a conflict."""

from eventhub.checkin import actions
from eventhub.db.engine import Database
from eventhub.events.model import Protocol
from eventhub.wording import say
from tests.checkin import gate
from tests.checkin.gate import WELL, brief


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
