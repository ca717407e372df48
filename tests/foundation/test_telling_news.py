"""News are written with their cause, in the order in which they can be seen."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import sqlalchemy as sa

from eventhub import news
from eventhub.db.engine import Database
from tests import make
from tests.standins.clock import OPENING_DAY


async def told(database: Database, seen: int = 0) -> list[tuple[int, str]]:
    async with database.reading() as tx:
        items = await news.read_after(tx, {1: seen}, 100)
    return [(item.id, item.data["what"]) for item in items]


async def test_what_is_told_can_be_read_once_its_cause_is_committed(database: Database) -> None:
    await make.stored(database, make.event())
    async with database.transaction() as tx:
        await news.tell(
            tx,
            "announcement",
            {"what": "a"},
            event_id=1,
            at=OPENING_DAY,
            right="some right",
            session_id=7,
            participant_id=9,
        )

    async with database.reading() as tx:
        items = await news.read_after(tx, {1: 0}, 100)

    assert items == [news.Item(1, 1, news.Kind.ANNOUNCEMENT, {"what": "a"}, "some right", 7, 9)]


async def test_a_cause_that_is_rolled_back_tells_nothing(database: Database) -> None:
    await make.stored(database, make.event())
    woken: list[str] = []
    database.on_commit(news.write, lambda: woken.append("woken"))

    async def tell_and_fail() -> None:
        async with database.transaction() as tx:
            await news.tell(tx, "programme", {"what": "a"}, event_id=1, at=OPENING_DAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tell_and_fail()

    assert await told(database) == []
    assert woken == []


async def test_readers_are_woken_after_a_commit_that_tells_and_after_no_other(
    database: Database,
) -> None:
    await make.stored(database, make.event())
    woken: list[str] = []
    database.on_commit(news.write, lambda: woken.append("woken"))

    async with database.transaction():
        pass
    before = list(woken)
    async with database.transaction() as tx:
        await news.tell(tx, "programme", {"what": "a"}, event_id=1, at=OPENING_DAY)

    assert (before, woken) == ([], ["woken"])


async def test_the_same_thing_told_twice_in_one_use_case_is_written_once(
    database: Database,
) -> None:
    await make.stored(database, make.event())
    async with database.transaction() as tx:
        for what in ("a", "b", "a"):
            await news.tell(tx, "programme", {"what": what}, event_id=1, at=OPENING_DAY)

    assert await told(database) == [(1, "a"), (2, "b")]


async def test_a_reader_misses_nothing_whichever_of_two_transactions_commits_first(
    database: Database,
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    await make.stored(database, make.event())

    async with database.transaction() as first:
        await news.tell(first, "programme", {"what": "told first"}, event_id=1, at=OPENING_DAY)
        async with database.transaction() as second:
            await news.tell(
                second, "programme", {"what": "committed first"}, event_id=1, at=OPENING_DAY
            )
        early = await told(database)
    late = await told(database, seen=early[-1][0])

    assert [what for _, what in early] == ["committed first"]
    assert [what for _, what in late] == ["told first"]


async def test_who_comes_while_another_is_committing_waits_for_the_next_number(
    database: Database,
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    await make.stored(database, make.event())

    async def tell_second() -> None:
        async with database.transaction() as tx:
            await news.tell(tx, "programme", {"what": "second"}, event_id=1, at=OPENING_DAY)

    async with database.transaction() as tx:
        row = {"event_id": 1, "kind": "programme", "data": {"what": "first"}, "at": OPENING_DAY}
        await news.write(tx, [row])
        waiting = asyncio.create_task(tell_second())
        # It cannot end: a number above the uncommitted one would hide that from who reads now.
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        seen = await told(database)
    await waiting

    assert (done, seen) == (set(), [])
    assert [what for _, what in await told(database)] == ["first", "second"]


async def test_rows_written_plainly_are_rows_like_others(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("only SQLite is written to without SQLAlchemy")
    await make.stored(database, make.event())
    row = news.row("occupancy", {"what": "a"}, event_id=1, at=OPENING_DAY, right="some right")

    with closing(sqlite3.connect(sa.make_url(database.url).database or "")) as connection:
        news.write_plainly(connection, [row])
        connection.commit()
    async with database.transaction() as tx:
        await tx.execute(news.news.insert().values(**row))
    async with database.reading() as tx:
        plain, other = await tx.execute(sa.select(news.news))

    assert plain == (1, *other[1:])


async def test_old_news_are_forgotten_but_the_newest_of_an_event_stays(database: Database) -> None:
    await make.stored(database, make.event())
    for hour, what in enumerate(("a", "b", "c")):
        async with database.transaction() as tx:
            at = OPENING_DAY + timedelta(hours=hour)
            await news.tell(tx, "programme", {"what": what}, event_id=1, at=at)

    async with database.transaction() as tx:
        await news.forget(tx, OPENING_DAY + timedelta(hours=1))
        known = [await news.is_known(tx, 1, seen) for seen in (1, 2)]
    some = await told(database)
    async with database.transaction() as tx:
        await news.forget(tx, OPENING_DAY + timedelta(days=1))
        last = await news.last_id(tx, 1)

    assert some == [(2, "b"), (3, "c")]
    assert known == [False, True]
    assert await told(database) == [(3, "c")]
    assert last == 3


async def test_a_kind_that_does_not_exist_and_too_much_data_cannot_be_told(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        for kind, data in (("gossip", {}), ("programme", {"text": "x" * 64_000})):
            with pytest.raises(ValueError):
                await news.tell(tx, kind, data, event_id=1, at=OPENING_DAY)
