"""Importing a file over the programme: upload, look at what it changes, bring it in."""

from aiohttp import web
from multidict import MultiMapping

from eventhub.errors import Invalid, Refusal, Stale
from eventhub.participants.spreadsheet import MAX_BYTES
from eventhub.web.access import Right, allow
from eventhub.web.fields import INT32
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import render, say

from . import import_work
from .exchange.item import zone_name
from .import_work import Gone, Upload
from .looks import look

# A multipart body is a little larger than the file in it.
BODY_LIMIT = MAX_BYTES + 100_000
SHOWN_FAULTS = 200


@allow(Right.PROGRAMME_WRITE)
async def show_upload(request: web.Request) -> web.Response:
    """Show the upload form."""
    return await page(request, "manage/import.html", form=Filled({}))


@allow(Right.PROGRAMME_WRITE)
async def take_upload(request: web.Request) -> web.Response:
    """Keep a file that can be read, and go on to what it changes."""
    event, at = request[EVENT], request.app[CLOCK].now()
    form = await posted(request, limit=BODY_LIMIT)
    try:
        upload = _upload(form)
        await import_work.read(event, upload)
        async with transaction(request) as tx:
            upload_id = await import_work.keep(tx, event, upload, at=at)
    except Refusal as refusal:
        shown = filled(text_fields(form) | {"file": ""}, refusal, request[READER])
        return await page(request, "manage/import.html", status=refusal.status, form=shown)
    return see_other(request, "sessions.importing.look", event=event.slug, upload=upload_id)


def _upload(form: MultiMapping[str | bytes | bytearray | web.FileField]) -> Upload:
    file, zone = form.get("file"), str(form.get("zone", "")).strip()
    if not isinstance(file, web.FileField) or not file.filename:
        raise Invalid.field("file", say("Choose a file."))
    if zone and not zone_name(zone):
        raise Invalid.field("zone", say("This is no IANA time zone, such as Asia/Jakarta."))
    name = "".join(filter(str.isprintable, file.filename))[:200]
    with file.file as source:
        return Upload(0, name, zone, source.read(MAX_BYTES + 1))


@allow(Right.PROGRAMME_WRITE)
async def show_look(request: web.Request) -> web.Response:
    """Show what a file changes."""
    return await _look_page(request, _gone(request.query))


@allow(Right.PROGRAMME_WRITE)
async def bring_in(request: web.Request) -> web.Response:
    """Bring in what was shown; show it again when it would be something else by now."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    gone = _gone(form)
    try:
        async with transaction(request) as tx:
            upload = await import_work.get_upload(tx, event.id, _id(request))
        listed = await import_work.read(event, upload)
        async with transaction(request) as tx:
            upload = await import_work.get_upload(tx, event.id, _id(request))
            await import_work.bring_in(
                tx, event, upload, listed, gone,
                seen=str(form.get("seen", "")), who=request[PRINCIPAL], at=at,
            )  # fmt: skip
    except Stale as refusal:
        return await _look_page(
            request, gone, render(refusal.text, request[READER]), refusal.status
        )
    return see_other(request, path=f"/manage/{event.slug}/programme/bulk?done=import")


async def _look_page(
    request: web.Request, gone: Gone, refused: str = "", status: int = 200
) -> web.Response:
    event, reader, at = request[EVENT], request[READER], request.app[CLOCK].now()
    async with transaction(request) as tx:
        upload = await import_work.get_upload(tx, event.id, _id(request))
    listed = await import_work.read(event, upload)
    async with transaction(request) as tx:
        seen = await import_work.look(tx, event, listed, gone, at=at)
    return await page(
        request, "manage/import_look.html", status=status, upload=upload, seen=seen, refused=refused,
        gone=gone.value, look=look(seen.preview, reader), shown_faults=SHOWN_FAULTS,
    )  # fmt: skip


def _gone(form: MultiMapping[str] | MultiMapping[str | bytes | bytearray | web.FileField]) -> Gone:
    asked = form.get("gone", "")
    return Gone(asked) if asked in set(Gone) else Gone.KEEP


def _id(request: web.Request) -> int:
    return min(int(request.match_info["upload"]), INT32)


HERE = "/manage/{event}/programme/import"
LOOK = HERE + r"/{upload:\d{1,10}}"

ROUTES = [
    web.get(HERE, show_upload, name="sessions.importing"),
    web.post(HERE, take_upload, name="sessions.importing.post"),
    web.get(LOOK, show_look, name="sessions.importing.look"),
    web.post(LOOK, bring_in, name="sessions.importing.do"),
]
