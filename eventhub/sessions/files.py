"""The last release as files that programs fetch again and again."""

import asyncio

from aiohttp import web

from eventhub.events.actions import list_rooms
from eventhub.web.access import public
from eventhub.web.conditional import file, is_unchanged, not_modified
from eventhub.web.keys import base_url, reading

from . import release_store
from .exchange.writing import TYPES, Form, publication, write
from .public import last_release, published_event


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
    event = published_event(request)
    async with reading(request) as tx:
        release = await last_release(tx, event)
        etag = f"{release.number}-{event.version}"
        if is_unchanged(request, etag, release.published_at):
            return not_modified(etag, release.published_at)
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
    body = await asyncio.to_thread(write, told, form)
    content_type, ending = TYPES[form]
    return file(
        body, content_type, f"{event.slug}.{ending}", etag=etag, modified=release.published_at
    )


ROUTES = [
    web.get("/{event}/programme.ics", get_calendar, name="programme.ics"),
    web.get("/{event}/programme.csv", get_table, name="programme.csv"),
    web.get("/{event}/schedule.xml", get_frab_xml, name="programme.xml"),
    web.get("/{event}/schedule.json", get_frab_json, name="programme.json"),
]
