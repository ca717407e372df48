"""The live page: today's streamed sessions, what is wrong with them, and the buttons to operate them."""

from datetime import date
from typing import Any

from aiohttp import web

from eventhub import outbox
from eventhub.errors import Conflict, Invalid
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    INSTALLATION,
    PRINCIPAL,
    READER,
    SETTINGS,
    reading,
    transaction,
)
from eventhub.web.pages import page, see_other

from . import actions, channels, control, encoders, sync
from .forms import PastedLink, WantedAct
from .model import Act, Provider, Shown, State
from .problems import PROBLEMS
from .trouble import Problem, YouTubeTrouble


@allow(Right.BROADCASTS_READ)
async def show_live(request: web.Request) -> web.StreamResponse:
    """Show a day's streamed sessions: today's, or the nearest day that has any."""
    return await page(request, "streaming/live.html", **await _day(request))


@allow(Right.BROADCASTS_READ)
async def show_rows(request: web.Request) -> web.StreamResponse:
    """Show the changing part of the live page, which the page asks for again and again."""
    return await page(request, "streaming/live_rows.html", **await _day(request))


@allow(Right.BROADCASTS_READ)
async def show_broadcast(request: web.Request) -> web.StreamResponse:
    """Show one session's broadcast with all that can be done about it."""
    return await _show_one(request)


@allow(Right.BROADCASTS_ACT)
async def act(request: web.Request) -> web.StreamResponse:
    """Press a button; what YouTube answers to it is shown in words."""
    wanted = read_form(WantedAct, await posted(request))
    session = request.match_info["session"]
    try:
        await control.act(
            request.app[INSTALLATION],
            request[EVENT],
            session,
            wanted.act,
            who=request[PRINCIPAL],
        )
    except YouTubeTrouble as trouble:
        return await _show_one(request, status=409, problem=trouble.problem)
    return see_other(request, "streaming.broadcast", event=request[EVENT].slug, session=session)


@allow(Right.BROADCASTS_ACT)
async def paste_link(request: web.Request) -> web.StreamResponse:
    """Let the session be streamed by a link."""
    form = await posted(request)
    event, session = request[EVENT], request.match_info["session"]
    try:
        link = read_form(PastedLink, form)
        async with transaction(request) as tx:
            await actions.paste_link(
                tx,
                event,
                session,
                link=link.watch_url,
                who=request[PRINCIPAL],
                at=request.app[CLOCK].now(),
            )
    except (Invalid, Conflict) as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _show_one(request, status=refusal.status, form=shown)
    return see_other(request, "streaming.broadcast", event=event.slug, session=session)


@allow(Right.BROADCASTS_ACT)
async def show_key(request: web.Request) -> web.StreamResponse:
    """Show address and stream key for the encoder, this once."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        key = await encoders.reveal_key(
            tx, shown, secret=request.app[SETTINGS].secret, who=request[PRINCIPAL], at=at
        )
    return await _show_one(request, key=key)


@allow(Right.BROADCASTS_ACT)
async def set_up(request: web.Request) -> web.StreamResponse:
    """Let the worker make YouTube agree with the last release now."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    return see_other(request, "streaming.live", event=event.slug)


async def _day(request: web.Request) -> dict[str, Any]:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.list_shown(tx, event.id, at)
        is_connected = await channels.is_connected(tx, request.app[SETTINGS], event.id)
    days = sorted({event.day_of(each.starts_at) for each in shown})
    day = _wished(request, days, event.day_of(at))
    todays = [each for each in shown if event.day_of(each.starts_at) == day]
    return {
        "day": day,
        "today": event.day_of(at),
        "days": days,
        "rows": [_row(each) for each in todays],
        "on_air": sum(each.state is State.LIVE for each in todays),
        "watching": sum(each.viewers.now for each in todays),
        "troubled": sum(_problem(each) is not None for each in shown),
        "without_source": sum(_lacks_source(each) and each.ends_at > at for each in shown),
        "total": len(todays),
        "is_connected": is_connected,
        "may_act": request[PRINCIPAL].has(Right.BROADCASTS_ACT),
    }


def _wished(request: web.Request, days: list[date], today: date) -> date:
    try:
        wished = date.fromisoformat(request.query.get("day", ""))
    except ValueError:
        wished = today
    if wished in days or not days:
        return wished
    return next((day for day in days if day >= wished), days[-1])


def _lacks_source(shown: Shown) -> bool:
    return shown.broadcast is None or shown.broadcast.watch_url is None


def _row(shown: Shown) -> dict[str, Any]:
    return {"shown": shown, "problem": _problem(shown), "acts": _acts(shown)}


def _problem(shown: Shown) -> Problem | None:
    code = shown.broadcast.problem_code if shown.broadcast else None
    return PROBLEMS.get(code) if code else None


def _acts(shown: Shown) -> list[Act]:
    """What an operator would do next, in order; the rest stands on the session's own page."""
    is_link = shown.broadcast is not None and shown.broadcast.provider is Provider.LINK
    return {
        State.WANTED: [] if is_link else [Act.CREATE],
        State.PROBLEM: [Act.CREATE],
        State.CREATED: [Act.CREATE],
        State.READY: [Act.START] if is_link else [Act.TEST, Act.START],
        State.TESTING: [Act.START],
        State.LIVE: [Act.END],
        State.COMPLETE: [],
    }[shown.state]


async def _show_one(
    request: web.Request,
    *,
    status: int = 200,
    form: Filled | None = None,
    problem: Problem | None = None,
    key: tuple[str, str] | None = None,
) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        is_connected = await channels.is_connected(tx, request.app[SETTINGS], event.id)
    row = shown.broadcast
    link = row.watch_url if row and row.provider is Provider.LINK else ""
    return await page(
        request,
        "streaming/broadcast.html",
        status=status,
        shown=shown,
        row=row,
        refused=problem,
        key=key,
        problem=_problem(shown),
        acts=_acts(shown),
        form=form or Filled({"watch_url": link}),
        day=event.day_of(shown.starts_at),
        is_connected=is_connected,
        may_act=request[PRINCIPAL].has(Right.BROADCASTS_ACT),
    )


_LIVE = "/manage/{event}/live"

ROUTES = [
    web.get(_LIVE, show_live, name="streaming.live"),
    web.get(f"{_LIVE}/rows", show_rows, name="streaming.rows"),
    web.post(f"{_LIVE}/set-up", set_up, name="streaming.set_up"),
    web.get(f"{_LIVE}/sessions/{{session}}", show_broadcast, name="streaming.broadcast"),
    web.post(f"{_LIVE}/sessions/{{session}}/act", act, name="streaming.act"),
    web.post(f"{_LIVE}/sessions/{{session}}/link", paste_link, name="streaming.link"),
    web.post(f"{_LIVE}/sessions/{{session}}/key", show_key, name="streaming.key"),
]
