"""Plain SQL on the driver, for the one path that must be fast.

A conversation with the database is a generator: it yields statements and is sent their rows. On SQLite the whole of it
runs as one function on the thread that owns the connection, because each hop to that thread can wait for the
interpreter's switch interval (5 ms) under load; on PostgreSQL each statement is awaited.
"""

import json
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

Row = Sequence[Any]
Values = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with `:named` values; a list of values runs it once for each and gives no rows."""

    sql: str
    values: Values | Sequence[Values]


Conversation = Generator[Statement, list[Row], T]


async def hold(tx: AsyncConnection, conversation: Conversation[T]) -> T:
    """Hold a conversation within the transaction; what it raises leaves it as it is."""
    driver = (await tx.get_raw_connection()).driver_connection
    if tx.dialect.name == "sqlite":
        # aiosqlite offers no public way to run a function of ours on its thread.
        result: T = await driver._execute(_on_sqlite, driver._conn, conversation)  # type: ignore[union-attr] # noqa: SLF001 -- see above
        return result
    return await _on_postgres(driver, conversation)


def among(name: str, values: Iterable[object]) -> tuple[str, dict[str, object]]:
    """Return the text after IN and its values; an empty list matches nothing."""
    named = {f"{name}_{place}": value for place, value in enumerate(values)}
    return f"({', '.join(f':{key}' for key in named) or 'NULL'})", named


def moment(value: Any) -> datetime:
    """Return a moment as either engine gives it, aware, in UTC."""
    read: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(UTC)


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


def _on_sqlite(connection: Any, conversation: Conversation[T]) -> T:
    rows: list[Row] = []
    try:
        statement = next(conversation)
        while True:
            if isinstance(statement.values, Mapping):
                rows = connection.execute(statement.sql, _for_sqlite(statement.values)).fetchall()
            else:
                connection.executemany(
                    statement.sql, [_for_sqlite(values) for values in statement.values]
                )
                rows = []
            statement = conversation.send(rows)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _on_postgres(connection: Any, conversation: Conversation[T]) -> T:
    rows: list[Row] = []
    async with connection.cursor() as cursor:
        try:
            statement = next(conversation)
            while True:
                sql = _pyformat(statement.sql)
                if isinstance(statement.values, Mapping):
                    await cursor.execute(sql, _for_postgres(statement.values))
                    rows = await cursor.fetchall() if cursor.description else []
                else:
                    await cursor.executemany(
                        sql, [_for_postgres(values) for values in statement.values]
                    )
                    rows = []
                statement = conversation.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def _for_sqlite(values: Values) -> dict[str, Any]:
    return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> Any:
    """Write a value as the column types of `eventhub.db.types` do."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value


def _for_postgres(values: Values) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in values.items()
    }


@lru_cache(maxsize=256)
def _pyformat(sql: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", sql)
