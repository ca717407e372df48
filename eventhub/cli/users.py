"""`eventhub users`."""

import sys

import click

from eventhub.accounts import actions
from eventhub.cli.folder import Folder, data_option, fail, need_event, run
from eventhub.events.actions import get_event
from eventhub.installation import Installation
from eventhub.signing import new_secret
from eventhub.web.access import Role


@click.group()
def users() -> None:
    """Add people who organize."""


@users.command()
@data_option
@click.argument("email")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--event", "slug", metavar="E", help="For every role but owner.")
@click.option(
    "--may-override", is_flag=True, help="A gate supervisor, who may admit against a refusal."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add(  # noqa: PLR0917 -- click passes options by name
    folder: Folder,
    email: str,
    role: str,
    slug: str | None,
    may_override: bool,
    password_stdin: bool,
) -> None:
    """Give EMAIL a role; a new user gets a password, which is printed once unless you give it."""
    if "@" not in email or len(email) > 254:
        raise fail(f"{email} is no e-mail address.", code=2)
    need_event(role, slug)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else new_secret()[:16]

    async def work(installation: Installation) -> bool:
        stored = await actions.hashed(password)
        at = installation.clock.now()
        async with installation.database.transaction() as tx:
            event_id = (await get_event(tx, slug)).id if slug else None
            known = await actions.find_user(tx, email) is not None
            await actions.add_user(
                tx, email, stored, Role(role), event_id=event_id, at=at, may_override=may_override
            )
            if known and password_stdin:
                await actions.set_password(tx, email, stored)
        return known

    known = run(folder, work)
    click.echo(f"{email} is {role}{f' of {slug}' if slug else ''}.")
    if not known and not password_stdin:
        click.echo(f"Password: {password}")
