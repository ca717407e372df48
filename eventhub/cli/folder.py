"""Opening the data folder for a command, and ending a refused one with one line."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import OperationalError

from eventhub.checkin.actions import TicketSecrets
from eventhub.checkin.badge import draw_png_quickly
from eventhub.checkin.mailed import TicketTexts
from eventhub.clock import read_clock
from eventhub.db.engine import Database
from eventhub.errors import Invalid, Refusal
from eventhub.installation import Installation
from eventhub.settings import BadSetting, Settings, read_settings

T = TypeVar("T")

ADDRESS_FILE = "address"


class Folder:
    """The data folder a command works on, given by `--data` or EVENTHUB_DATA."""

    def __init__(self, data: Path | None) -> None:
        self.data = data

    def configured(self) -> Settings:
        """Read the settings as they are configured; the base address may be absent."""
        try:
            settings = read_settings(os.environ, self.data)
            if settings.youtube.token_url.startswith(("http://127.0.0.1:", "http://localhost:")):
                # oauthlib takes tokens over https only, unless told otherwise.
                os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")
            return settings
        except BadSetting as error:
            raise fail(str(error), code=2) from error
        except OSError as error:
            place = error.filename or self.data
            raise fail(
                f"The data folder cannot be used: {place}: {error.strerror}.", code=2
            ) from error

    def settings(self) -> Settings:
        """Read the settings; links lead to where the folder was last served unless a base address is set."""
        settings = self.configured()
        if settings.base_url:
            return settings
        served = settings.data / ADDRESS_FILE
        base = served.read_text("ascii").strip() if served.exists() else "http://127.0.0.1:8080"
        return replace(settings, base_url=base)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command itself take `--data` too, after its name."""

    def keep(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
        if value is not None:
            ctx.obj = Folder(value)

    option = click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=keep,
        help="The data folder (EVENTHUB_DATA).",
    )
    return option(command)


def run(
    folder: Folder,
    work: Callable[[Installation], Awaitable[T]],
    *,
    fields: Mapping[str, str] | None = None,
) -> T:
    """Bring the folder's database up to date and work on it; a refusal ends the command with its sentence.

    `fields`: the command's parameters for fields of the form that are called otherwise.
    """
    settings = folder.settings()

    async def opened() -> T:
        installation = compose(settings)
        try:
            await installation.database.migrate()
            return await work(installation)
        finally:
            await installation.database.close()

    try:
        return asyncio.run(opened())
    except Invalid as refusal:
        raise fail(_corrections(refusal, fields or {})) from refusal
    except Refusal as refusal:
        raise fail(str(refusal)) from refusal
    except OperationalError as error:
        raise fail(f"The database does not answer: {error.orig}") from error


def _corrections(refusal: Invalid, fields: Mapping[str, str]) -> str:
    """Say what is wrong by the names that are typed in a command, an option's or an argument's."""
    typed = {
        each.name: each.opts[0] if isinstance(each, click.Option) else each.human_readable_name
        for each in click.get_current_context().command.params
    }
    names = [(fields.get(fault.field, fault.field), fault.text) for fault in refusal.fields]
    return "; ".join(dict.fromkeys(f"{typed.get(name, name)}: {text}" for name, text in names))


def compose(settings: Settings) -> Installation:
    """Return the installation of a folder's settings."""
    clock = read_clock(settings.data)
    return Installation(
        settings,
        clock,
        Database(settings.database_url),
        ticket_texts=TicketTexts(TicketSecrets.of(settings.secret), clock.now),
        ticket_picture=draw_png_quickly,
    )


def fail(sentence: str, code: int = 1) -> SystemExit:
    """Say one line on stderr; raise what this returns."""
    click.echo(" ".join(sentence.split()), err=True)
    return SystemExit(code)


def need_event(role: str, slug: str | None) -> None:
    """End a command in which a role and `--event` do not go together."""
    if role == "owner" and slug is not None:
        raise fail("An owner belongs to no event: leave --event out.", code=2)
    if role != "owner" and slug is None:
        raise fail(f"Name the event of the {role} with --event.", code=2)


def is_terminal() -> bool:
    """Whether a person watches, who is helped by a progress bar."""
    return sys.stderr.isatty()
