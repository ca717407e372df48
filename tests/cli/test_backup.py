"""A backup and what is restored from it: every row of every table, whichever engine it comes from and goes to."""

import asyncio
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts.tables import users
from eventhub.cli import archive
from eventhub.cli.backup import Counted
from eventhub.db import copying, engine
from eventhub.db.engine import Database
from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime
from eventhub.events.tables import events, rooms
from eventhub.participants.tables import participants
from tests import engines, make
from tests.cli.running import Ended, eventhub

SECRET = "a secret that lives as long as one test"
Rows = dict[str, list[dict[str, Any]]]


def value(column: sa.Column[Any], n: int) -> object:
    """Return something that fits a column, another one for each row; the last row has what may be absent absent."""
    if (
        column.nullable and n == 2 and column.name != "minutes"
    ):  # of sessions, which have it or a time
        return None
    kinds: list[tuple[type, object]] = [
        (UtcDateTime, datetime(2021, 2, 25, 1, 30, n, 123456, tzinfo=UTC)),
        (sa.JSON, {"n": n, "text": "Ruang “é”", "none": None, "list": [1.5, True]}),
        (sa.Boolean, n == 1),
        (sa.Date, date(2021, 2, 20 + n)),
        (sa.LargeBinary, bytes([0, 255, n])),
        (sa.Float, 36.5 + n),
        (sa.Integer, n),
        (sa.String, str(n)),
    ]
    return next(found for kind, found in kinds if isinstance(column.type, kind))


async def fill(database: Database) -> None:
    """Write three rows into every table, the first referring to the last where a table refers to itself."""
    async with database.transaction() as tx:
        for table in metadata.sorted_tables:
            for n in (3, 2, 1):
                row = {column.name: value(column, n) for column in table.columns}
                await tx.execute(table.insert().values(**row))


