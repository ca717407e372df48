"""What was read from the database, kept in the process until anybody commits anything.

SQLite tells a connection whether another one committed, in this process or elsewhere (`PRAGMA data_version`), in some
microseconds and without a statement that waits. PostgreSQL tells no such thing: it is asked again, but once for all who
wait for the same.
"""

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import Database

T = TypeVar("T")
MOST = 256


class Unchanged:
    """Answers by key; the keys asked for longest ago are forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watching: sqlite3.Connection | None = None
        self._kept: OrderedDict[Hashable, tuple[int, asyncio.Future[Any]]] = OrderedDict()
        self._coming: dict[Hashable, asyncio.Future[Any]] = {}
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def get(self, key: Hashable, read: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Return what `read` says, or said since when nothing was committed."""
        mark = self._mark()
        if mark is None:
            return await self._together(key, read)
        kept = self._kept.get(key)
        if kept is None or kept[0] != mark:
            # The mark is taken before the statements: what is committed while they run makes another one.
            kept = self._kept[key] = (mark, asyncio.ensure_future(self._read(read)))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        try:
            # Who asked first may hang up; the others still wait for it.
            found: T = await asyncio.shield(kept[1])
        except Exception:  # Whatever failed is raised to all who asked, and kept for nobody.
            if self._kept.get(key) is kept:
                del self._kept[key]
            raise
        return found

    async def _together(self, key: Hashable, read: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Share the next read among all who ask before it begins; nobody gets what was read before they asked."""
        coming = self._coming.get(key)
        if coming is None:
            coming = self._coming[key] = asyncio.ensure_future(self._in_turn(key, read))
        found: T = await asyncio.shield(coming)
        return found

    async def _in_turn(self, key: Hashable, read: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            del self._coming[key]
            return await self._read(read)

    async def _read(self, read: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self._database.reading() as tx:
            return await read(tx)

    def close(self) -> None:
        """Close the connection that watches."""
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def _mark(self) -> int | None:
        if not self._database.is_sqlite:
            return None
        try:
            if self._watching is None:
                path = sa.make_url(self._database.url).database
                assert path is not None
                self._watching = sqlite3.connect(path, timeout=0, isolation_level=None)
            row = self._watching.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            # Somebody holds the file for themselves at this moment; ask the database itself.
            return None
        return int(row[0])
