"""`eventhub keys`."""

import json

import click

from eventhub.checkin import keys as ticket_keys
from eventhub.checkin.keys import TicketSecrets
from eventhub.checkin.model import TicketKey
from eventhub.cli.folder import Folder, data_option, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation

WHO = "command"


@click.group()
def keys() -> None:
    """List, rotate and retire the keys that sign an event's tickets."""


@keys.command("list")
@data_option
@click.option("--event", "slug", metavar="E", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(folder: Folder, slug: str, as_json: bool) -> None:
    """List the keys, oldest first, with how many live tickets each has signed."""

    async def work(installation: Installation) -> list[TicketKey]:
        async with installation.database.reading() as tx:
            return await ticket_keys.list_keys(tx, await get_event(tx, slug))

    found = run(folder, work)
    if as_json:
        click.echo(json.dumps([_line(key) for key in found]))
        return
    for key in found:
        state = "retired" if key.retired_at else "in use"
        click.echo(f"{key.key_id}\t{state}\t{key.signed} live tickets\tsince {key.created_at:%F}")


@keys.command()
@data_option
@click.option("--event", "slug", metavar="E", required=True)
@click.pass_obj
def rotate(folder: Folder, slug: str) -> None:
    """Sign tickets with a new key from now on; those signed before stay good until their key is retired."""

    async def work(installation: Installation) -> int:
        async with installation.database.transaction() as tx:
            event, secrets = await get_event(tx, slug), _secrets(installation)
            at = installation.clock.now()
            return await ticket_keys.rotate(tx, event, who=WHO, secrets=secrets, at=at)

    click.echo(f"Key {run(folder, work)} signs new tickets.")


@keys.command()
@data_option
@click.argument("key", type=int)
@click.option("--event", "slug", metavar="E", required=True)
@click.pass_obj
def retire(folder: Folder, key: int, slug: str) -> None:
    """Retire a key: its tickets are dead, and their holders find new ones on their pages."""

    async def work(installation: Installation) -> int:
        async with installation.database.transaction() as tx:
            at = installation.clock.now()
            return await ticket_keys.retire(tx, await get_event(tx, slug), key, who=WHO, at=at)

    click.echo(f"Key {key} is retired; {run(folder, work)} tickets died with it.")


def _secrets(installation: Installation) -> TicketSecrets:
    return TicketSecrets.of(installation.settings.secret)


def _line(key: TicketKey) -> dict[str, object]:
    return {
        "key": key.key_id,
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
        "live_tickets": key.signed,
    }
