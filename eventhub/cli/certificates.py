"""`eventhub certificates`."""

import asyncio
from pathlib import Path

import click
from rich.console import Console

from eventhub.cli.folder import Folder, data_option, fail, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.participants.actions import get_delegation
from eventhub.reports import certificate_paper
from eventhub.reports.certificates import to_hand_out

WRITERS = {
    ".pdf": certificate_paper.print_certificates,
    ".zip": certificate_paper.pack_certificates,
}


@click.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write: one .pdf with all, or a .zip with one for each person.",
)
@click.option("--delegation", metavar="D", help="Only the participants of this delegation.")
@click.pass_obj
def certificates(folder: Folder, slug: str, output: Path, delegation: str | None) -> None:
    """Write the certificates of everybody who attended, once the event is over."""
    write = WRITERS.get(output.suffix.lower())
    if write is None:
        raise fail(f"{output} must end in .pdf or .zip.", code=2)

    async def work(installation: Installation) -> int:
        settings = installation.settings
        async with installation.database.reading() as tx:
            event = await get_event(tx, slug)
            if delegation is not None:
                await get_delegation(tx, event.id, delegation)
            at = installation.clock.now()
            found = await to_hand_out(tx, event, delegation=delegation, at=at)
        content = await write(event, found, secret=settings.secret, base_url=settings.base_url)
        await asyncio.to_thread(_write, output, content)
        return len(found)

    # Rich draws nothing where nobody watches.
    with Console(stderr=True).status("Writing the certificates"):
        count = run(folder, work)
    click.echo(f"{output}: {count} certificates.")


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise fail(f"{output} cannot be written: {error.strerror}.") from error
