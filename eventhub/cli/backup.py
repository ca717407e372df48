"""`eventhub backup` and `eventhub restore`."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import sqlalchemy as sa
from rich.console import Console
from rich.progress import Progress, TaskID
from sqlalchemy.exc import DatabaseError

import eventhub.app  # noqa: F401 -- every table is known
from eventhub.cli import archive
from eventhub.cli.folder import Folder, data_option, fail, is_terminal, run
from eventhub.db import copying
from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.settings import Settings


@dataclass(frozen=True)
class Counted:
    """How much a database holds."""

    events: int
    participants: int

    def __str__(self) -> str:
        return f"events: {self.events}, participants: {self.participants}"


@click.command()
@data_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(folder: Folder, file: Path) -> None:
    """Write everything into one FILE, also while the server runs.

    It holds the secret and what is known of people, so keep it as you keep passwords.
    """
    with _progress("Writing the backup"):
        counted = run(folder, lambda installation: _back_up(installation, file))
    click.echo(f"{file} holds {counted}.")


async def _back_up(installation: Installation, file: Path) -> Counted:
    settings = installation.settings
    with tempfile.TemporaryDirectory(dir=settings.data) as working:
        kept = Path(working) / archive.DATABASE
        await copying.keep(installation.database, kept)
        content: dict[str, Path | str] = {archive.DATABASE: kept, archive.SECRET: settings.secret}
        content.update(archive.kept_files(settings.data))
        opened = Database(f"sqlite:///{kept}")
        try:
            counted, schema = await _count(opened), await opened.revision()
            await asyncio.to_thread(
                archive.write, file, content, made_at=installation.clock.now(), schema=schema
            )
        except OSError as error:
            raise fail(f"{file} cannot be written: {error.strerror}.") from error
        finally:
            await opened.close()
    return counted


@click.command()
@data_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what the data folder holds.")
@click.pass_obj
def restore(folder: Folder, file: Path, *, replace: bool) -> None:
    """Put everything back from a FILE of `eventhub backup`, into SQLite or PostgreSQL.

    All of it or nothing. A server that runs on this folder must be started again afterwards.
    """
    with _progress("Restoring"):
        counted = run(folder, lambda installation: _restore(installation, file, replace=replace))
    click.echo(f"Restored from {file}: {counted}. Start the server again if it runs.")


async def _restore(installation: Installation, file: Path, *, replace: bool) -> Counted:
    settings = installation.settings
    with tempfile.TemporaryDirectory(dir=settings.data) as working:
        unpacked = Path(working)
        manifest = await asyncio.to_thread(archive.unpack, file, unpacked)
        _check_secret(settings, (unpacked / archive.SECRET).read_text("ascii"))
        source = Database(f"sqlite:///{unpacked / archive.DATABASE}")
        try:
            await _bring_up_to_date(source, manifest, file)
            await _replace(installation, source, unpacked, replace=replace)
            return await _count(source)
        except DatabaseError as error:
            raise fail(f"{file} does not fit: {error.orig}") from error
        finally:
            await source.close()


def _check_secret(settings: Settings, given: str) -> None:
    """Refuse where the secret is not the folder's to change: nothing sealed or signed would open any more."""
    own = settings.data / archive.SECRET
    comes_from_folder = own.exists() and own.read_text("ascii").strip() == settings.secret
    if given != settings.secret and not comes_from_folder:
        raise fail(
            "EVENTHUB_SECRET is another than that of the backup. Set it to that one, or take it out."
        )


async def _bring_up_to_date(source: Database, manifest: archive.Manifest, file: Path) -> None:
    if not source.knows(manifest.schema):
        raise fail(f"{file} was made by a newer eventhub. Restore it with that one.")
    await source.migrate()


async def _replace(
    installation: Installation, source: Database, unpacked: Path, *, replace: bool
) -> None:
    async with installation.database.transaction() as tx, source.reading() as rows:
        if replace:
            await copying.clear(tx)
        elif not await copying.is_empty(tx):
            raise fail("This data folder is in use. Give up what it holds with --replace.")
        await copying.copy(rows, tx)
    await asyncio.to_thread(archive.lay_out, unpacked, installation.settings.data)


async def _count(database: Database) -> Counted:
    async with database.reading() as tx:
        found = [
            (await tx.execute(sa.text(f"SELECT count(*) FROM {name}"))).scalar_one()  # noqa: S608 -- our own table
            for name in ("events", "participants")
        ]
    return Counted(*found)


@contextmanager
def _progress(words: str) -> Iterator[TaskID]:
    shown = Progress(console=Console(stderr=True), transient=True, disable=not is_terminal())
    with shown:
        yield shown.add_task(words, total=None)
