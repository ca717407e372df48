"""A session's picture on YouTube, and its further sources."""

import asyncio
from typing import Literal

from aiohttp import web

from eventhub import outbox
from eventhub.accounts import audit
from eventhub.errors import Invalid, NotFound
from eventhub.web.access import Right, allow
from eventhub.web.fields import Form
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, INSTALLATION, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions, channels, other_sources, pictures, store, sync
from .forms import Link
from .model import SourceKind, SourceUse
from .sources import kind_of

LARGEST_UPLOAD = 20_000_000


class _NewSource(Form):
    use: SourceUse
    language: Literal["", "id", "en", "ar", "zh", "sign"] = ""
    kind: SourceKind | Literal[""] = ""
    url: Link


@allow(Right.BROADCASTS_READ)
async def show_sources(request: web.Request) -> web.StreamResponse:
    """Show a session's picture and further sources."""
    return await _show(request)


async def _show(
    request: web.Request, *, status: int = 200, form: Filled | None = None
) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        found = await other_sources.list_sources(tx, shown.session_id)
        given = await pictures.find_given(tx, shown.session_id)
    return await page(
        request,
        "streaming/sources.html",
        status=status,
        shown=shown,
        sources=found,
        has_picture=given is not None,
        form=form or Filled({}),
        may_act=request[PRINCIPAL].has(Right.BROADCASTS_ACT),
    )


@allow(Right.BROADCASTS_ACT)
async def add_source(request: web.Request) -> web.StreamResponse:
    """Add a source, or show what is wrong with it."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        new = read_form(_NewSource, form)
        async with transaction(request) as tx:
            shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
            await other_sources.add_source(
                tx, event, shown, use=new.use, language=new.language, url=new.url,
                kind=SourceKind(new.kind) if new.kind else kind_of(new.url),
                who=request[PRINCIPAL], at=at,
            )  # fmt: skip
    except Invalid as refusal:
        shown_again = filled(text_fields(form), refusal, request[READER])
        return await _show(request, status=refusal.status, form=shown_again)
    return _back(request)


@allow(Right.BROADCASTS_ACT)
async def remove_source(request: web.Request) -> web.StreamResponse:
    """Take a source out."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        source_id = int(request.match_info["source"])
        await other_sources.remove_source(
            tx, event, shown, source_id, who=request[PRINCIPAL], at=at
        )
    return _back(request)


@allow(Right.BROADCASTS_READ)
async def show_picture(request: web.Request) -> web.StreamResponse:
    """Answer the picture that YouTube shows: the given one, or the drawn card."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        given = await pictures.find_given(tx, shown.session_id)
        wanted = await actions.find_wanted(tx, event, shown.session)
    if given is not None:
        return web.Response(body=given, content_type="image/jpeg")
    if wanted is None:
        raise NotFound(say("This session is not published yet, so it has no picture."))
    drawn = await asyncio.to_thread(pictures.drawn, pictures.card_of(wanted, event))
    return web.Response(body=drawn, content_type="image/png")


@allow(Right.BROADCASTS_ACT)
async def change_picture(request: web.Request) -> web.StreamResponse:
    """Take an uploaded picture for the session, or the drawn one again."""
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        form = await posted(request, limit=LARGEST_UPLOAD + 100_000)
        picture = None
        if form.get("drawn") != "1":
            file = form.get("picture")
            if not isinstance(file, web.FileField) or not file.filename:
                raise Invalid.field("picture", say("Choose a JPEG or PNG picture."))
            with file.file as source:
                picture = await asyncio.to_thread(pictures.fitted, source.read())
        async with transaction(request) as tx:
            shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
            if picture is None:
                await pictures.take_out(tx, shown.session_id)
            else:
                await pictures.give(tx, event.id, shown.session_id, picture)
            await audit.record(
                tx, request[PRINCIPAL], "broadcast.picture", shown.session, event_id=event.id, at=at
            )
            is_connected = await channels.is_connected(
                tx, request.app[INSTALLATION].settings, event.id
            )
            if is_connected and not await store.is_awaited(tx, event.id, sync.TOPIC):
                await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    except Invalid as refusal:
        return await _show(
            request, status=refusal.status, form=filled({}, refusal, request[READER])
        )
    return _back(request)


def _back(request: web.Request) -> web.Response:
    return see_other(
        request,
        "streaming.sources",
        event=request[EVENT].slug,
        session=request.match_info["session"],
    )


_ONE = "/manage/{event}/live/sessions/{session}"

ROUTES = [
    web.get(f"{_ONE}/sources", show_sources, name="streaming.sources"),
    web.post(f"{_ONE}/sources", add_source, name="streaming.source_add"),
    web.post(
        _ONE + r"/sources/{source:\d{1,9}}/remove", remove_source, name="streaming.source_remove"
    ),
    web.get(f"{_ONE}/picture", show_picture, name="streaming.picture"),
    web.post(f"{_ONE}/picture", change_picture, name="streaming.picture_change"),
]
