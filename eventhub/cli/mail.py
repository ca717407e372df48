"""`eventhub mail`."""

import json
import sys

import click

from eventhub.cli.folder import Folder, data_option, run
from eventhub.installation import Installation
from eventhub.invites import answers, inbox


@click.group()
def mail() -> None:
    """Take in mail that came to the address of answers."""


@mail.command()
@data_option
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def receive(folder: Folder, as_json: bool) -> None:
    """Read one message from stdin and keep the answer to an invitation in it, or note that a mail came back."""
    message = sys.stdin.buffer.read(inbox.SIZE_LIMIT + 1)
    while sys.stdin.buffer.read(1 << 20):
        pass  # a server that pipes a larger message in must not meet a closed pipe
    found = inbox.read(message)

    async def work(installation: Installation) -> answers.Taken:
        async with installation.database.transaction() as tx:
            return await answers.take(tx, found, at=installation.clock.now())

    taken = run(folder, work)
    if as_json:
        click.echo(json.dumps({"kind": taken.kind, "text": str(taken.text)}))
        return
    click.echo(str(taken.text))
