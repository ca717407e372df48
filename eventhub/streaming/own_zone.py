"""In which zone somebody reads times beside the event's."""

from urllib.parse import unquote
from zoneinfo import ZoneInfo

from aiohttp import web

from eventhub.events.model import Event
from eventhub.language import zone_of

COOKIE = "zone"  # the browser's own zone, told by site.js


def own_zone(request: web.Request, event: Event, office: str = "") -> ZoneInfo | None:
    """Return a reader's zone where it differs from the event's: what the browser told, else the office's."""
    for name in (unquote(request.cookies.get(COOKIE, "")), office):
        try:
            if name and name != event.time_zone:
                return zone_of(name)
        except (ValueError, OSError, LookupError):
            continue
    return None
