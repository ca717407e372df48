"""What was read is kept until anybody commits anything; nobody gets what is older than their question."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.db.unchanged import Unchanged
from eventhub.events.tables import events
from tests import make


class Titles:
    """Reads an event's title and counts how often."""

    def __init__(self) -> None:
        self.reads = 0

    async def __call__(self, tx: AsyncConnection) -> str:
        self.reads += 1
        return str((await tx.execute(sa.select(events.c.title))).scalar_one())


async def rename(database: Database, title: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(events.update().values(title=title))


async def test_what_was_committed_is_seen_by_whoever_asks_afterwards(database: Database) -> None:
    await make.stored(database, make.event(title="0"))
    unchanged, titles = Unchanged(database), Titles()

    async def ask_after(n: int) -> bool:
        await asyncio.sleep(0)
        return int(await unchanged.get("title", titles)) >= n

    asked = []
    for n in range(1, 20):
        await rename(database, str(n))
        asked += [asyncio.ensure_future(ask_after(n)) for _ in range(5)]
        await asyncio.sleep(0)

    assert all(await asyncio.gather(*asked))
    unchanged.close()


async def test_many_who_ask_together_cost_a_read_or_two(database: Database) -> None:
    await make.stored(database, make.event(title="Rapat"))
    unchanged, titles = Unchanged(database), Titles()

    found = await asyncio.gather(*(unchanged.get("title", titles) for _ in range(50)))
    found += [await unchanged.get("title", titles) for _ in range(3)]

    assert set(found) == {"Rapat"}
    assert titles.reads == (1 if database.is_sqlite else 4)
    unchanged.close()


async def test_a_read_that_fails_is_tried_again(database: Database) -> None:
    await make.stored(database, make.event(title="Rapat"))
    unchanged, titles = Unchanged(database), Titles()

    async def failing(tx: AsyncConnection) -> str:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await unchanged.get("title", failing)

    assert await unchanged.get("title", titles) == "Rapat"
    unchanged.close()
