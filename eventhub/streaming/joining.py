"""`/j/{token}`: a participant's way into one session, and the beat of those who stay.

The token is the right itself. It stays out of referrers (no-referrer) and, with script, out of the history; the
watch page knows the participant by a cookie that holds the token and is sent to that page alone.
"""

from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, NotFound, TooEarly
from eventhub.events import actions as events
from eventhub.language import Reader, choose
from eventhub.participants import link_uses
from eventhub.participants.links import PersonalLinks
from eventhub.signing import BadToken
from eventhub.web.access import personal
from eventhub.web.keys import CLOCK, EVENT, READER, SETTINGS, reading, transaction
from eventhub.web.language import COOKIE
from eventhub.web.observe import client_address
from eventhub.web.pages import page, see_other
from eventhub.web.refusals import wants_json
from eventhub.wording import say

from . import actions, presence, rules, sources
from .actions import Entrance
from .model import ViewingKind
from .own_zone import own_zone
from .rules import Door

WATCH_COOKIE = "eventhub_watch"


@personal
async def show_way_in(request: web.Request) -> web.StreamResponse:
    """Show the way in, or when it opens. Counts nothing, as mail scanners follow links."""
    async with reading(request) as tx:
        entrance = await open_token(request, tx, request.match_info["token"])
    return await _show(request, entrance)


@personal
async def join(request: web.Request) -> web.StreamResponse:
    """Record the viewing and lead on: to the meeting, or to the watch page."""
    async with reading(request) as tx:
        entrance = await open_token(request, tx, request.match_info["token"])
    if entrance.way is None:
        raise Conflict(say("You are invited on site; there is no way in from afar."))
    if entrance.door is Door.EARLY and not wants_json(request):
        return await _show(request, entrance)
    async with transaction(request) as tx:
        await actions.record_presence(tx, entrance, request.app[CLOCK].now())
        await _note_place(request, tx, entrance)
    if entrance.way is ViewingKind.STREAM:
        return _to_watch_page(request, entrance)
    if entrance.door is Door.OVER:
        raise Conflict(say("This meeting is over."))
    return _lead(request, entrance.session.meeting_url)


async def _note_place(request: web.Request, tx: AsyncConnection, entrance: Entrance) -> None:
    """Note from where the link was used, as it may have been passed on."""
    settings, guest = request.app[SETTINGS], entrance.guest
    place = link_uses.place_of(
        client_address(request, settings),
        request.headers.get("User-Agent", ""),
        secret=settings.secret,
        event_id=guest.event_id,
    )
    await link_uses.note(
        tx,
        guest.event_id,
        guest.participant_id,
        guest.session_id,
        place,
        at=request.app[CLOCK].now(),
    )


@personal
async def beat(request: web.Request) -> web.StreamResponse:
    """Record that the participant is still there."""
    return await record_beat(request, request.match_info["token"])


async def record_beat(request: web.Request, token: str) -> web.Response:
    """Record a beat of whoever the token belongs to and answer the minutes so far."""
    # Whose beat it is, is read outside the writing transaction: beats of a whole audience arrive each minute.
    async with reading(request) as tx:
        entrance = await find_entrance(request, tx, token)
    async with transaction(request) as tx:
        minutes = await actions.record_presence(tx, entrance, request.app[CLOCK].now())
    return web.json_response({"minutes": minutes, "next_in_s": presence.BEAT_SECONDS})


async def find_entrance(request: web.Request, tx: AsyncConnection, token: str) -> Entrance:
    """Return where a join token leads, or raise NotFound."""
    settings = request.app[SETTINGS]
    try:
        claim = PersonalLinks(settings.secret, settings.base_url).open_join(token)
    except BadToken as error:
        raise NotFound(actions.dead_link()) from error
    return await actions.open_entrance(tx, claim, request.app[CLOCK].now())


async def open_token(request: web.Request, tx: AsyncConnection, token: str) -> Entrance:
    """Return where a join token leads; from here on the request is answered in its owner's language and event."""
    entrance = await find_entrance(request, tx, token)
    event = await events.get_event_by_id(tx, entrance.guest.event_id)
    request[EVENT] = event
    reader = request[READER]
    wished = choose([request.query.get("lang", ""), request.cookies.get(COOKIE, "")])
    language = wished or choose([entrance.guest.language]) or reader.language
    request[READER] = Reader(language, event.zone)
    return entrance


async def _show(request: web.Request, entrance: Entrance) -> web.Response:
    event, session = request[EVENT], entrance.session
    meets = entrance.way is ViewingKind.MEETING
    return await page(
        request,
        "streaming/join.html",
        status=TooEarly.status if entrance.door is Door.EARLY else 200,
        # Browsers hold redirects of a form to form-action too (CSP 3, 4.2.4).
        csp={"form-action": sources.origin_of(session.meeting_url)} if meets else None,
        token=request.match_info["token"],
        guest=entrance.guest,
        session=session,
        way=entrance.way,
        door=entrance.door,
        opens_at=entrance.opens_at,
        office_zone=own_zone(request, event, entrance.guest.time_zone),
    )


def _to_watch_page(request: web.Request, entrance: Entrance) -> web.Response:
    event, session = request[EVENT], entrance.session
    path = f"/{event.slug}/watch/{session.code}"
    response = _lead(request, path)
    lasts = session.ends_at + rules.STAYS_OPEN - request.app[CLOCK].now()
    if lasts > timedelta(0):
        response.set_cookie(
            WATCH_COOKIE,
            request.match_info["token"],
            path=path,
            max_age=int(lasts.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=request.app[SETTINGS].is_https,
        )
    return response


def _lead(request: web.Request, address: str) -> web.Response:
    if wants_json(request):
        return web.json_response({"location": address})
    return see_other(request, path=address)


ROUTES = [
    web.get("/j/{token}", show_way_in, name="streaming.way_in"),
    web.post("/j/{token}", join, name="streaming.join"),
    web.post("/j/{token}/presence", beat, name="streaming.beat"),
]
