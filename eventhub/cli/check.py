"""`eventhub check`."""

import socket
from urllib.parse import urlsplit

import click
from sqlalchemy.exc import SQLAlchemyError

from eventhub.cli.folder import Folder, compose, data_option
from eventhub.cli.serving import run_loop
from eventhub.settings import Settings
from eventhub.streaming.connection import channel_problem
from eventhub.streaming.trouble import Problem


@click.command()
@data_option
@click.pass_obj
def check(folder: Folder) -> None:
    """Say what is wrong with settings, database, mail, YouTube and clock; exit 1 if anything is."""
    settings = folder.settings()
    findings = [
        _database(settings),
        *_mail(settings),
        _youtube(settings),
        _addresses(settings),
        *_clock(settings),
    ]
    for is_fine, sentence in findings:
        click.echo(f"{'fine' if is_fine else 'WRONG'}  {sentence}")
    if not all(is_fine for is_fine, _ in findings):
        raise SystemExit(1)


def _database(settings: Settings) -> tuple[bool, str]:
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"

    async def current() -> bool:
        installation = compose(settings)
        try:
            await installation.database.migrate()
            return await installation.database.is_current()
        finally:
            await installation.database.close()

    try:
        run_loop(current())
    except (SQLAlchemyError, OSError) as error:
        return False, f"The database ({kind}) does not answer: {' '.join(str(error).split())[:300]}"
    return True, f"The database ({kind}) answers and its schema is current."


def _mail(settings: Settings) -> list[tuple[bool, str]]:
    if not settings.smtp_url:
        return [(True, f"No mail server is set: mail is kept in {settings.data / 'mail'}.")]
    found = [_reaches("The mail server", settings.smtp_url, {"smtp": 25, "smtps": 465})]
    if settings.imap_url:
        found.append(
            _reaches("The mailbox for answers", settings.imap_url, {"imap": 143, "imaps": 993})
        )
    if settings.mail_from.endswith("@localhost"):
        found.append(
            (False, "EVENTHUB_MAIL_FROM is not set: receivers would refuse mail from localhost.")
        )
    return found


def _reaches(what: str, url: str, ports: dict[str, int]) -> tuple[bool, str]:
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port or ports[parts.scheme]}"
    try:
        socket.create_connection(
            (parts.hostname or "", parts.port or ports[parts.scheme]), timeout=5
        ).close()
    except OSError as error:
        return False, f"{what} at {place} does not answer: {error.strerror or error}."
    return True, f"{what} at {place} answers."


def _youtube(settings: Settings) -> tuple[bool, str]:
    youtube = settings.youtube
    if not any((youtube.client_id, youtube.client_secret, youtube.refresh_token)):
        return True, "YouTube is not set up: organizers paste the links of streams."
    if not youtube.has_client:
        return False, "YouTube needs EVENTHUB_YOUTUBE_CLIENT_ID and …_CLIENT_SECRET together."
    if not youtube.is_set:
        return True, "YouTube's OAuth client is set: organizers connect channels in the browser."

    async def asked() -> Problem | None:
        installation = compose(settings)
        try:
            return await channel_problem(installation)
        finally:
            await installation.database.close()

    try:
        problem = run_loop(asked())
    except SQLAlchemyError:
        return False, "YouTube was not asked, as the database does not answer."
    if problem is not None:
        return False, f"YouTube: {problem.explanation} {problem.action}"
    return True, "The YouTube channel answers."


def _addresses(settings: Settings) -> tuple[bool, str]:
    secure = settings.is_https or urlsplit(settings.base_url).hostname in {
        "127.0.0.1",
        "localhost",
        "::1",
    }
    camera = "Scanners need https: phones open their cameras on secure pages only."
    return secure, f"Links lead to {settings.base_url}." if secure else camera


def _clock(settings: Settings) -> list[tuple[bool, str]]:
    clock = compose(settings).clock
    if clock.is_set:
        return [
            (
                True,
                f"This folder has a clock of its own; it says {clock.now().isoformat(timespec='seconds')}.",
            )
        ]
    return [(True, f"The clock says {clock.now().isoformat(timespec='seconds')}.")]
