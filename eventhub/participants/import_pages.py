"""Uploading a list of people, and what came of it."""

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Invalid, Refusal
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, transaction
from eventhub.web.pages import page
from eventhub.wording import Text, say

from . import importing
from .importing import Imported
from .spreadsheet import MAX_BYTES

# A multipart body is a little larger than the file in it.
BODY_LIMIT = MAX_BYTES + 100_000
SHOWN_FAULTS = 200


@allow(Right.PEOPLE_WRITE)
async def show_import(request: web.Request) -> web.Response:
    """Show the upload form."""
    return await _page(request)


@allow(Right.PEOPLE_WRITE)
async def import_people(request: web.Request) -> web.Response:
    """Bring an uploaded list in, or only try it, and show what came of each row."""
    try:
        name, content, dry_run = await _upload(request)
        imported = await _bring_in(request, name, content, dry_run=dry_run)
    except Refusal as refusal:
        text = refusal.fields[0].text if isinstance(refusal, Invalid) else refusal.text
        return await _page(request, status=refusal.status, refused=text)
    return await _page(request, imported=imported, name=name, dry_run=dry_run)


async def _upload(request: web.Request) -> tuple[str, bytes, bool]:
    form = await posted(request, limit=BODY_LIMIT)
    file = form.get("file")
    if not isinstance(file, web.FileField) or not file.filename:
        raise Invalid.field("file", say("Choose a CSV or XLSX file."))
    name = "".join(filter(str.isprintable, file.filename))[:200]
    with file.file as source:
        return name, source.read(MAX_BYTES + 1), form.get("dry_run") == "1"


async def _bring_in(request: web.Request, name: str, content: bytes, *, dry_run: bool) -> Imported:
    event, at = request[EVENT], request.app[CLOCK].now()
    people = await importing.read_people(content)
    async with transaction(request) as tx:
        imported = await importing.import_people(tx, event, people, at=at, dry_run=dry_run)
        if not dry_run:
            await audit.record(
                tx, request[PRINCIPAL], "people.imported", name,
                event_id=event.id, at=at, detail=imported.counts,
            )  # fmt: skip
    return imported


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    imported: Imported | None = None,
    name: str = "",
    dry_run: bool = False,
    refused: Text | None = None,
) -> web.Response:
    return await page(
        request,
        "participants/import.html",
        status=status,
        imported=imported,
        name=name,
        dry_run=dry_run,
        refused=refused,
        shown_faults=SHOWN_FAULTS,
    )


ROUTES = [
    web.get("/manage/{event}/people/import", show_import, name="participants.importing"),
    web.post("/manage/{event}/people/import", import_people, name="participants.importing.post"),
]
