"""`eventhub mail`."""

import asyncio
import json
import signal
import sys
from importlib.util import find_spec

import click

from eventhub.cli.folder import Folder, data_option, fail, run
from eventhub.installation import Installation
from eventhub.invites import answers, inbox
from eventhub.mail.listening import listening, read_address


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


@mail.command()
@data_option
@click.argument("address")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def listen(folder: Folder, address: str, as_json: bool) -> None:
    """Take in mail by LMTP from this machine's mail server, at ADDRESS: 127.0.0.1:8024 or the path of a socket."""
    if find_spec("aiosmtpd") is None:
        raise fail(
            "Listening needs aiosmtpd, which is not installed here; install it with: pip install aiosmtpd."
        )
    try:
        place = read_address(address)
    except ValueError as error:
        raise fail(f"{error}") from error

    async def work(installation: Installation) -> None:
        async def deliver(message: bytes) -> str:
            found = await asyncio.to_thread(inbox.read, message)
            async with installation.database.transaction() as tx:
                taken = await answers.take(tx, found, at=installation.clock.now())
            return str(taken.text)

        ended = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, ended.set)
        # What cannot be delivered comes back to the sender.
        ours = {installation.settings.reply_to, installation.settings.mail_from}
        try:
            async with listening(place, ours, deliver, size_limit=inbox.SIZE_LIMIT) as found:
                where = found if isinstance(found, str) else f"{found[0]}:{found[1]}"
                shown = f"Mail to {', '.join(sorted(ours))} is taken in at {where}."
                click.echo(json.dumps({"address": where}) if as_json else shown)
                await ended.wait()
        except OSError as error:
            raise fail(f"{address} cannot be listened at: {error.strerror}") from error

    run(folder, work)
