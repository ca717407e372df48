"""The last release as files that programs fetch again and again, each written once."""

import asyncio
from functools import partial

from aiohttp import web

from eventhub.events.actions import list_rooms
from eventhub.web import shelf
from eventhub.web.access import public
from eventhub.web.keys import base_url, reading

from . import release_store
from .exchange.writing import TYPES, Form, publication, write
from .published import Edition, edition_of


@public
async def get_calendar(request: web.Request) -> web.Response:
    """Give the last release as a calendar."""
    return await _file(request, Form.ICS)


@public
async def get_table(request: web.Request) -> web.Response:
    """Give the last release as CSV."""
    return await _file(request, Form.CSV)


@public
async def get_frab_xml(request: web.Request) -> web.Response:
    """Give the last release as frab's schedule.xml."""
    return await _file(request, Form.FRAB_XML)


@public
async def get_frab_json(request: web.Request) -> web.Response:
    """Give the last release as frab's schedule.json."""
    return await _file(request, Form.FRAB_JSON)


async def _file(request: web.Request, form: Form) -> web.Response:
    edition = await edition_of(request)
    content_type, ending = TYPES[form]
    body = await request.app[shelf.SHELF].get(
        (form, edition.key), partial(_written, request, edition, form)
    )
    response = shelf.answer(request, body, content_type, modified=edition.release.published_at)
    response.headers["Cache-Control"] = "public, max-age=60"
    if response.status == 200:
        name = f"{edition.event.slug}.{ending}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _written(request: web.Request, edition: Edition, form: Form) -> shelf.Body:
    event, release = edition.event, edition.release
    async with reading(request) as tx:
        sessions = await release_store.list_released(tx, release.id)
        rooms = await list_rooms(tx, event.id)
    told = publication(
        event,
        sessions,
        rooms,
        base=base_url(request),
        version=str(release.number),
        at=release.published_at,
    )
    # Writing a thousand sessions takes longer than other requests should wait.
    return await asyncio.to_thread(lambda: shelf.body_of(write(told, form)))


ROUTES = [
    web.get("/{event}/programme.ics", get_calendar, name="programme.ics"),
    web.get("/{event}/programme.csv", get_table, name="programme.csv"),
    web.get("/{event}/schedule.xml", get_frab_xml, name="programme.xml"),
    web.get("/{event}/schedule.json", get_frab_json, name="programme.json"),
]
