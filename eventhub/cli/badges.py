"""`eventhub badges`."""

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from eventhub.checkin import actions, sheets
from eventhub.cli.folder import Folder, data_option, fail, is_terminal, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.participants.actions import get_delegation


@click.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE.pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write.",
)
@click.option("--delegation", metavar="D", help="Only the participants of this delegation.")
@click.pass_obj
def badges(folder: Folder, slug: str, output: Path, delegation: str | None) -> None:
    """Write badges with tickets for everybody who attends on site, eight on a page."""

    whose = sheets.Whose(delegation=delegation)
    progress = Progress(console=Console(stderr=True), transient=True, disable=not is_terminal())
    bar = progress.add_task("Drawing the badges", total=None)

    async def work(installation: Installation) -> int:
        secrets = actions.TicketSecrets.of(installation.settings.secret)
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            if delegation is not None:
                await get_delegation(tx, event.id, delegation)
            waiting = await sheets.list_without_ticket(tx, event.id, whose)
            at = installation.clock.now()
            await actions.issue_tickets(tx, event, waiting, secrets=secrets, at=at)
            found = await sheets.read_badges(tx, event, whose, secrets=secrets)
        if not found:
            raise fail("Nobody attends on site, so there are no badges to write.")
        reader = Reader(event.languages[0], event.zone)
        progress.update(bar, total=len(found))
        content = await sheets.typeset_badges(
            event, found, reader, drawn=lambda: progress.advance(bar)
        )
        await asyncio.to_thread(_write, output, content)
        return len(found)

    with progress:
        count = run(folder, work)
    click.echo(f"{output}: {count} badges.")


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise fail(f"{output} cannot be written: {error.strerror}.") from error
