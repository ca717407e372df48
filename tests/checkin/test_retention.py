"""Health data end when the days that the protocol names have gone by; attendance stays."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from eventhub.accounts.tables import audit_log
from eventhub.checkin import retention
from eventhub.checkin.tables import (
    declarations,
    dismissals,
    health_readings,
    passages,
    proofs,
    visits,
)
from eventhub.db.engine import Database
from eventhub.events.model import Protocol
from tests import make
from tests.checkin import gate

PROTOCOL = Protocol(enabled=True, declaration_required=False, retention_days=14)
HOT = {"temperature_c": 38.4, "mask": True}


async def forget(hall: gate.Hall, at: datetime) -> None:
    async with hall.database.transaction() as tx:
        await retention.forget(tx, hall.event, at)


async def prove_vaccine(hall: gate.Hall) -> None:
    await hall.write(
        proofs,
        participant_id=1,
        kind="vaccine",
        taken_at=hall.now - timedelta(days=30),
        doses=2,
        seen_by_role="health",
        seen_by="health",
        seen_at=hall.now,
    )


async def full_hall(database: Database) -> gate.Hall:
    """Build a hall in which participant 1 was refused, let in by force and sent home, and 2 came well."""
    hall = await gate.built(database, protocol=PROTOCOL)
    await hall.declare(1, symptoms=True)
    await hall.prove(1, hours_ago=3)
    await prove_vaccine(hall)
    await hall.scan(1, health=HOT)
    await hall.scan(1, "gate-1", 1, by=gate.HEALTH, force=True, force_reason="Measured again")
    await hall.scan(2, health=gate.WELL)
    await hall.write(
        dismissals,
        participant_id=1,
        day=hall.event.days[0],
        reason="Fever",
        dismissed_by="health",
        dismissed_at=hall.now,
    )
    return hall


async def test_within_the_days_of_retention_everything_stays(database: Database) -> None:
    hall = await full_hall(database)

    await forget(hall, hall.now + timedelta(days=14))

    assert len(await hall.rows(health_readings, "nonce")) == 2
    assert len(await hall.rows(declarations, "id")) == 1
    assert len(await hall.rows(proofs, "id")) == 2
    assert len(await hall.rows(dismissals, "id")) == 1
    assert [row[0] for row in await hall.rows(passages, "reason")] == [
        "temperature_high",
        None,
        None,
    ]


async def test_after_them_health_is_gone_and_attendance_stays(database: Database) -> None:
    hall = await full_hall(database)
    inside = await hall.inside()

    await forget(hall, hall.now + timedelta(days=14, minutes=2))

    assert await hall.rows(health_readings, "nonce") == []
    assert await hall.rows(declarations, "id") == []
    assert await hall.rows(dismissals, "id") == []
    told = ("participant_id", "status", "reason", "objection", "health", "force_reason")
    assert await hall.rows(passages, *told) == [
        (1, "refused", None, None, None, None),
        (1, "ok", None, None, None, None),
        (2, "ok", None, None, None, None),
    ]
    assert len(await hall.rows(visits, "id")) == 2
    assert await hall.inside() == inside
    async with database.reading() as tx:
        detail = sa.select(audit_log.c.detail).where(audit_log.c.action == "passage.forced")
        assert set((await tx.execute(detail)).scalar_one()) == {"checkpoint", "nonce"}


async def test_a_vaccination_is_kept_for_the_whole_event_and_its_days_of_retention(
    database: Database,
) -> None:
    hall = await gate.built(
        database, protocol=PROTOCOL, ends_on=make.event().days[0] + timedelta(days=20)
    )
    await hall.prove(1, hours_ago=3)
    await prove_vaccine(hall)

    await forget(hall, hall.now + timedelta(days=20))
    assert await hall.rows(proofs, "kind") == [("vaccine",)]

    await forget(hall, hall.now + timedelta(days=36))
    assert await hall.rows(proofs, "kind") == []


async def test_what_another_event_keeps_longer_stays(database: Database) -> None:
    hall = await full_hall(database)
    other = await gate.with_event(hall, protocol=PROTOCOL)

    async with database.transaction() as tx:
        await retention.forget(tx, other, hall.now + timedelta(days=400))

    assert len(await hall.rows(health_readings, "nonce")) == 2
