"""Whose page a link opens, and what is posted there."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound, TooLarge, Unreadable
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.language import Reader, choose
from eventhub.signing import BadToken
from eventhub.web.forms import in_time
from eventhub.web.keys import EVENT, READER
from eventhub.web.language import COOKIE
from eventhub.web.pages import see_other
from eventhub.wording import say

from . import actions, feeds
from .model import Person

FORM_LIMIT = 10_000


async def open_page(request: web.Request, tx: AsyncConnection) -> tuple[Person, Event]:
    """Return whose page the token opens; from here on the request is answered in their language and event."""
    try:
        claim = feeds.links_of(request).open_page(request.match_info["token"])
    except BadToken as error:
        raise NotFound(actions.dead_link()) from error
    person = await actions.person_of(tx, claim)
    event = await events.get_event_by_id(tx, person.event_id)
    request[EVENT] = event
    wished = choose([request.query.get("lang", ""), request.cookies.get(COOKIE, "")])
    request[READER] = Reader(wished or person.language, event.zone)
    return person, event


async def read_post(request: web.Request) -> dict[str, str]:
    """Return the fields of a form, or raise TooLarge or Unreadable."""
    try:
        async with in_time():
            form = await request.clone(client_max_size=FORM_LIMIT).post()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(say("This is too large.")) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise Unreadable(say("The form could not be read. Please send it again.")) from error
    return {name: value for name, value in form.items() if isinstance(value, str)}


def back(request: web.Request, place: str) -> web.Response:
    """Lead to a place on the page."""
    return see_other(request, path=f"/p/{request.match_info['token']}/#{place}")
