"""`eventhub invitations`."""

import json
from typing import Any

import click

from eventhub.accounts import audit
from eventhub.cli.folder import Folder, data_option, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.invites import actions
from eventhub.invites.actions import Queued
from eventhub.invites.forms import standing_shape


@click.group()
def invitations() -> None:
    """Invite participants by mail, and see where their invitations stand."""


@invitations.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def send(folder: Folder, slug: str, dry_run: bool, as_json: bool) -> None:
    """Queue a welcome and the invitations that people do not have yet; the server sends them."""

    async def work(installation: Installation) -> Queued:
        at = installation.clock.now()
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            domain = installation.settings.mail_domain
            queued = await actions.send_invitations(
                tx, event, at=at, domain=domain, dry_run=dry_run
            )
            if not dry_run:
                detail = {"queued": queued.total}
                await audit.record(
                    tx, "command", "invitations.sent", slug, event_id=event.id, at=at, detail=detail
                )
        return queued

    queued = run(folder, work)
    if as_json:
        click.echo(json.dumps({"queued": queued.total, "unchanged": queued.unchanged}))
        return
    would = "would be queued" if dry_run else "queued"
    click.echo(f"{queued.total} mails {would}, {queued.unchanged} unchanged.")
    for share in queued.shares if dry_run else ():
        kinds = ", ".join(f"{many} {kind}" for kind, many in share.kinds.items())
        click.echo(f"{share.code}\t{share.office}\t{kinds}")
    if queued.without_address:
        click.echo(f"{queued.without_address} participants have no address.")


@invitations.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(folder: Folder, slug: str, as_json: bool) -> None:
    """List every invitation: to whom, for what, how the mail fared and what the answer is."""

    async def work(installation: Installation) -> list[dict[str, Any]]:
        async with installation.database.reading() as tx:
            event = await get_event(tx, slug)
            standings = await actions.list_standings(tx, event.id)
        return [standing_shape(one).model_dump(mode="json") for one in standings]

    lines = run(folder, work)
    if as_json:
        click.echo(json.dumps(lines))
        return
    for line in lines:
        shown = ("mail", "rsvp", "session", "email", "mail_error")
        click.echo("\t".join(str(line[name]) for name in shown).rstrip())
