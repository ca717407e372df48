"""`eventhub programme plan`: searches as the page does, and prints what the plan would move."""

import json
from typing import Any

import click
from rich.console import Console

from eventhub.cli.folder import Folder, data_option, fail, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.sessions.model import Kind
from eventhub.sessions.planner import actions, running, store
from eventhub.sessions.planner.forms import NewPlan, make_order, proposal_values
from eventhub.sessions.planner.store import PlanStatus


@click.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--kind", type=click.Choice([*map(str, Kind)]), default="desk", show_default=True)
@click.option("--track", default="", help="Only the sessions of this track.")
@click.option("--seconds", type=click.IntRange(5, 600), default=50, show_default=True)
@click.option("--apply", "is_applied", is_flag=True, help="Move the sessions as proposed.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def plan(
    folder: Folder,
    slug: str,
    *,
    kind: str,
    track: str,
    seconds: int,
    is_applied: bool,
    as_json: bool,
) -> None:
    """Search for times and rooms of many sessions; what is found also stands on the page of plans."""
    wanted = NewPlan(kind=Kind(kind), track=track, seconds=seconds)

    async def work(installation: Installation) -> dict[str, Any]:
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            order = await make_order(tx, event, wanted)
            at = installation.clock.now()
            number = await actions.start(tx, event, order, who="command", at=at)
        await running.search(installation, number)
        async with installation.database.transaction() as tx:
            found = await store.get_plan(tx, event.id, number)
            if found.status is not PlanStatus.READY or found.proposal is None:
                raise fail("This search ended without a plan.")
            if is_applied:
                at = installation.clock.now()
                await actions.apply(tx, event, number, who="command", at=at)
        told = proposal_values(found.proposal, Reader("en", event.zone))
        return {"plan": number, "applied": is_applied, **told}

    # Rich draws nothing where nobody watches.
    with Console(stderr=True).status("Searching for a plan"):
        answer = run(folder, work)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
    else:
        _tell(answer)


def _tell(answer: dict[str, Any]) -> None:
    verb = "moved" if answer["applied"] else "would move"
    click.echo(
        f"Plan {answer['plan']}: {len(answer['moves'])} sessions {verb}, {answer['kept']} stay, "
        f"{len(answer['unplaced'])} have no place."
    )
    for each in [*answer["moves"], *answer["unplaced"]]:
        if each["why"]:
            click.echo(f"{each['session']}: {each['why']}", err=True)
