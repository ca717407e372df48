"""The organizers' board: its page, its data, trying a place, and moving a session."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Event
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page
from eventhub.wording import say

from . import board, figures, heads, looked, rundown
from .planner import preview
from .planner.store import StoredPlan, find_plan

FILTERS = ("delegation", "kind", "format", "track")


async def show_board(request: web.Request) -> web.Response:
    """Show a day of the draft programme as rooms beside each other; the list's address with `view=board`."""
    event, reader, at = request[EVENT], request[READER], request.app[CLOCK].now()
    chosen = {name: request.query.get(name, "") for name in FILTERS}
    async with reading(request) as tx:
        days = await figures.days_in_use(tx, event)
        day = rundown.chosen_day(event, days, request.query.get("day", ""), at)
        etag = await board.revision(tx, event)
        shown = await board.day_of_board(
            tx, event, day, await board.choose(tx, event, chosen), reader
        )
        offices = await heads.list_heads(tx, event.id)
        tracks = await figures.tracks(tx, event.id)
        plan = await _plan(tx, request)
    response = await page(
        request, "manage/board.html", plan=plan, day=day, board=shown, chosen=chosen, offices=offices, tracks=tracks,
        tabs=_tabs(request, days, day), setup=_setup(request, day, chosen)
        | {"etag": etag, "plan": preview.ghosts_of(event, plan, day) if plan else None},
        may_write=request[PRINCIPAL].has(Right.PROGRAMME_WRITE),
    )  # fmt: skip
    looked.remember(request, response, day)
    return response


async def _plan(tx: AsyncConnection, request: web.Request) -> StoredPlan | None:
    """Return the plan that the board is asked to show, if there is such a one."""
    asked = request.query.get("plan", "")
    if not asked.isdecimal() or len(asked) > 9 or not request[PRINCIPAL].has(Right.PROGRAMME_WRITE):
        return None
    plan = await find_plan(tx, int(asked))
    return plan if plan and plan.event_id == request[EVENT].id and plan.proposal else None


def _tabs(request: web.Request, days: Sequence[date], day: date) -> list[dict[str, Any]]:
    """Return the tabs of days; the choice of sessions stays."""
    event, reader, at = request[EVENT], request[READER], request.app[CLOCK].now()
    names = [name for name in (*FILTERS, "plan") if request.query.get(name)]
    kept = urlencode({name: request.query[name] for name in names})
    return [
        tab | {"href": "&".join(filter(None, (tab["href"], "view=board", kept)))}
        for tab in rundown.day_tabs(event, days, day, reader, at)
    ]


def _setup(request: web.Request, day: date, chosen: dict[str, str]) -> dict[str, Any]:
    event: Event = request[EVENT]
    start = event.day_bounds(day)[0].astimezone(event.zone)
    offset = start.strftime("%z")
    here = f"/manage/{event.slug}/programme"
    return {
        "event": event.slug,
        "here": here,
        "query": {"day": day.isoformat()}
        | {name: value for name, value in chosen.items() if value},
        "offset": f"{offset[:3]}:{offset[3:5]}",
        "mayWrite": request[PRINCIPAL].has(Right.PROGRAMME_WRITE),
    }


@allow(Right.PROGRAMME_READ)
async def board_data(request: web.Request) -> web.Response:
    """Answer with a day of the board, or 304 while nothing has changed."""
    event, asked = request[EVENT], request.query
    try:
        day = date.fromisoformat(asked.get("day", ""))
        event.day_bounds(day)
    except (ValueError, OverflowError) as error:
        raise NotFound(say("There is nothing at this address.")) from error
    async with reading(request) as tx:
        etag = await board.revision(tx, event)
        seen = request.if_none_match
        if seen is not None and any(tag.value == etag for tag in seen):
            return _marked(web.Response(status=304), etag)
        chosen = await board.choose(tx, event, asked)
        shown = await board.day_of_board(tx, event, day, chosen, request[READER])
    return _marked(web.json_response(shown), etag)


def _marked(response: web.Response, etag: str) -> web.Response:
    response.etag = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@allow(Right.PROGRAMME_WRITE)
async def check_place(request: web.Request) -> web.Response:
    """Answer what would stand in a session's way at a place."""
    place = read_form(board.Place, await posted(request))
    async with reading(request) as tx:
        found = await board.try_place(tx, request[EVENT], place, request[READER])
    return web.json_response(found)


@allow(Right.PROGRAMME_WRITE)
async def move_session(request: web.Request) -> web.Response:
    """Move a session; a stale or impossible move is refused in words and changes nothing."""
    wanted = read_form(board.Move, await posted(request))
    at = request.app[CLOCK].now()
    async with transaction(request) as tx:
        moved = await board.move(tx, request[EVENT], wanted, request[PRINCIPAL], at)
    return web.json_response({"version": moved.version})


ROUTES = [
    web.get("/manage/{event}/programme/board.json", board_data, name="board.data"),
    web.post("/manage/{event}/programme/board/check", check_place, name="board.check"),
    web.post("/manage/{event}/programme/board/move", move_session, name="board.move"),
]
