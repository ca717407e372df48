"""`eventhub tokens`."""

import json

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import actions
from eventhub.accounts.actions import Token
from eventhub.cli.folder import Folder, data_option, need_event, run
from eventhub.events.actions import get_event, get_event_by_id
from eventhub.installation import Installation
from eventhub.web.access import Role


@click.group()
def tokens() -> None:
    """Make, list and revoke API tokens."""


async def _event_id(tx: AsyncConnection, slug: str | None) -> int | None:
    return (await get_event(tx, slug)).id if slug else None


@tokens.command()
@data_option
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--event", "slug", metavar="E", help="For every role but owner.")
@click.option(
    "--may-override", is_flag=True, help="A gate supervisor, who may admit against a refusal."
)
@click.pass_obj
def add(folder: Folder, name: str, role: str, slug: str | None, may_override: bool) -> None:
    """Make a token and print it, alone, this once."""
    need_event(role, slug)

    async def work(installation: Installation) -> str:
        async with installation.database.transaction() as tx:
            event_id = await _event_id(tx, slug)
            at = installation.clock.now()
            return await actions.add_token(
                tx, name, Role(role), event_id=event_id, at=at, may_override=may_override
            )

    click.echo(run(folder, work))


@tokens.command("list")
@data_option
@click.option("--event", "slug", metavar="E", help="Only this event's.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(folder: Folder, slug: str | None, as_json: bool) -> None:
    """List the live tokens."""

    async def work(installation: Installation) -> list[dict[str, str | None]]:
        async with installation.database.reading() as tx:
            found = await actions.list_tokens(tx, await _event_id(tx, slug), every=slug is None)
            return [await _line(tx, token) for token in found]

    lines = run(folder, work)
    if as_json:
        click.echo(json.dumps(lines))
        return
    for line in lines:
        click.echo(f"{line['name']}\t{line['role']}\t{line['event'] or '-'}\t{line['created_at']}")


async def _line(tx: AsyncConnection, token: Token) -> dict[str, str | None]:
    slug = (await get_event_by_id(tx, token.event_id)).slug if token.event_id is not None else None
    made = token.created_at.isoformat(timespec="seconds")
    return {"name": token.name, "role": token.role, "event": slug, "created_at": made}


@tokens.command()
@data_option
@click.argument("name")
@click.option("--event", "slug", metavar="E")
@click.pass_obj
def revoke(folder: Folder, name: str, slug: str | None) -> None:
    """Let a token be worth nothing from now on."""

    async def work(installation: Installation) -> None:
        async with installation.database.transaction() as tx:
            event_id = await _event_id(tx, slug)
            await actions.revoke_token(tx, name, event_id=event_id, at=installation.clock.now())

    run(folder, work)
    click.echo(f"Token {name} is revoked.")
