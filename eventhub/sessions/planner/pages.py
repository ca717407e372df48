"""Planning on pages: what is wanted, how far the search is, what it proposes, and applying it."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Fault, Invalid, Refusal
from eventhub.events.actions import list_rooms
from eventhub.events.model import Event
from eventhub.sessions import figures
from eventhub.sessions.model import Kind
from eventhub.web.access import Right, allow
from eventhub.web.faults import invalid
from eventhub.web.filled import Filled, filled
from eventhub.web.forms import Posted, posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions, preview, store
from .api import plan_id
from .forms import (
    AFTERNOON,
    MORNING,
    NewPlan,
    WishesForm,
    make_order,
    proposal_values,
    usual_days,
    usual_minutes,
    whole_values,
)
from .model import Wishes
from .running import SEARCHES
from .store import ALIVE, StoredPlan

WISHES = ("own_day", "east_early", "few_gaps", "stay")
SWITCHES = ("only_unscheduled", "keep_published", "any_room")
TEXTS = ("kind", "track", "on_day", "step_minutes", "length_minutes", "seconds")
_PART = re.compile(r"(\d\d?)[:.](\d\d)\s*[-–—]\s*(\d\d?)[:.](\d\d)", re.ASCII)
SHOWN = 200


@allow(Right.PROGRAMME_WRITE)
async def show_plans(request: web.Request) -> web.Response:
    """Ask what is wanted, and list the plans made before."""
    async with reading(request) as tx:
        form = Filled(await _usual(tx, request[EVENT]))
    return await _plans(request, form)


async def _usual(tx: AsyncConnection, event: Event) -> dict[str, Any]:
    every = await store.list_outlines(tx, event.id)
    desks = [each for each in every if each.kind is Kind.DESK]
    chosen = desks or every
    wishes = Wishes()
    return {
        "kind": Kind.DESK.value if desks else "",
        "days": [day.isoformat() for day in usual_days(event, chosen)],
        "hours": ", ".join(f"{begin}–{end}" for begin, end in (MORNING, AFTERNOON)),
        "step_minutes": usual_minutes(chosen),
        "seconds": 50,
    } | {name: getattr(wishes, name) for name in WISHES}


async def _plans(request: web.Request, form: Filled, status: int = 200) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        plans = await store.list_plans(tx, event.id)
        tracks = await figures.tracks(tx, event.id)
    return await page(
        request, "sessions/plans.html", status=status, form=form, tracks=tracks,
        plans=[(plan, plan.stands(at)) for plan in plans],
        day_options=[(day.isoformat(), request[READER].day(day)) for day in event.days],
        available=actions.is_available(), missing=actions.MISSING,
    )  # fmt: skip


@allow(Right.PROGRAMME_WRITE)
async def make_plan(request: web.Request) -> web.Response:
    """Begin a search, or show the form again with what is wrong."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    typed = _typed(form)
    try:
        wanted = _read(typed)
        async with transaction(request) as tx:
            order = await make_order(tx, event, wanted)
            number = await actions.start(tx, event, order, who=request[PRINCIPAL], at=at)
    except Refusal as refusal:
        return await _plans(request, filled(typed, refusal, request[READER]), refusal.status)
    request.app[SEARCHES].begin(number)
    return see_other(request, "plans.show", event=event.slug, plan=number)


def _typed(form: Posted) -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: str(form.get(name, "")).strip() for name in (*TEXTS, *WISHES, "hours", "pinned")
    }
    typed |= {name: name in form for name in SWITCHES}
    return typed | {"days": [str(day) for day in form.getall("days", [])]}


def _read(typed: Mapping[str, Any]) -> NewPlan:
    """Return what a form describes, or raise Invalid naming its wrong fields."""
    body = {name: typed[name] for name in TEXTS if typed[name]}
    body |= {"kind": typed["kind"] or None, **{name: typed[name] for name in SWITCHES}}
    body["pinned"] = typed["pinned"].replace(",", " ").split()
    body["days"] = typed["days"]
    body["wishes"] = {name: typed[name] for name in WISHES if name in WishesForm.model_fields}
    faults = []
    if not typed["days"]:
        faults.append(Fault("days", say("Choose at least one day.")))
    body["hours"] = _hours(typed["hours"])
    if not body["hours"]:
        faults.append(Fault("hours", say("Write parts of the day like 09:00–12:00, 13:00–16:00.")))
        del body["hours"]
    try:
        wanted = NewPlan.model_validate(body)
    except ValidationError as error:
        found = [Fault(each.field.split(".")[0], each.text) for each in invalid(error).fields]
        raise Invalid([*faults, *found], say("Some fields need correcting.")) from error
    if faults:
        raise Invalid(faults, say("Some fields need correcting."))
    return wanted


def _hours(text: str) -> list[dict[str, str]]:
    """Return the parts of a day in a text; none when there is anything else in it."""
    if _PART.sub("", text).strip(" ,;"):
        return []
    parts = [
        {"start": f"{int(a):02d}:{b}", "end": f"{int(c):02d}:{d}"}
        for a, b, c, d in _PART.findall(text)
    ]
    return parts if all(part["start"] < part["end"] for part in parts) else []


@allow(Right.PROGRAMME_WRITE)
async def show_plan(request: web.Request) -> web.Response:
    """Show how far a search is, or what it proposes, a day at a time."""
    return await _plan(request, Filled({}))


