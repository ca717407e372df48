"""A SELECT that is asked again and again, in as few hops between threads as the driver of SQLite allows."""

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
        self._columns = [(str(column.key), _reads(column)) for column in query.selected_columns]

    async def rows(self, tx: AsyncConnection, values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the rows by the names of their columns."""
        if tx.dialect.name != "sqlite":
            return [dict(row) for row in (await tx.execute(self._query, values)).mappings()]
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        found = await driver.execute_fetchall(
            self._sql, self._compiled.construct_params(dict(values))
        )
        return [
            {
                name: value if read is None else read(value)
                for (name, read), value in zip(self._columns, row, strict=True)
            }
            for row in found
        ]


def _reads(column: sa.ColumnElement[Any]) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None)
