"""`eventhub serve`."""

import json
from datetime import datetime

import click

from eventhub.cli.folder import Folder, data_option, fail
from eventhub.cli.serving import serve_folder
from eventhub.installation import Installation


def read_moment(
    _ctx: click.Context, _parameter: click.Parameter, value: str | None
) -> datetime | None:
    """Return a moment given as text, which must carry its offset."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("is no moment, such as 2021-02-25T08:30+07:00") from error
    if moment.tzinfo is None or not 1990 <= moment.year < 2200:
        raise click.BadParameter("needs an offset, such as 2021-02-25T08:30+07:00")
    return moment


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 picks a free one.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="More than one needs PostgreSQL.",
)
@click.option(
    "--now",
    metavar="MOMENT",
    callback=read_moment,
    help="Set the folder's clock, such as 2021-02-25T08:30+07:00.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line, then serve.")
@click.pass_obj
def serve(  # noqa: PLR0917 -- click passes options by name
    folder: Folder, host: str, port: int, workers: int, now: datetime | None, as_json: bool
) -> None:
    """Serve the web application and work off what is to be done."""
    if workers > 1 and folder.settings().is_sqlite:
        raise fail(
            "More than one worker needs PostgreSQL. Set EVENTHUB_DATABASE_URL or use one worker."
        )

    async def announce(installation: Installation) -> None:
        base_url = installation.settings.base_url
        click.echo(
            json.dumps({"base_url": base_url}) if as_json else f"eventhub is served at {base_url}"
        )

    serve_folder(folder, host=host, port=port, workers=workers, now=now, announce=announce)
