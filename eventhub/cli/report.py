"""`eventhub report`."""

import asyncio
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from eventhub.cli.folder import Folder, data_option, fail, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.reports import actions
from eventhub.reports.exports import FORMATS, export_report


@click.group()
def report() -> None:
    """Write reports."""


@report.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only this day's sessions.")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; its ending is the format: .xlsx, .csv or .pdf.",
)
@click.pass_obj
def attendance(folder: Folder, slug: str, day: datetime | None, output: Path) -> None:
    """Write who was invited, present and attended, per session and delegation."""
    form = next((form for form in FORMATS if output.suffix.lower() == f".{form}"), None)
    if form is None:
        raise fail(f"{output} must end in .xlsx, .csv or .pdf.", code=2)

    async def work(installation: Installation) -> tuple[int, int]:
        async with installation.database.reading() as tx:
            event = await get_event(tx, slug)
            found = await actions.whole_report(
                tx, event, now=installation.clock.now(), day=day.date() if day else None
            )
        reader = Reader(event.languages[0], event.zone)
        content = await export_report(found, event, form, reader)
        await asyncio.to_thread(_write, output, content)
        return len(found.sessions), len(found.delegations)

    # Rich draws nothing where nobody watches.
    with Console(stderr=True).status("Writing the report"):
        sessions, delegations = run(folder, work)
    click.echo(f"{output}: {sessions} sessions, {delegations} delegations.")


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise fail(f"{output} cannot be written: {error.strerror}.") from error
