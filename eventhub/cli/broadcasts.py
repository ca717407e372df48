"""`eventhub broadcasts`."""

import json
from datetime import datetime
from typing import Any

import click
from rich.console import Console

from eventhub.cli.folder import Folder, data_option, fail, run
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.language import Reader, zone_of
from eventhub.streaming import actions
from eventhub.streaming import sync as syncing
from eventhub.streaming.forms import BroadcastShape, broadcast_shape, problem_shape
from eventhub.streaming.making import Outcome
from eventhub.streaming.report import Report
from eventhub.wording import Text, render

READER = Reader("en", zone_of("UTC"))


@click.group()
def broadcasts() -> None:
    """Set up broadcasts on YouTube and list them."""


@broadcasts.command()
@data_option
@click.option("--event", "slug", metavar="E", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def sync(folder: Folder, slug: str, as_json: bool) -> None:
    """Make YouTube agree with the last release, once."""

    async def work(installation: Installation) -> Report:
        async with installation.database.reading() as tx:
            event = await events.get_event(tx, slug)
        return await syncing.sync(installation, event)

    # Rich draws nothing where nobody watches.
    with Console(stderr=True).status("Setting up broadcasts"):
        report = run(folder, work)
    answer = _report(report)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        counts = ", ".join(f"{answer[outcome]} {outcome}" for outcome in Outcome)
        click.echo(f"{counts}; {answer['units_used']} units used today.")
        for line in answer["put_off"]:
            click.echo(f"{line['session']}: put off until {line['until']}. {line['why']}")
    if answer["problems"]:
        worst = answer["problems"][0]
        raise fail(
            f"{len(answer['problems'])} with a problem, the first {worst['session'] or slug}: "
            f"{worst['explanation']} {worst['action']}"
        )


def _waiting(put_off: list[tuple[str, datetime, Text]]) -> list[dict[str, str]]:
    return [
        {"session": session, "until": until.isoformat(), "why": render(why, READER)}
        for session, until, why in put_off
    ]


def _report(report: Report) -> dict[str, Any]:
    return {
        **{outcome.value: report.outcomes[outcome] for outcome in Outcome},
        "put_off": _waiting(report.put_off),
        "extras_put_off": _waiting(report.extras_put_off),
        "problems": [
            {"session": session or None, **problem_shape(problem, READER).model_dump()}
            for session, problem in report.problems
        ],
        "units_used": report.units_used,
        "units_left": report.units_left,
    }


@broadcasts.command("list")
@data_option
@click.option("--event", "slug", metavar="E", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(folder: Folder, slug: str, as_json: bool) -> None:
    """List the broadcasts of all sessions that stream."""

    async def work(installation: Installation) -> list[BroadcastShape]:
        async with installation.database.reading() as tx:
            event = await events.get_event(tx, slug)
            shown = await actions.list_shown(tx, event.id, installation.clock.now())
        return [broadcast_shape(each, READER) for each in shown]

    shapes = run(folder, work)
    if as_json:
        lines = [shape.model_dump(mode="json") for shape in shapes]
        click.echo(json.dumps(lines, ensure_ascii=False))
        return
    for shape in shapes:
        start = shape.scheduled_start.isoformat(timespec="minutes")
        click.echo(f"{start}\t{shape.session}\t{shape.state}\t{shape.watch_url or '-'}")
