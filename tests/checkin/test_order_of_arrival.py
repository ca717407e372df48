"""Offline scans arrive late, twice, split and shuffled: what the server then knows is the same."""

from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventhub.checkin.tables import crowds, health_readings, passages, visits
from eventhub.db.engine import Database
from eventhub.events.model import Protocol
from tests.checkin import gate
from tests.checkin.gate import Hall

PLACES = ("gate-1", "gate-2", "door-1", "door-2")


@st.composite
def offline_scans(draw: st.DrawFn) -> list[dict[str, Any]]:
    scans = st.fixed_dictionaries(
        {
            "who": st.sampled_from([1, 2, 3, "HELLO"]),
            "checkpoint": st.sampled_from(PLACES),
            "minute": st.integers(0, 5),
            "type": st.sampled_from(["entry", "entry", "exit"]),
            "decided": st.sampled_from(["ok", "ok", "ok", "refused"]),
            "health": st.sampled_from([None, {"temperature_c": 36.0}, {"temperature_c": 39.0}]),
        }
    )
    return draw(st.lists(scans, min_size=1, max_size=9))


async def known(hall: Hall) -> tuple[Any, ...]:
    stays = await hall.rows(visits, "participant_id", "room_id", "day", "entered_at", "left_at")
    scans = await hall.rows(passages, "nonce", "status", "reason", "objection", "health", "forced")
    return sorted(stays, key=str), sorted(scans), await hall.inside(), await hall.conflicts()


async def forget(hall: Hall) -> None:
    async with hall.database.transaction() as tx:
        for table in (health_readings, passages, visits, crowds):
            await tx.execute(sa.delete(table))


@pytest.fixture
async def order_hall(database: Database) -> Hall:
    hall = await gate.built(database, protocol=Protocol(mask_required=False))
    await hall.change("door-1", limit=1)
    await hall.change("gate-2", limit=2)
    return hall


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(offline_scans(), st.integers(0, 2**32))
async def test_no_permutation_split_or_repetition_of_offline_scans_changes_the_outcome(
    order_hall: Hall, scans: list[dict[str, Any]], seed: int
) -> None:
    random = Random(seed)
    items = [order_hall.item(offline=True, **scan) for scan in scans]
    await forget(order_hall)
    await order_hall.record(*items)
    straight = await known(order_hall)
    await forget(order_hall)

    shuffled = random.sample(items, len(items)) + random.choices(items, k=len(items) // 2)
    while shuffled:
        size = random.randint(1, len(shuffled))
        await order_hall.record(*shuffled[:size])
        shuffled = shuffled[size:]

    assert await known(order_hall) == straight
