"""The same ticket at several gates at once is let in once."""

import asyncio

from eventhub.checkin.model import Status
from eventhub.checkin.tables import tickets
from eventhub.db.engine import Database
from tests.checkin import gate


async def test_the_same_ticket_at_many_gates_at_the_same_moment_is_admitted_exactly_once(
    database: Database,
) -> None:
    hall = await gate.built(database)

    results = await asyncio.gather(
        *(hall.scan(1, f"gate-{1 + n % 2}") for n in range(8)),
    )

    assert [r.status for r in results].count(Status.OK) == 1
    assert await hall.inside() == {None: 1}


async def test_a_room_with_one_seat_takes_one_of_many(database: Database) -> None:
    hall = await gate.built(database, people=6)
    await hall.change("door-1", limit=1)

    results = await asyncio.gather(*(hall.scan(n, "door-1") for n in range(1, 7)))

    assert [r.status for r in results].count(Status.OK) == 1
    assert await hall.inside() == {"room-1": 1}


async def test_the_same_nonce_sent_many_times_at_once_is_stored_once(database: Database) -> None:
    hall = await gate.built(database)
    item = hall.item(1)

    results = await asyncio.gather(*(hall.record(item) for _ in range(6)))

    assert sorted(r[0].replayed for r in results) == [False, True, True, True, True, True]
    assert {r[0].status for r in results} == {Status.OK}
    assert await hall.written() == (1, 1, 0)


async def test_a_ticket_asked_for_many_times_at_once_is_issued_once(database: Database) -> None:
    hall = await gate.built(database)
    async with database.transaction() as tx:
        await tx.execute(tickets.delete())

    texts = await asyncio.gather(*(hall.ticket(1) for _ in range(5)))

    assert len(set(texts)) == 1
    assert len(await hall.rows(tickets, "id")) == 1


async def test_scanners_whose_clocks_differ_by_seconds_let_a_ticket_in_once(
    database: Database,
) -> None:
    hall = await gate.built(database)

    first = await hall.scan(1, "gate-1", 0.05)
    second = await hall.scan(1, "gate-2", 0)
    earlier = await hall.scan(1, "gate-2", -1)

    assert [r.reason for r in (first, second, earlier)] == [None, "already_in", None]


async def test_scanners_whose_clocks_differ_by_seconds_give_a_seat_once(database: Database) -> None:
    hall = await gate.built(database)
    await hall.change("door-1", limit=1)

    first = await hall.scan(1, "door-1", 0.05)
    second = await hall.scan(2, "door-1", 0)

    assert [r.reason for r in (first, second)] == [None, "full"]


async def test_who_leaves_within_seconds_was_not_inside_twice(database: Database) -> None:
    hall = await gate.built(database)
    await hall.scan(1, "gate-1", 0.05, type="exit")
    await hall.scan(1, "gate-1", 0.1)

    late = await hall.scan(1, "gate-1", 0)

    assert late.reason is None
    assert await hall.inside() == {None: 1}
