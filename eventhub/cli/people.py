"""`eventhub people`."""

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console

from eventhub.accounts import audit
from eventhub.cli.folder import Folder, data_option, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.participants import importing
from eventhub.participants.importing import Imported
from eventhub.participants.spreadsheet import MAX_BYTES


@click.group()
def people() -> None:
    """Bring delegations and participants in."""


@people.command("import")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def bring_in(folder: Folder, file: Path, slug: str, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or XLSX list of people; columns are found by their headers, in any order."""

    async def work(installation: Installation) -> Imported:
        content = await asyncio.to_thread(_read, file)
        listed = await importing.read_people(content)
        at = installation.clock.now()
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            imported = await importing.import_people(tx, event, listed, at=at, dry_run=dry_run)
            if not dry_run:
                await audit.record(
                    tx,
                    "command",
                    "people.imported",
                    "".join(filter(str.isprintable, file.name)),
                    event_id=event.id,
                    at=at,
                    detail=imported.counts,
                )
        return imported

    # Rich draws nothing where nobody watches.
    with Console(stderr=True).status("Importing people"):
        imported = run(folder, work)
    _print(imported, as_json=as_json, dry_run=dry_run)
    if imported.faulty:
        raise SystemExit(1)


def _read(file: Path) -> bytes:
    """Read as much as an import takes and one byte, so that a larger file is refused as such."""
    with file.open("rb") as source:
        return source.read(MAX_BYTES + 1)


def _print(imported: Imported, *, as_json: bool, dry_run: bool) -> None:
    faulty = [
        {"row": fault.row, "field": fault.field, "reason": str(fault.reason)}
        for fault in imported.faulty
    ]
    if as_json:
        answer = imported.counts | {"faulty": faulty}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    rows = len({fault.row for fault in imported.faulty})
    would = " (nothing is written yet)" if dry_run else ""
    click.echo(
        f"{imported.created} created, {imported.updated} updated, "
        f"{imported.unchanged} unchanged, {rows} faulty{would}."
    )
    for fault in faulty:
        click.echo(f"Row {fault['row']}, {fault['field']}: {fault['reason']}", err=True)
