"""Which language and zone a request is answered in."""

from aiohttp import web

from eventhub.events.model import Event
from eventhub.language import LANGUAGES, Reader, accepted, choose, zone_of

COOKIE = "eventhub_lang"
FALLBACK = "en"
YEAR_S = 365 * 24 * 3600


def chosen(request: web.Request) -> str | None:
    """Return the language asked for in the address, if it is one of ours."""
    return choose([request.query.get("lang", "")])


def reader_of(request: web.Request) -> Reader:
    """Return the reader: `?lang=`, then their earlier choice, then what the browser accepts."""
    wishes = [
        request.query.get("lang", ""),
        request.cookies.get(COOKIE, ""),
        *accepted(request.headers.get("Accept-Language", "")),
    ]
    return Reader(choose(wishes) or FALLBACK, zone_of("UTC"))


def in_event_zone(reader: Reader, event: Event) -> Reader:
    """Return the reader with moments written in the event's zone."""
    return reader.within(event.zone)


def in_event(request: web.Request, reader: Reader, event: Event) -> Reader:
    """Return the reader within an event: its zone, and its first language where the request wished for none."""
    wished = choose([request.query.get("lang", ""), request.cookies.get(COOKIE, "")])
    if wished is None and not choose(accepted(request.headers.get("Accept-Language", ""))):
        reader = Reader(choose(event.languages) or FALLBACK, reader.zone)
    return in_event_zone(reader, event)


def remember(request: web.Request, response: web.StreamResponse, *, secure: bool) -> None:
    """Keep the language that the address asked for."""
    language = chosen(request)
    if language in LANGUAGES:
        response.set_cookie(
            COOKIE, language, max_age=YEAR_S, samesite="Lax", httponly=True, secure=secure
        )
