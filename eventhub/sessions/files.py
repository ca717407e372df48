"""The last release as files that programs fetch again and again, each written once."""

import asyncio
from functools import partial
from urllib.parse import quote

from aiohttp import web

from eventhub.errors import NotFound
from eventhub.events.actions import list_rooms
from eventhub.participants.offices import code_of
from eventhub.web import shelf
from eventhub.web.access import Right, allow, public
from eventhub.web.keys import CLOCK, EVENT, READER, SETTINGS, base_url, reading
from eventhub.web.pages import page
from eventhub.web.subscribing import subscription
from eventhub.wording import say

from . import actions, calendar, printed, release_store
from .exchange.writing import TYPES, Form, publication, write
from .published import Edition, edition_of

PDF = ("application/pdf", "pdf")


@public
async def get_calendar(request: web.Request) -> web.Response:
    """Give the last release, or a track of it, as a calendar to subscribe to."""
    edition, track = await edition_of(request), request.query.get("track", "")
    at = request.app[CLOCK].now()
    # What was cancelled goes some day, without a release.
    key = (Form.ICS, edition.key, track, at.date())
    body = await request.app[shelf.SHELF].get(key, partial(_calendar, request, edition, track))
    response = _answer(request, edition, body, TYPES[Form.ICS])
    if response.status == web.HTTPOk.status_code and track:
        response.headers["Content-Disposition"] = f'attachment; filename="{code_of(track)}.ics"'
    return response


@public
async def show_calendars(request: web.Request) -> web.Response:
    """Show the ways to subscribe to the programme, and to each of its tracks."""
    edition = await edition_of(request)
    event = edition.event
    async with reading(request) as tx:
        every = await release_store.list_released(tx, edition.release.id)
    address = f"{base_url(request)}/{event.slug}/programme.ics"
    tracks = sorted({session.track for session in every if session.track})
    return await page(
        request,
        "sessions/calendars.html",
        whole=subscription(address, event.title),
        tracks=[
            (track, subscription(f"{address}?track={quote(track, safe='')}", track))
            for track in tracks
        ],
    )


async def _calendar(request: web.Request, edition: Edition, track: str) -> shelf.Body:
    event, release, settings = edition.event, edition.release, request.app[SETTINGS]
    async with reading(request) as tx:
        every = await release_store.list_released(tx, release.id)
    chosen = [session for session in every if not track or session.track == track]
    if track and not chosen:
        raise NotFound(say("There is no such track."))
    told = calendar.still_told(chosen, request.app[CLOCK].now())
    address = f"{base_url(request)}/{event.slug}/"

    def write() -> shelf.Body:
        return shelf.body_of(
            calendar.write_calendar(
                f"{event.title}: {track}" if track else event.title,
                event.time_zone,
                told,
                page=address,
                published_at=release.published_at,
                organizer=settings.reply_to,
            )
        )

    return await asyncio.to_thread(write)


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


@public
async def get_rundown(request: web.Request) -> web.Response:
    """Give the last release as a document to print, in the reader's language."""
    edition, language = await edition_of(request), request[READER].language
    make = partial(_printed, request, edition, language)
    body = await request.app[shelf.SHELF].get(("pdf", language, edition.key), make)
    return _answer(request, edition, body, PDF)


@allow(Right.PROGRAMME_READ)
async def get_draft(request: web.Request) -> web.Response:
    """Give the draft as a document to print."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        sessions = await actions.draft_as_released(tx, event)
        tray = await actions.draft_tray(tx, event)
    rundown = printed.Rundown(event, sessions, None, at, tray)
    content = await printed.write_pdf(rundown, request[READER].language)
    response = web.Response(body=content, content_type=PDF[0])
    response.headers["Content-Disposition"] = f'inline; filename="{event.slug}-draft.pdf"'
    return response


async def _printed(request: web.Request, edition: Edition, language: str) -> shelf.Body:
    event, release = edition.event, edition.release
    async with reading(request) as tx:
        sessions = await release_store.list_released(tx, release.id)
    rundown = printed.Rundown(event, sessions, release, release.published_at)
    return shelf.body_of(await printed.write_pdf(rundown, language))


async def _file(request: web.Request, form: Form) -> web.Response:
    edition = await edition_of(request)
    body = await request.app[shelf.SHELF].get(
        (form, edition.key), partial(_written, request, edition, form)
    )
    return _answer(request, edition, body, TYPES[form])


def _answer(
    request: web.Request, edition: Edition, body: shelf.Body, kind: tuple[str, str]
) -> web.Response:
    content_type, ending = kind
    response = shelf.answer(request, body, content_type, modified=edition.release.published_at)
    # A document is in the reader's language, which caches do not see.
    response.headers["Cache-Control"] = (
        "private, max-age=60" if kind is PDF else "public, max-age=60"
    )
    if response.status == 200:
        name = f"{edition.event.slug}.{ending}"
        # A document is read where it is asked for; the others are taken along.
        how = "inline" if kind is PDF else "attachment"
        response.headers["Content-Disposition"] = f'{how}; filename="{name}"'
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
    web.get("/{event}/calendar", show_calendars, name="programme.calendars"),
    web.get("/{event}/programme.ics", get_calendar, name="programme.ics"),
    web.get("/{event}/programme.csv", get_table, name="programme.csv"),
    web.get("/{event}/schedule.xml", get_frab_xml, name="programme.xml"),
    web.get("/{event}/schedule.json", get_frab_json, name="programme.json"),
    web.get("/{event}/programme.pdf", get_rundown, name="programme.pdf"),
    web.get("/manage/{event}/programme.pdf", get_draft, name="programme.draft"),
]
