"""One URL, two engines: SQLite (one writing connection, many readers) or PostgreSQL."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    closing,
    nullcontext,
    suppress,
)
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 15
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000")
# Who commits would otherwise move the log to the file himself, every thousand pages, and all in line behind would wait.
SWEEP_AFTER = 32
MOST_WAL_PAGES = 20_000

T = TypeVar("T")
LastWork = Callable[[AsyncConnection, list[Any]], Awaitable[None]]
_LAST_WORK = "eventhub last work"


class Database:
    """Opens transactions. On SQLite writers exclude each other from their first statement on (BEGIN IMMEDIATE)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite:")
        if self.is_sqlite:
            self._writer = _sqlite(url, writes=True)
            self._reader = _sqlite(url, writes=False)
            self._turns: AbstractAsyncContextManager[None] = asyncio.Lock()
        else:
            self._writer = self._reader = create_async_engine(
                url.replace("postgresql://", "postgresql+psycopg://", 1),
                pool_size=10,
                max_overflow=10,
                pool_pre_ping=True,
            )
            self._turns = nullcontext()
        self._thread: ThreadPoolExecutor | None = None
        self._sweeping: Future[None] | None = None
        self._unswept = 0
        self._own: sqlite3.Connection | None = None
        self._wakes: dict[LastWork, list[Callable[[], None]]] = {}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that commits when the block ends and rolls back when it raises."""
        last: dict[LastWork, list[Any]] = {}
        async with self._turns, self._writer.begin() as tx:
            kept = tx.info
            kept[_LAST_WORK] = last
            try:
                yield tx
                for work, values in last.items():
                    await work(tx, values)
            finally:
                del kept[_LAST_WORK]
        for work in last:
            for wake in self._wakes.get(work, ()):
                wake()

    async def at_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a plain function as one transaction, in one hop to a thread with a connection of its own (SQLite only).

        It takes its turn with the other writers of this process, and is not interrupted when its caller is.
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "eventhub-writer")
            self._sweeper = ThreadPoolExecutor(1, "eventhub-sweeper")
        async with self._turns:
            running = asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)
            return await asyncio.shield(running)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._own is None:
            self._own = sqlite3.connect(
                path_of(self.url),
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                cached_statements=1024,
                check_same_thread=False,
            )
            for pragma in (*PRAGMAS, f"wal_autocheckpoint={MOST_WAL_PAGES}"):
                self._own.execute(f"PRAGMA {pragma}")
        connection = self._own
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._unswept += 1
        if self._unswept >= SWEEP_AFTER and (self._sweeping is None or self._sweeping.done()):
            self._unswept, self._sweeping = 0, self._sweeper.submit(self._sweep, path_of(self.url))
        return result

    @staticmethod
    def _sweep(path: str) -> None:
        """Move what was committed from the log to the file, beside the writers and not in their time."""
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def on_commit(self, work: LastWork, wake: Callable[[], None]) -> None:
        """Call `wake` whenever a transaction has committed in which this work was done last."""
        self._wakes.setdefault(work, []).append(wake)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a snapshot to read from; never waits for a writer."""
        async with self._reader.connect() as tx:
            yield tx

    async def migrate(self) -> None:
        """Bring the schema up to date; several processes may try at once."""
        if self.is_sqlite:
            _make_private(path_of(self.url))
        async with self._writer.connect() as connection:
            if not self.is_sqlite:
                await connection.execute(sa.text("SELECT pg_advisory_lock(7305)"))
                await connection.commit()
            try:
                await connection.run_sync(_upgrade)
                await connection.commit()
            finally:
                if not self.is_sqlite:
                    await connection.rollback()
                    await connection.execute(sa.text("SELECT pg_advisory_unlock(7305)"))
                    await connection.commit()

    async def is_current(self) -> bool:
        """Whether the schema is the newest this code knows."""
        async with self.reading() as tx:
            return await tx.run_sync(_revision) == _head()

    async def revision(self) -> str:
        """Return the name of the schema; an empty one before the first migration."""
        async with self.reading() as tx:
            return await tx.run_sync(_revision) or ""

    @staticmethod
    def knows(revision: str) -> bool:
        """Whether this code can bring a schema of that name up to date."""
        return revision in {each.revision for each in _scripts().walk_revisions()}

    async def close(self) -> None:
        """Close all connections."""
        if self._thread is not None:
            self._thread.shutdown()
            self._sweeper.shutdown()
            if self._own is not None:
                self._own.close()
        await self._writer.dispose()
        await self._reader.dispose()


def path_of(url: str) -> str:
    """Return the file of a SQLite database."""
    return sa.make_url(url).database or ""


def _make_private(path: str) -> None:
    """Make a new database's file its owner's alone: SQLite gives its mode to the files beside it."""
    with suppress(OSError):  # It is there already, or opening it will say what is wrong.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def do_last(tx: AsyncConnection, work: LastWork, value: Any) -> None:
    """Let `work` run as a transaction's last statements, once, with all values given for it.

    What takes a lock there holds it for the length of a commit and waits for nothing behind it.
    """
    tx.info[_LAST_WORK].setdefault(work, []).append(value)


async def lock_event(tx: AsyncConnection, event_id: int) -> None:
    """Let writers that check an event before they change it take turns (SQLite's writers do anyway)."""
    if tx.dialect.name == "postgresql":
        await tx.execute(sa.text("SELECT pg_advisory_xact_lock(7306, :event)"), {"event": event_id})


async def lock_names(tx: AsyncConnection, *names: str) -> None:
    """Let writers that check what stands under some names take turns (SQLite's writers do anyway)."""
    if tx.dialect.name == "postgresql":
        # One order for all, so that two never wait for each other.
        for number in sorted({crc32(name.encode()) - 2**31 for name in names}):
            await tx.execute(sa.text("SELECT pg_advisory_xact_lock(7307, :name)"), {"name": number})


async def insert_row(tx: AsyncConnection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """Write one new row; return its id."""
    result = await tx.execute(table.insert().values(**values).returning(table.c.id))
    return int(result.scalar_one())


def _sqlite(url: str, *, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        url.replace("sqlite:", "sqlite+aiosqlite:", 1),
        pool_size=1 if writes else 4,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @sa.event.listens_for(engine.sync_engine, "do_connect")
    def refuse_what_cannot_open(_d: Any, _r: Any, arguments: Any, named: Any) -> None:
        # aiosqlite's thread outlives a failed opening, and speaks to a loop that may have ended.
        with closing(sqlite3.connect(arguments[0], uri=named.get("uri", False))) as tried:
            try:
                tried.execute("PRAGMA schema_version")
            except sqlite3.DatabaseError as error:
                raise sqlite3.OperationalError(str(error)) from error

    @sa.event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN comes too late and is never IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _head() -> str | None:
    return _scripts().get_current_head()


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: sa.Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
