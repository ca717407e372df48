"""Plain SQL on the driver, where it must be fast: scans at the gate, and what may keep them waiting.

A conversation with the database is a generator: it yields statements and is sent their rows. On SQLite the whole of it
runs as one function on the thread that writes (`Database.at_once`), because each hop between threads can wait
for the interpreter's switch interval under load; elsewhere each statement is awaited.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import chain
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database, lock_event, lock_names
from eventhub.db.types import UtcDateTime

# SQLite takes 32,766 values in a statement (3.32 and newer), and no table here has a hundred columns.
MOST_ROWS = 256

Row = Sequence[Any]
Values = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with `:named` values; a list of values runs it once for each and gives no rows.

    `width`, the number of its columns, is given where there may be many rows, none of them bytes and in any order.
    `takes_free`: locks its rows where rows can be locked, and passes over those that somebody else holds.
    """

    sql: str
    values: Values | Sequence[Values]
    width: int = 0
    takes_free: bool = False

    @property
    def for_postgres(self) -> str:
        """The text for PostgreSQL's driver."""
        return _pyformat(self.sql) + (" FOR UPDATE SKIP LOCKED" if self.takes_free else "")


@dataclass(frozen=True, slots=True)
class Insert:
    """New rows of a table, each a list of values in the order of the names; gives no rows back."""

    table: sa.Table
    names: tuple[str, ...]
    rows: Sequence[list[Any]]


@dataclass(frozen=True, slots=True)
class Turn:
    """Wait until no other writer of an event, or of what stands under a name, is at work; gives no rows."""

    of: int | str


Said = Statement | Insert | Turn
Conversation = Generator[Said, list[Row], T]


async def hold(tx: AsyncConnection, conversation: Conversation[T]) -> T:
    """Hold a conversation within a transaction; what it raises leaves it as it is."""
    rows: list[Row] = []
    try:
        said = next(conversation)
        while True:
            rows = await _asked(tx, said)
            said = conversation.send(rows)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def hold_at_once(database: Database, conversation: Conversation[T]) -> T:
    """Hold a conversation in a transaction of its own, as fast as the engine allows."""
    if database.is_sqlite:
        return await database.at_once(partial(_on_sqlite, conversation=conversation))
    async with database.transaction() as tx:
        driver = (await tx.get_raw_connection()).driver_connection
        return await _on_postgres(tx, driver, conversation)


def among(name: str, values: Iterable[object]) -> tuple[str, dict[str, object]]:
    """Return the text after IN and its values; an empty list matches nothing.

    The last value is repeated up to a power of two, so that there are few texts to prepare.
    """
    found = list(values)
    if found:
        found += found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))
    return _places(name, len(found)), {f"{name}_{n}": value for n, value in enumerate(found)}


@lru_cache(maxsize=256)
def _places(name: str, count: int) -> str:
    return f"({', '.join(f':{name}_{n}' for n in range(count)) or 'NULL'})"


def moment(value: Any) -> datetime:
    """Return a moment as either engine gives it, aware, in UTC."""
    read: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read if read.tzinfo is UTC else read.astimezone(UTC)


def maybe_moment(value: Any) -> datetime | None:
    """Return a moment, or None for NULL."""
    return None if value is None else moment(value)


def day(value: Any) -> date:
    """Return a date as either engine gives it."""
    read: date = date.fromisoformat(value) if isinstance(value, str) else value
    return read


def document(value: Any) -> Any:
    """Return a JSON document as either engine gives it."""
    return json.loads(value) if isinstance(value, str) else value


def _on_sqlite(connection: sqlite3.Connection, conversation: Conversation[T]) -> T:
    rows: list[Row] = []
    try:
        said = next(conversation)
        while True:
            rows = []
            if isinstance(said, Insert):
                for text, values in _inserts(said.table, said.names, _rows_as_text(said), "?"):
                    connection.execute(text, values)
            elif isinstance(said, Turn):
                pass  # BEGIN IMMEDIATE has the only turn there is.
            elif not isinstance(said.values, Mapping):
                connection.executemany(said.sql, map(_for_sqlite, said.values))
            elif said.width:
                packed = connection.execute(_packed(said.sql, said.width), _for_sqlite(said.values))
                rows = json.loads(packed.fetchone()[0])
            else:
                rows = connection.execute(said.sql, _for_sqlite(said.values)).fetchall()
            said = conversation.send(rows)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _on_postgres(tx: AsyncConnection, driver: Any, conversation: Conversation[T]) -> T:
    rows: list[Row] = []
    async with driver.cursor() as cursor:
        try:
            said = next(conversation)
            while True:
                if isinstance(said, Turn):
                    await _lock(tx, said)
                    rows = []
                elif isinstance(said, Insert):
                    for text, values in _inserts(said.table, said.names, _documents(said), "%s"):
                        await cursor.execute(text, values)
                    rows = []
                elif isinstance(said.values, Mapping):
                    await cursor.execute(said.for_postgres, _for_postgres(said.values))
                    rows = await cursor.fetchall() if cursor.description else []
                else:
                    many = [_for_postgres(values) for values in said.values]
                    await cursor.executemany(_pyformat(said.sql), many)
                    rows = []
                said = conversation.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


