"""A SELECT that is asked again and again, in as few hops between threads as the driver of SQLite allows."""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_SQLITE = sqlite.dialect(paramstyle="named")


class Ready:
    """A query built, and for SQLite written out, once; its values are numbers and text.

    SQLAlchemy goes to the driver's thread four times for a statement, to the driver's own shortcut once.
    """

    def __init__(self, query: sa.Select[Any]) -> None:
        self._query = query
        self._compiled = query.compile(dialect=_SQLITE)
        self._sql = str(self._compiled)
        columns = list(query.selected_columns)
        named: Any = namedtuple("_row", " ".join(str(each.key) for each in columns), rename=True)  # type: ignore[misc]  # noqa: PYI024 -- the query names them
        self._made: Callable[[list[Any]], Any] = named._make
        reads = [(place, _reads(column)) for place, column in enumerate(columns)]
        self._reads = [(place, read) for place, read in reads if read is not None]

    async def rows(self, tx: AsyncConnection, **values: int | str | None) -> list[Any]:
        """Return the rows, which give their columns by name."""
        if tx.dialect.name != "sqlite":
            return list(await tx.execute(self._query, values))
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        found = await driver.execute_fetchall(self._sql, self._compiled.construct_params(values))
        return [self._read(row) for row in found]

    async def row(self, tx: AsyncConnection, **values: int | str | None) -> Any:
        """Return the first row, None without one."""
        rows = await self.rows(tx, **values)
        return rows[0] if rows else None

    def _read(self, row: Mapping[int, Any]) -> Any:
        given = list(row)
        for place, read in self._reads:
            given[place] = read(given[place])
        return self._made(given)


def _reads(column: sa.ColumnElement[Any]) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None)
