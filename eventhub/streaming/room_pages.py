"""The control room: a day's sessions by room, what is late or wrong, the checklist, and the buttons."""

from datetime import date
from hashlib import sha256
from typing import Any

from aiohttp import web

from eventhub.errors import NotFound
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, INSTALLATION, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import checklist, room_reading, room_rules, viewers_reading
from .checklist_rules import ticked_by_hand
from .forms import Back, Ticked
from .model import State
from .problems import PROBLEMS
from .room_reading import Picture


@allow(Right.BROADCASTS_READ)
async def show_live(request: web.Request) -> web.StreamResponse:
    """Show a day: today, or the nearest day that has any session to operate."""
    return await page(request, "streaming/live.html", **await _view(request))


@allow(Right.BROADCASTS_READ)
async def show_rooms(request: web.Request) -> web.StreamResponse:
    """Show the changing part: all of it, or the head and the one room that is named."""
    return await _rooms(request, request.query.get("only", ""))


@allow(Right.BROADCASTS_ACT)
async def tick(request: web.Request) -> web.StreamResponse:
    """Note that an operator has seen an item of a session's checklist."""
    form = read_form(Ticked, await posted(request))
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        released = await room_reading.find(tx, event, request.match_info["session"])
        asked = ticked_by_hand(streams=released.stream, meets=bool(released.meeting_url))
        if form.item not in asked:
            raise NotFound(say("This is not asked before this session."))
        await checklist.tick(
            tx,
            event.id,
            released,
            form.item,
            is_done=form.done == "1",
            who=request[PRINCIPAL],
            at=at,
        )
    return await back_to(request, form.back)


async def back_to(request: web.Request, back: Back) -> web.Response:
    """Lead back to where a button stood: its session's page, its room, or its card alone for a script."""
    event, session = request[EVENT], request.match_info["session"]
    if back == "session":
        return see_other(request, "streaming.broadcast", event=event.slug, session=session)
    async with reading(request) as tx:
        released = await room_reading.find(tx, event, session)
    code = room_reading.lane_of(released)[0]
    if back == "card":
        return await _rooms(request, code)
    day = event.day_of(released.starts_at)
    path = request.app.router["streaming.live"].url_for(event=event.slug)
    return see_other(request, path=f"{path}?day={day}#{anchor(code)}")


def anchor(lane: str) -> str:
    """Return the id of a room's card; names of tracks may hold anything."""
    return f"room-{sha256(lane.encode()).hexdigest()[:10]}"


async def _rooms(request: web.Request, only: str) -> web.Response:
    return await page(request, "streaming/live_rooms.html", **await _view(request, only))


async def _view(request: web.Request, only: str = "") -> dict[str, Any]:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        wished = _day(request)
        picture = await room_reading.look(tx, request.app[INSTALLATION], event, at, wished)
        charts = {
            each.shown.session: await viewers_reading.chart_of(
                tx, event, each.shown, at, request[READER], small=True
            )
            for lane in picture.lanes
            if only in {"", lane.code}
            for each in (standing.turn for standing in lane.now)
            if each.streams
        }
    who = request[PRINCIPAL]
    return {
        "picture": picture,
        "alarms": room_rules.alarms_of(picture.lanes),
        "figures": _figures(picture),
        "charts": charts,
        "only": only,
        "wished": wished or "",
        "show": "streams" if request.query.get("show") == "streams" else "",
        "anchor": anchor,
        "problems": PROBLEMS,
        "may_act": who.has(Right.BROADCASTS_ACT),
        "may_announce": who.has(Right.ANNOUNCE),
    }


def _day(request: web.Request) -> date | None:
    try:
        return date.fromisoformat(request.query.get("day", ""))
    except ValueError:
        return None


def _figures(picture: Picture) -> dict[str, int]:
    streamed = [each for each in picture.standings if each.turn.streams]
    return {
        "streamed": len(streamed),
        "on_air": sum(each.turn.shown.state is State.LIVE for each in streamed),
        "watching": sum(
            each.audience for each in streamed if each.turn.shown.state is not State.COMPLETE
        ),
        "late": sum(each.late is not None for each in picture.standings),
        "unchecked": sum(each.missing > 0 for each in picture.standings),
    }


_LIVE = "/manage/{event}/live"

ROUTES = [
    web.get(_LIVE, show_live, name="streaming.live"),
    web.get(f"{_LIVE}/rooms", show_rooms, name="streaming.rooms"),
    web.post(f"{_LIVE}/sessions/{{session}}/tick", tick, name="streaming.tick"),
]
