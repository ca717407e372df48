"""`eventhub demo`."""

import json
from datetime import datetime

import click

from eventhub.cli.folder import Folder, data_option, fail, is_terminal
from eventhub.cli.serve import read_moment
from eventhub.cli.serving import serve_folder
from eventhub.demo.installing import Sample, install, look_up
from eventhub.errors import Refusal
from eventhub.installation import Installation
from eventhub.language import Reader


@click.command()
@data_option
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 picks a free one.",
)
@click.option(
    "--now",
    metavar="MOMENT",
    callback=read_moment,
    help="Set the folder's clock, such as 2021-02-25T08:30+07:00.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line, then serve.")
@click.pass_obj
def demo(folder: Folder, port: int, now: datetime | None, as_json: bool) -> None:
    """Serve the sample event, Rakortekrenbang 2021, and make it first where it is missing."""

    async def prepare(installation: Installation) -> None:
        if is_terminal():
            click.echo("Preparing the sample event …", err=True)
        await install(installation, goes_on=now is not None)

    async def announce(installation: Installation) -> None:
        sample = await look_up(installation)
        click.echo(json.dumps(_as_json(sample)) if as_json else _as_text(sample, installation))

    try:
        serve_folder(
            folder, host="127.0.0.1", port=port, now=now, prepare=prepare, announce=announce
        )
    except Refusal as refusal:
        raise fail(str(refusal)) from refusal
    except KeyboardInterrupt:
        # Ctrl-C while the event is being made: nothing of it is kept.
        return


def _as_json(sample: Sample) -> dict[str, object]:
    return {
        "base_url": sample.base_url,
        "event": sample.event.slug,
        "sign_in": {"email": sample.access.email, "password": sample.access.password},
        "scanner_url": sample.scanner_url,
        "people": {how: link.url for how, link in sample.people.items()},
        "tokens": sample.access.tokens,
    }


def _as_text(sample: Sample, installation: Installation) -> str:
    reader = Reader("en", sample.event.zone)
    lines = [
        ("Programme", f"{sample.base_url}/{sample.event.slug}/", ""),
        ("Sign in", f"{sample.base_url}/manage/sign-in", ""),
        ("", f"{sample.access.email}  {sample.access.password}", ""),
        ("Scanner", sample.scanner_url, "enrols one phone, once"),
        *(
            (heading, sample.people[how].url, sample.people[how].name)
            for how, heading in (
                ("onsite", "On site"),
                ("meeting", "In the meeting"),
                ("stream", "On the stream"),
            )
        ),
    ]
    width = max(len(address) for _, address, _ in lines)
    written = [f"  {name:<15} {address:<{width}}  {note}".rstrip() for name, address, note in lines]
    clock = f"  {'Clock':<15} {reader.moment(installation.clock.now())}"
    if installation.clock.is_set:
        clock += ", set by --now"
    return "\n".join([f"{sample.event.title} is served. Ctrl-C stops.", "", *written, clock])