async def rows_of(database: Database) -> Rows:
    async with database.reading() as tx:
        return {
            table.name: [
                dict(row)
                for row in (
                    await tx.execute(sa.select(table).order_by(*table.primary_key))
                ).mappings()
            ]
            for table in metadata.sorted_tables
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(
    request: pytest.FixtureRequest, shared_folder: Path, tmp_path: Path
) -> Iterator[str]:
    """Give another empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/target/{uuid4().hex}.db"
    else:
        with engines.new_postgres(engines.postgres_server(shared_folder)) as url:
            yield url


@pytest.fixture
def source(tmp_path: Path, database_url: str) -> Path:
    """Give a data folder on the database, with a mail kept in it."""
    return folder(tmp_path / "source", database_url, secret=SECRET)


def folder(data: Path, database_url: str, secret: str = "") -> Path:
    (data / "mail").mkdir(parents=True)
    (data / "mail" / "1.eml").write_text(f"of {data.name}", "utf-8")
    if secret:
        (data / "secret").write_text(secret, "ascii")
    (data / "eventhub.env").write_text(f"EVENTHUB_DATABASE_URL={database_url}\n", "utf-8")
    return data


async def calling(data: Path, *words: str) -> Ended:
    return await asyncio.to_thread(eventhub, data, *words)


async def test_every_row_of_every_table_comes_back_on_either_engine(
    source: Path, database: Database, target_url: str, tmp_path: Path
) -> None:
    await fill(database)
    async with database.transaction() as tx:
        await make._move_sequences_on(tx)
        last = await engine.insert_row(tx, participants, await _copied(tx, participants))
        await tx.execute(participants.delete().where(participants.c.id == last))
    before = await rows_of(database)
    target = folder(tmp_path / "target", target_url)
    (tmp_path / "kept.zip.part").touch(0o666)

    made = await calling(source, "backup", str(tmp_path / "kept.zip"))
    restored = await calling(target, "restore", str(tmp_path / "kept.zip"))

    assert (made.stderr, restored.stderr) == ("", "")
    assert made.stdout == f"{tmp_path}/kept.zip holds {Counted(events=3, participants=3)}.\n"
    found = Database(target_url)
    assert all(before.values())
    assert await rows_of(found) == before
    async with found.transaction() as tx:
        # A number that a link was signed with is given to nobody else.
        assert (
            await engine.insert_row(tx, participants, await _copied(tx, participants)) == last + 1
        )
        assert await engine.insert_row(tx, rooms, await _copied(tx, rooms)) == 4
    await found.close()
    assert (target / "secret").read_text("ascii") == SECRET
    assert (target / "mail" / "1.eml").read_text("utf-8") == "of source"
    assert (tmp_path / "kept.zip").stat().st_mode & 0o077 == 0


async def _copied(tx: AsyncConnection, table: sa.Table) -> dict[str, Any]:
    """Return a new row like the first, with other codes and addresses."""
    row = dict((await tx.execute(sa.select(table).order_by(table.c.id).limit(1))).mappings().one())
    del row["id"]
    texts = {name: f"new {text}" for name, text in row.items() if name in {"code", "email"}}
    return row | texts


async def test_a_folder_in_use_is_given_up_only_when_asked_to(
    source: Path, database: Database, tmp_path: Path
) -> None:
    await make.stored(database, make.event(title="Kept"))
    await calling(source, "backup", str(tmp_path / "kept.zip"))
    async with database.transaction() as tx:
        await tx.execute(events.update().values(title="Changed since"))
    await make.stored(database, make.room())
    (source / "mail" / "1.eml").write_text("changed since", "utf-8")

    refused = await calling(source, "restore", str(tmp_path / "kept.zip"))
    untouched = await rows_of(database)
    replaced = await calling(source, "restore", str(tmp_path / "kept.zip"), "--replace")

    assert (refused.returncode, refused.stderr) == (
        1,
        "This data folder is in use. Give up what it holds with --replace.\n",
    )
    assert (untouched["events"][0]["title"], len(untouched["rooms"])) == ("Changed since", 1)
    assert replaced.returncode == 0, replaced.stderr
    after = await rows_of(database)
    assert (after["events"][0]["title"], after["rooms"]) == ("Kept", [])
    assert (source / "mail" / "1.eml").read_text("utf-8") == "of source"


async def test_a_backup_is_of_one_moment_while_others_write(database: Database) -> None:
    await make.stored(database, make.event())

    async with copying.snapshot(database) as tx:
        await tx.execute(sa.select(events.c.id))
        await make.stored(database, make.room())
        seen = (await tx.execute(sa.select(rooms.c.id))).all()

    assert seen == []


async def nothing_written(target: Path) -> bool:
    database = Database(f"sqlite:///{target}/eventhub.db")
    try:
        async with database.reading() as tx:
            return await copying.is_empty(tx)
    finally:
        await database.close()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Make a backup of a folder with an event."""
    data = folder(tmp_path / "kept", f"sqlite:///{tmp_path}/kept/eventhub.db", secret=SECRET)
    named = (
        "--title",
        "R",
        "--starts",
        "2021-02-25",
        "--ends",
        "2021-02-26",
        "--zone",
        "Asia/Jakarta",
    )
    assert eventhub(data, "events", "add", "rakor", *named).returncode == 0
    assert eventhub(data, "backup", str(tmp_path / "kept.zip")).returncode == 0
    return tmp_path / "kept.zip"


def rewritten(file: Path, name: str, content: bytes) -> Path:
    """Return a backup in which one file is another."""
    changed = file.with_name(f"{uuid4().hex}.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for each in old.namelist():
            new.writestr(each, content if each == name else old.read(each))
    return changed


def described(file: Path, **changes: Any) -> Path:
    """Return a backup whose manifest says something else."""
    with zipfile.ZipFile(file) as archive_:
        about = json.loads(archive_.read("manifest.json"))
    return rewritten(file, "manifest.json", json.dumps(about | changes).encode())


def test_what_is_no_whole_backup_is_refused_and_changes_nothing(kept: Path, tmp_path: Path) -> None:
    target, short = tmp_path / "target", tmp_path / "short.zip"
    short.write_bytes(kept.read_bytes()[:-100])
    newer = "was made by a newer eventhub. Restore it with that one."
    files = {
        tmp_path / "absent.zip": "cannot be read: No such file or directory.",
        short: "is damaged or no backup of eventhub.",
        rewritten(kept, "secret", b"another"): "is damaged or no backup of eventhub.",
        described(kept, format="tar"): "is no backup of eventhub.",
        described(kept, version=2): newer,
        described(kept, schema="9999"): newer,
        described(kept, files={"../secret": ""}): "is no backup of eventhub.",
        described(kept, files=["eventhub.db", "secret"]): "is no backup of eventhub.",
    }

    told = {file: eventhub(target, "restore", str(file)) for file in files}

    assert {file: ended.stderr for file, ended in told.items()} == {
        file: f"{file} {sentence}\n" for file, sentence in files.items()
    }
    assert {ended.returncode for ended in told.values()} == {1}
    assert asyncio.run(nothing_written(target))
    assert [each.name for each in target.iterdir() if each.is_dir()] == []


async def test_another_secret_of_the_environment_is_refused(kept: Path, tmp_path: Path) -> None:
    target = folder(tmp_path / "target", f"sqlite:///{tmp_path}/target/eventhub.db")
    with (target / "eventhub.env").open("a", encoding="utf-8") as env:
        env.write(f"EVENTHUB_SECRET={SECRET[::-1]}\n")

    refused = await calling(target, "restore", str(kept))

    assert refused.stderr == (
        "EVENTHUB_SECRET is another than that of the backup. Set it to that one, or take it out.\n"
    )
    assert await nothing_written(target)


async def test_a_backup_of_an_older_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    old, row = tmp_path / "eventhub.db", {column.name: value(column, 2) for column in users.columns}
    with closing(sa.create_engine(f"sqlite:///{old}").connect()) as connection:
        config = engine._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(users.insert().values(**row))
        connection.commit()
        connection.engine.dispose()
    at = datetime(2021, 2, 25, tzinfo=UTC)
    archive.write(
        tmp_path / "old.zip", {"eventhub.db": old, "secret": SECRET}, made_at=at, schema="0001"
    )

    restored = await calling(tmp_path / "target", "restore", str(tmp_path / "old.zip"))

    assert restored.returncode == 0, restored.stderr
    found = Database(f"sqlite:///{tmp_path}/target/eventhub.db")
    assert await found.is_current()
    assert (await rows_of(found))["users"] == [row]
    await found.close()
