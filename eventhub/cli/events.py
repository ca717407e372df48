"""`eventhub events`."""

import click

from eventhub.accounts import audit
from eventhub.cli.folder import Folder, data_option, run
from eventhub.events import actions
from eventhub.events.forms import NewEvent, new_event
from eventhub.events.model import Event, conflict_kinds
from eventhub.installation import Installation
from eventhub.web.forms import read_form


@click.group()
def events() -> None:
    """Make events."""


@events.command()
@data_option
@click.argument("slug", metavar="E")
@click.option("--title", required=True)
@click.option("--starts", required=True, metavar="DAY")
@click.option("--ends", required=True, metavar="DAY")
@click.option("--zone", required=True, help="IANA time zone, such as Asia/Jakarta.")
@click.pass_obj
def add(folder: Folder, slug: str, title: str, starts: str, ends: str, zone: str) -> None:  # noqa: PLR0917 -- click passes options by name
    """Make an event E, from its first day to its last."""

    async def work(installation: Installation) -> Event:
        values = {
            "slug": slug,
            "title": title,
            "starts_on": starts,
            "ends_on": ends,
            "time_zone": zone,
        }
        form = read_form(NewEvent, values)
        at = installation.clock.now()
        async with installation.database.transaction() as tx:
            event = await actions.add_event(tx, new_event(form, slug, conflict_kinds()), at=at)
            await audit.record(tx, "command", "event.added", slug, event_id=event.id, at=at)
        return event

    fields = {"starts_on": "starts", "ends_on": "ends", "days": "ends", "time_zone": "zone"}
    event = run(folder, work, fields=fields)
    click.echo(f"Event {event.slug} is made: {event.starts_on} to {event.ends_on}.")
