"""`eventhub programme`."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from eventhub.accounts import audit
from eventhub.cli.folder import Folder, data_option, fail, run
from eventhub.cli.planning import plan
from eventhub.errors import NotFound
from eventhub.events.actions import get_event, list_rooms
from eventhub.installation import Installation
from eventhub.language import LANGUAGES, choose
from eventhub.participants.spreadsheet import MAX_BYTES
from eventhub.sessions import actions
from eventhub.sessions.conflict_lists import gathered
from eventhub.sessions.exchange.bringing_in import Imported, answer_of, import_programme, read_for
from eventhub.sessions.exchange.item import zone_name
from eventhub.sessions.exchange.writing import Form, publication, write
from eventhub.sessions.model import Release, Waiting
from eventhub.sessions.printed import Rundown, write_pdf
from eventhub.sessions.sentences import sentence
from eventhub.wording import say


@click.group()
def programme() -> None:
    """Bring the programme in, plan it, take it out, publish it."""


programme.add_command(plan)


@programme.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--note", default="", help="What readers of the changes should know.")
@click.option(
    "--notify",
    type=click.Choice(["now", "draft", "none"]),
    default="now",
    show_default=True,
    help="Tell those concerned after the merge window, when an organizer approves, or not at all.",
)
@click.pass_obj
def publish(folder: Folder, slug: str, note: str, notify: str) -> None:
    """Freeze the draft as the next release."""

    async def work(installation: Installation) -> Release:
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            return await actions.publish(
                tx,
                event,
                note=note,
                notify=notify,  # type: ignore[arg-type]  # click keeps it to the three words
                who="command",
                at=installation.clock.now(),
            )

    release = run(folder, work)
    click.echo(
        f"Release {release.number} of {slug} is published, with {len(release.changes)} changes."
    )
    for change in release.changes[:20]:
        click.echo(f"  {sentence(change)}")
    if len(release.changes) > 20:
        click.echo(f"  and {len(release.changes) - 20} more")


@programme.command()
@data_option
@click.option("--event", "slug", required=True, metavar="E")
@click.option("--format", "form", required=True, type=click.Choice([*map(str, Form), "pdf"]))
@click.option("--draft", is_flag=True, help="The draft instead of the last release.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Of the PDF; by default the event's first.",
)
@click.option("-o", "target", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.pass_obj
def export(
    folder: Folder, slug: str, *, form: str, draft: bool, language: str | None, target: Path | None
) -> None:
    """Write the last release, or the draft, with the links of its meetings: not for the public.

    The PDF, a rundown to print, carries no links.
    """

    async def work(installation: Installation) -> bytes:
        base = installation.settings.base_url
        async with installation.database.reading() as tx:
            event = await get_event(tx, slug)
            release = await actions.latest_release(tx, event.id)
            tray: list[Waiting] = []
            if draft:
                tray = await actions.draft_tray(tx, event)
                sessions = await actions.draft_as_released(tx, event)
            elif release is None:
                raise NotFound(say("Nothing is published yet. Export the draft with --draft."))
            else:
                sessions = await actions.list_released(tx, release.id)
            rooms = await list_rooms(tx, event.id)
        if form == "pdf":
            at = installation.clock.now()
            rundown = Rundown(event, sessions, None if draft else release, at, tray)
            return await write_pdf(rundown, language or choose(event.languages) or LANGUAGES[0])
        version = str(release.number) if release and not draft else "draft"
        at = release.published_at if release and not draft else installation.clock.now()
        told = publication(
            event, sessions, rooms, base=base, version=version, at=at, private=True, tray=tray
        )
        return await asyncio.to_thread(write, told, Form(form))

    _put(run(folder, work), target)


def _put(body: bytes, target: Path | None) -> None:
    """Write to a file, or to stdout."""
    if target is None:
        sys.stdout.buffer.write(body)
        return
    try:
        target.write_bytes(body)
    except OSError as error:
        raise fail(f"{target} cannot be written: {error.strerror}.") from error


@programme.command("import")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--event", "slug", required=True, metavar="E")
@click.option(
    "--zone",
    default="",
    metavar="Z",
    help="The zone of times that name none, such as Asia/Jakarta.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def bring_in(
    folder: Folder, file: Path, slug: str, *, zone: str, dry_run: bool, as_json: bool
) -> None:
    """Import a programme: CSV, XLSX, iCalendar, frab's or pretalx's schedule.xml and schedule.json."""
    if zone and not zone_name(zone):
        raise fail(f"{zone} is no IANA time zone, such as Asia/Jakarta.", code=2)

    async def work(installation: Installation) -> Imported:
        content = await asyncio.to_thread(_read, file)
        at = installation.clock.now()
        async with installation.database.reading() as tx:
            event = await get_event(tx, slug)
        listed = await read_for(event, content, zone)
        async with installation.database.transaction() as tx:
            event = await get_event(tx, slug)
            imported = await import_programme(tx, event, listed, at=at, dry_run=dry_run)
            if not dry_run:
                name = "".join(filter(str.isprintable, file.name))
                await audit.record(
                    tx,
                    "command",
                    "programme.imported",
                    name,
                    event_id=event.id,
                    at=at,
                    detail=imported.counts,
                )
        return imported

    # Rich draws nothing where nobody watches.
    with Console(stderr=True).status("Importing the programme"):
        imported = run(folder, work)
    told = imported if as_json else replace(imported, conflicts=gathered(imported.conflicts))
    _print(answer_of(told), as_json=as_json, dry_run=dry_run)
    if imported.faulty:
        raise SystemExit(1)


def _read(file: Path) -> bytes:
    """Read as much as an import takes and one byte, so that a larger file is refused as such."""
    with file.open("rb") as source:
        return source.read(MAX_BYTES + 1)


def _print(answer: Mapping[str, Any], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    would = " (nothing is written yet)" if dry_run else ""
    click.echo(
        f"{answer['created']} created, {answer['updated']} updated, {answer['unchanged']} unchanged, "
        f"{len(answer['faulty'])} faulty, {len(answer['conflicts'])} conflicts{would}."
    )
    for fault in answer["faulty"]:
        click.echo(f"Row {fault['row']}, {fault['field']}: {fault['reason']}", err=True)
    for conflict in answer["conflicts"]:
        click.echo(f"Conflict: {conflict['explanation']}", err=True)
