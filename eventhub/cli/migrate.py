"""`eventhub migrate`."""

import click

from eventhub.cli.folder import Folder, data_option, run
from eventhub.installation import Installation


@click.command()
@data_option
@click.pass_obj
def migrate(folder: Folder) -> None:
    """Bring the database to the newest schema."""

    async def current(installation: Installation) -> bool:
        return await installation.database.is_current()

    run(folder, current)
    click.echo("The database is up to date.")
