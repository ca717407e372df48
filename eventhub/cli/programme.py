"""`eventhub programme`."""

import click

from eventhub.cli.folder import Folder, data_option, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import Release
from eventhub.sessions.sentences import sentence


@click.group()
def programme() -> None:
    """Publish the programme."""


@programme.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--note", default="", help="What readers of the changes should know.")
@click.option(
    "--notify",
    type=click.Choice(["now", "draft", "none"]),
    default="now",
    show_default=True,
    help="Tell those concerned after the merge window, when an organizer approves, or not at all.",
)
@click.pass_obj
def publish(folder: Folder, slug: str, note: str, notify: str) -> None:
    """Freeze the draft as the next release."""

    async def work(installation: Installation) -> Release:
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            return await actions.publish(
                tx,
                event,
                note=note,
                notify=notify,  # type: ignore[arg-type]  # click keeps it to the three words
                who="command",
                at=installation.clock.now(),
            )

    release = run(folder, work)
    click.echo(
        f"Release {release.number} of {slug} is published, with {len(release.changes)} changes."
    )
    for change in release.changes[:20]:
        click.echo(f"  {sentence(change)}")
    if len(release.changes) > 20:
        click.echo(f"  and {len(release.changes) - 20} more")
