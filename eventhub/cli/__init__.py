"""The commands of eventhub, thin: parse, call an action, print.

Each is loaded when it is called, so starting stays quick.
"""

import importlib
from pathlib import Path
from typing import Any

import click

from eventhub import __version__
from eventhub.cli.folder import Folder, fail

# command: module and the name in it
COMMANDS = {
    "backup": "eventhub.cli.backup:backup",
    "badges": "eventhub.cli.badges:badges",
    "broadcasts": "eventhub.cli.broadcasts:broadcasts",
    "certificates": "eventhub.cli.certificates:certificates",
    "check": "eventhub.cli.check:check",
    "demo": "eventhub.cli.demo:demo",
    "events": "eventhub.cli.events:events",
    "invitations": "eventhub.cli.invitations:invitations",
    "keys": "eventhub.cli.keys:keys",
    "mail": "eventhub.cli.mail:mail",
    "migrate": "eventhub.cli.migrate:migrate",
    "programme": "eventhub.cli.programme:programme",
    "people": "eventhub.cli.people:people",
    "report": "eventhub.cli.report:report",
    "restore": "eventhub.cli.backup:restore",
    "serve": "eventhub.cli.serve:serve",
    "tokens": "eventhub.cli.tokens:tokens",
    "users": "eventhub.cli.users:users",
}


class Commands(click.Group):
    """A group that imports a command's module when it is asked for, and ends a wrong use with one line."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            done = super().main(*args, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            raise fail(error.format_message(), code=error.exit_code) from error
        except click.Abort as error:
            raise SystemExit(1) from error
        raise SystemExit(done if isinstance(done, int) else 0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eventhub")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder (EVENTHUB_DATA).",
)
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Manage hybrid events: programme, invitations, check-in, streaming, attendance."""
    ctx.obj = Folder(data)