async def _plan(request: web.Request, form: Filled, status: int = 200) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        plan = await store.get_plan(tx, event.id, plan_id(request.match_info["plan"]))
        state = plan.stands(at)
        if plan.proposal is None:
            return await page(
                request, "sessions/plan.html", status=status, plan=plan, state=state, form=form,
                elapsed=_elapsed(plan, at),
            )  # fmt: skip
        days = preview.days_of(event, plan)
        day = _day(request.query.get("day", ""), days)
        grid = await preview.grid_of(tx, event, plan, day)
        rooms = {room.code: room.name for room in await list_rooms(tx, event.id)}
    proposal = proposal_values(plan.proposal, request[READER])
    to_tray = [move for move in proposal["moves"] if move["after"] is None]
    return await page(
        request, "sessions/plan.html", status=status, plan=plan, state=state, form=form,
        tabs=_tabs(request, days, day), day=day, grid=grid, rooms=rooms, proposal=proposal, shown=SHOWN,
        homeless=[*to_tray, *proposal["unplaced"]], to_tray=len(to_tray),
    )  # fmt: skip


def _elapsed(plan: StoredPlan, at: datetime) -> int:
    """Return how many seconds a search has gone on, at most those it has."""
    return min(max(0, (at - plan.made_at) // timedelta(seconds=1)), plan.order.seconds)


def _tabs(request: web.Request, days: list[tuple[date, int]], chosen: date) -> list[dict[str, Any]]:
    reader = request[READER]
    return [
        {
            "href": f"?day={day.isoformat()}",
            "text": reader.day(day),
            "note": reader.ngettext("%(num)s comes", "%(num)s come", comes) % {"num": comes},
            "current": day == chosen,
            "today": False,
        }
        for day, comes in days
    ]


def _day(asked: str, days: list[tuple[date, int]]) -> date:
    known = {day.isoformat(): day for day, _ in days}
    return known.get(asked) or next((day for day, comes in days if comes), days[0][0])


@allow(Right.PROGRAMME_WRITE)
async def show_progress(request: web.Request) -> web.Response:
    """Show how far a search is, without the page around it; the page loads again once it has ended."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        plan = await store.get_plan(tx, event.id, plan_id(request.match_info["plan"]))
    state = plan.stands(at)
    answer = await page(
        request, "sessions/plan_progress.html", plan=plan, elapsed=_elapsed(plan, at)
    )
    if state not in ALIVE:
        answer.headers["HX-Refresh"] = "true"
    return answer


@allow(Right.PROGRAMME_WRITE)
async def plan_data(request: web.Request) -> web.Response:
    """Answer with a plan as JSON, as the API does."""
    event = request[EVENT]
    async with reading(request) as tx:
        plan = await store.get_plan(tx, event.id, plan_id(request.match_info["plan"]))
    values = whole_values(plan, request[READER], request.app[CLOCK].now())
    return web.json_response(values | {"made_at": plan.made_at.isoformat()})


@allow(Right.PROGRAMME_WRITE)
async def finish_plan(request: web.Request) -> web.Response:
    """End a search with the best plan so far."""
    await posted(request)
    number = plan_id(request.match_info["plan"])
    async with transaction(request) as tx:
        await actions.finish(tx, request[EVENT], number)
    return see_other(request, "plans.show", event=request[EVENT].slug, plan=number)


@allow(Right.PROGRAMME_WRITE)
async def cancel_plan(request: web.Request) -> web.Response:
    """Stop a search."""
    await posted(request)
    number, at = plan_id(request.match_info["plan"]), request.app[CLOCK].now()
    async with transaction(request) as tx:
        await actions.cancel(tx, request[EVENT], number, who=request[PRINCIPAL], at=at)
    return see_other(request, "plans.list", event=request[EVENT].slug)


@allow(Right.PROGRAMME_WRITE)
async def apply_plan(request: web.Request) -> web.Response:
    """Move the sessions as proposed, or show what has changed since."""
    await posted(request)
    number, at = plan_id(request.match_info["plan"]), request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            await actions.apply(tx, request[EVENT], number, who=request[PRINCIPAL], at=at)
    except Refusal as refusal:
        return await _plan(request, filled({}, refusal, request[READER]), refusal.status)
    return see_other(request, "plans.show", event=request[EVENT].slug, plan=number)


@allow(Right.PROGRAMME_WRITE)
async def take_plan_back(request: web.Request) -> web.Response:
    """Move the sessions back, or show what has changed since."""
    await posted(request)
    number, at = plan_id(request.match_info["plan"]), request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            await actions.take_back(tx, request[EVENT], number, who=request[PRINCIPAL], at=at)
    except Refusal as refusal:
        return await _plan(request, filled({}, refusal, request[READER]), refusal.status)
    return see_other(request, "plans.show", event=request[EVENT].slug, plan=number)


PLANS = "/manage/{event}/programme/plan"
PLAN = PLANS + r"/{plan:\d+}"
ROUTES = [
    web.get(PLANS, show_plans, name="plans.list"),
    web.post(PLANS, make_plan, name="plans.make"),
    web.get(PLAN, show_plan, name="plans.show"),
    web.get(PLAN + ".json", plan_data, name="plans.data"),
    web.get(PLAN + "/progress", show_progress, name="plans.progress"),
    web.post(PLAN + "/finish", finish_plan, name="plans.finish"),
    web.post(PLAN + "/cancel", cancel_plan, name="plans.cancel"),
    web.post(PLAN + "/apply", apply_plan, name="plans.apply"),
    web.post(PLAN + "/take-back", take_plan_back, name="plans.take_back"),
]
