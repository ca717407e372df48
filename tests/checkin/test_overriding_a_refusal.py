"""Letting in against a refusal, with a reason, by whoever may."""

from typing import Any

from eventhub.accounts.tables import audit_log
from eventhub.checkin import actions
from eventhub.checkin.tables import passages
from eventhub.db.engine import Database
from eventhub.wording import say
from tests.checkin import gate
from tests.checkin.gate import ASKING, brief


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
