"""Changing many sessions at once: choose, look at what it does, do it, take it back."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from eventhub.errors import Conflict, Refusal, Stale
from eventhub.events.actions import list_rooms
from eventhub.web.access import Right, allow
from eventhub.web.fields import INT32
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import render

from . import batch_store, batches, figures
from .bulk_forms import DONE, WORKS
from .conflicts import ProgrammeClash
from .looks import Look, look

SHOWN_SINCE = batches.TAKEN_BACK_WITHIN


@allow(Right.PROGRAMME_WRITE)
async def show_works(request: web.Request) -> web.Response:
    """Show what can be done at once, and what was done within the hour."""
    return await _works_page(request)


async def _works_page(
    request: web.Request, refused: str = "", items: tuple[str, ...] = (), status: int = 200
) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        done = await batches.list_batches(tx, event.id, at - SHOWN_SINCE)
    return await page(
        request, "manage/bulk.html", status=status, done=done, refused=refused, items=items,
        just=request.query.get("done", ""), day=request.query.get("day", ""),
    )  # fmt: skip


@allow(Right.PROGRAMME_WRITE)
async def show_work(request: web.Request) -> web.Response:
    """Show the form of one work; once it is filled in, what it would do."""
    asked = dict(request.query)
    if "look" not in asked:
        return await _work_page(request, Filled(asked))
    try:
        return await _work_page(request, Filled(asked), seen=await _look(request, asked))
    except Refusal as refusal:
        form = filled(asked, refusal, request[READER])
        return await _work_page(request, form, refusal.status)


async def _look(request: web.Request, form: Mapping[str, Any]) -> Look:
    event = request[EVENT]
    async with reading(request) as tx:
        edits, _ = await WORKS[request.match_info["work"]](tx, event, form)
        return look(await batches.look(tx, event, edits), request[READER])


@allow(Right.PROGRAMME_WRITE)
async def do_work(request: web.Request) -> web.Response:
    """Do what was looked at; show it again when it would be something else by now, or what forbids it."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    work = request.match_info["work"]
    typed = text_fields(form)
    try:
        async with transaction(request) as tx:
            edits, subject = await WORKS[work](tx, event, typed)
            await batches.apply(
                tx, event, DONE[work], edits,
                subject=subject, who=request[PRINCIPAL], at=at, seen=str(form.get("seen", "")),
            )  # fmt: skip
    except (Stale, ProgrammeClash) as refusal:
        told = Filled(typed, text=render(refusal.text, request[READER]))
        shown = told if isinstance(refusal, Stale) else Filled(typed)
        return await _work_page(request, shown, refusal.status, seen=await _look(request, typed))
    except Refusal as refusal:
        return await _work_page(request, filled(typed, refusal, request[READER]), refusal.status)
    return see_other(request, path=f"/manage/{event.slug}/programme/bulk?done={work}")


@allow(Right.PROGRAMME_WRITE)
async def take_back(request: web.Request) -> web.Response:
    """Take back what was done within the hour, or say why not."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    batch_id = min(int(request.match_info["batch"]), INT32)
    try:
        async with transaction(request) as tx:
            await batches.take_back(tx, event, batch_id, who=request[PRINCIPAL], at=at)
    except Conflict as refusal:
        shown = filled({}, refusal, request[READER])
        return await _works_page(request, shown.text, shown.items, refusal.status)
    return see_other(request, path=f"/manage/{event.slug}/programme/bulk?done=taken_back")


async def _work_page(
    request: web.Request, form: Filled, status: int = 200, *, seen: Look | None = None
) -> web.Response:
    event, reader = request[EVENT], request[READER]
    async with reading(request) as tx:
        days = await figures.days_in_use(tx, event)
        rooms = [(room.code, room.name) for room in await list_rooms(tx, event.id)]
        tracks = await figures.tracks(tx, event.id)
        counts = await batch_store.count_days(tx, event)
    return await page(
        request, "manage/bulk_work.html", status=status, work=request.match_info["work"], form=form, seen=seen,
        days=[(day.isoformat(), f"{reader.day(day)} ({counts[day]})") for day in days],
        targets=[(day.isoformat(), reader.day(day)) for day in event.days], rooms=rooms, tracks=tracks,
    )  # fmt: skip


HERE = "/manage/{event}/programme/bulk"
WORK = HERE + "/{work:shift|copy|cancel}"

ROUTES = [
    web.get(HERE, show_works, name="sessions.bulk"),
    web.get(WORK, show_work, name="sessions.bulk.work"),
    web.post(WORK, do_work, name="sessions.bulk.do"),
    web.post(HERE + r"/{batch:\d{1,9}}/take-back", take_back, name="sessions.bulk.back"),
]