async def _lock(tx: AsyncConnection, turn: Turn) -> None:
    if isinstance(turn.of, str):
        await lock_names(tx, turn.of)
    else:
        await lock_event(tx, turn.of)


async def _asked(tx: AsyncConnection, said: Said) -> list[Row]:
    if isinstance(said, Turn):
        await _lock(tx, said)
        return []
    if isinstance(said, Insert):
        rows = [dict(zip(said.names, row, strict=True)) for row in said.rows]
        await tx.execute(said.table.insert(), rows)
        return []
    on_postgres = tx.dialect.name == "postgresql"
    write = _for_postgres if on_postgres else _for_sqlite
    sql = said.for_postgres if on_postgres else said.sql
    if not isinstance(said.values, Mapping):
        await tx.exec_driver_sql(sql, [write(each) for each in said.values])
        return []
    result = await tx.exec_driver_sql(sql, write(said.values))
    return list(result) if result.returns_rows else []


def _inserts(
    table: sa.Table, names: tuple[str, ...], rows: Sequence[list[Any]], place: str
) -> Iterator[tuple[str, list[Any]]]:
    """Write many rows with each statement, as many as a power of two, so that there are few texts to prepare."""
    start = 0
    while start < len(rows):
        count = min(1 << ((len(rows) - start).bit_length() - 1), MOST_ROWS)
        values = list(chain.from_iterable(rows[start : start + count]))
        yield _insert_text(table, names, count, place), values
        start += count


@lru_cache(maxsize=256)
def _insert_text(table: sa.Table, names: tuple[str, ...], count: int, place: str) -> str:
    row = f"({', '.join([place] * len(names))})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * count)}"  # noqa: S608 -- names of ours


@lru_cache(maxsize=1024)
def _packed(sql: str, width: int) -> str:
    """Return a query whose rows come as one JSON array: every row fetched is a wait for the interpreter under load."""
    names = ", ".join(f"c{n}" for n in range(width))
    return f"WITH q({names}) AS ({sql}) SELECT json_group_array(json_array({names})) FROM q"  # noqa: S608 -- texts of ours


def _rows_as_text(said: Insert) -> Sequence[list[Any]]:
    for place, write in _writers(said.table, said.names):
        for row in said.rows:
            if row[place] is not None:
                row[place] = write(row[place])
    return said.rows


@lru_cache(maxsize=64)
def _writers(
    table: sa.Table, names: tuple[str, ...]
) -> tuple[tuple[int, Callable[[Any], str]], ...]:
    return tuple(
        (place, write)
        for place, name in enumerate(names)
        for kind, write in _COLUMNS
        if isinstance(table.c[name].type, kind)
    )


def _for_sqlite(values: Values) -> dict[str, Any]:
    return {
        name: write(value) if (write := _AS_TEXT.get(type(value))) else value
        for name, value in values.items()
    }


def _moment_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


# How SQLite, which has no such types, keeps values: as the column types of `eventhub.db.types` write them.
_AS_TEXT: dict[type, Callable[[Any], str]] = {
    datetime: _moment_text,
    date: date.isoformat,
    dict: json.dumps,
    list: json.dumps,
}
_COLUMNS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (UtcDateTime, _moment_text),
    (sa.Date, date.isoformat),
    (sa.JSON, json.dumps),
)


def _documents(said: Insert) -> Sequence[list[Any]]:
    for place, name in enumerate(said.names):
        if isinstance(said.table.c[name].type, sa.JSON):
            for row in said.rows:
                row[place] = json.dumps(row[place])
    return said.rows


def _for_postgres(values: Values) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in values.items()
    }


@lru_cache(maxsize=1024)
def _pyformat(sql: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", sql)
