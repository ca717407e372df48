"""The phone that calls: which scanner it is, by its cookie, and how it is answered."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Unauthenticated
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.web.access import Principal
from eventhub.web.keys import READER
from eventhub.web.language import in_event
from eventhub.wording import say

from . import enrolling

COOKIE = "eventhub_device"


async def scanner_of(tx: AsyncConnection, request: web.Request) -> tuple[Principal, Event, Reader]:
    """Return who the phone is, for which event, and its language; raise Unauthenticated for any other phone."""
    who = await enrolling.find_scanner(tx, request.cookies.get(COOKIE, ""))
    if who is None or who.event_id is None:
        raise no_scanner()
    event = await events.get_event_by_id(tx, who.event_id)
    return who, event, in_event(request, request[READER], event)


def no_scanner() -> Unauthenticated:
    """Return the refusal of a phone that is no scanner, or none any more."""
    return Unauthenticated(
        say("This phone is not a scanner. Please ask an organizer for a new link.")
    )


def answer(values: dict[str, Any]) -> web.Response:
    """Return JSON that is kept nowhere."""
    return web.json_response(values, headers={"Cache-Control": "no-store"})
