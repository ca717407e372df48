"""All rows of a database, from one to another: whichever engine each of them is.

The tables must be known: whoever copies has imported them.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database
from eventhub.db.schema import metadata

ROWS_AT_ONCE = 500


def tables() -> list[sa.Table]:
    """Return all tables, each after those it refers to; an empty JSON value that may be NULL is NULL."""
    copied = sa.MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(copied)
    for table in copied.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON) and column.nullable:
                column.type = sa.JSON(none_as_null=True)
    return copied.sorted_tables


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[AsyncConnection]:
    """Read everything as it is at one moment, while others write."""
    async with database.reading() as tx:
        if not database.is_sqlite:
            await tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield tx


async def keep(database: Database, file: Path) -> None:
    """Write everything as it is at one moment into a new SQLite file."""
    kept = Database(f"sqlite:///{file}")
    try:
        await kept.migrate()
        async with snapshot(database) as source, kept.transaction() as target:
            await copy(source, target)
        # What stands in its log comes into the file.
        async with kept.reading() as tx:
            await tx.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    finally:
        await kept.close()


async def is_empty(tx: AsyncConnection) -> bool:
    """Whether no table holds a row."""
    for table in tables():
        if (await tx.execute(sa.select(sa.literal(1)).select_from(table).limit(1))).first():
            return False
    return True


async def clear(tx: AsyncConnection) -> None:
    """Delete all rows of all tables."""
    for table in reversed(tables()):
        await tx.execute(table.delete())


async def copy(
    source: AsyncConnection, target: AsyncConnection, copied: Callable[[], None] = lambda: None
) -> None:
    """Copy all rows into empty tables, and which numbers were ever given out; calls `copied` after each table."""
    for table in tables():
        await _copy_rows(source, target, table)
        if "id" in table.primary_key.columns and isinstance(table.c.id.type, sa.Integer):
            await _go_on_from(target, table, await _highest(source, table))
        copied()


async def _copy_rows(source: AsyncConnection, target: AsyncConnection, table: sa.Table) -> None:
    """Copy a table's rows; what refers to rows of the same table is set once all are there."""
    own = [key.parent for key in table.foreign_keys if key.column.table is table]
    referring: list[dict[str, Any]] = []
    rows = await source.stream(sa.select(table).order_by(*table.primary_key))
    async for some in rows.mappings().partitions(ROWS_AT_ONCE):
        values = [dict(row) for row in some]
        for column in own:
            referring += [
                {"its_id": row["id"], column.name: row[column.name]}
                for row in values
                if row[column.name] is not None
            ]
            values = [{**row, column.name: None} for row in values]
        await target.execute(table.insert(), values)
    if referring:
        await target.execute(table.update().where(table.c.id == sa.bindparam("its_id")), referring)


async def _highest(tx: AsyncConnection, table: sa.Table) -> int:
    """Return the highest number that a table's row has or, where none may come again, ever had."""
    highest = (await tx.execute(sa.select(sa.func.max(table.c.id)))).scalar() or 0
    if tx.dialect.name == "postgresql":
        asked = "SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)"
    elif table.dialect_options["sqlite"]["autoincrement"]:
        asked = "SELECT seq FROM sqlite_sequence WHERE name = :name"
    else:
        return highest
    return max(highest, (await tx.execute(sa.text(asked), {"name": table.name})).scalar() or 0)


async def _go_on_from(tx: AsyncConnection, table: sa.Table, highest: int) -> None:
    """Let the next number be higher than the highest."""
    about = {"name": table.name, "highest": highest}
    if not highest:
        return
    if tx.dialect.name == "postgresql":
        move = "SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"
        await tx.execute(sa.text(move), about)
    elif table.dialect_options["sqlite"]["autoincrement"]:
        await tx.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), about)
        await tx.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:name, :highest)"), about)
