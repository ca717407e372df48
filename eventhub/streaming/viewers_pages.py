"""Viewers over time: of one session and of a whole day, as charts that go on while they are open, and as CSV."""

import asyncio
from datetime import date
from typing import Any

from aiohttp import web

from eventhub.errors import NotFound
from eventhub.events.model import Event
from eventhub.participants.sheets import CSV_TYPE, Cell, write_csv
from eventhub.web.access import Right, allow
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading
from eventhub.web.pages import page
from eventhub.wording import Text, render, say

from . import actions, shown_store, viewers_reading
from .viewers import Course
from .viewers_reading import NAMES

# More names than this nobody reads on a page; the file has them all.
SHOWN_NAMES = 200
SHOWN_OFFICES = 10


@allow(Right.BROADCASTS_READ)
async def show_viewers(request: web.Request) -> web.StreamResponse:
    """Show a session's viewers; with `part` only what changes while it is on."""
    event, at, is_part = request[EVENT], request.app[CLOCK].now(), "part" in request.query
    reads_people = request[PRINCIPAL].has(Right.PEOPLE_READ)
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        chart = await viewers_reading.chart_of(tx, event, shown, at, request[READER])
        with_people = reads_people and not is_part
        audience = await viewers_reading.read_audience(tx, event, shown) if with_people else None
    values: dict[str, Any] = {"shown": shown, "chart": chart, "audience": audience}
    if is_part:
        return await page(request, "streaming/viewers_part.html", **values)
    return await page(
        request,
        "streaming/viewers.html",
        day=event.day_of(shown.starts_at),
        shown_names=SHOWN_NAMES,
        shown_offices=SHOWN_OFFICES,
        **values,
    )


@allow(Right.BROADCASTS_READ)
async def show_day(request: web.Request) -> web.StreamResponse:
    """Show the viewers of all of a day's sessions together."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        listed = await shown_store.list_shown(tx, event.id, at)
        days = sorted({event.day_of(each.starts_at) for each in listed})
        day = _day(request, days, event.day_of(at))
        read = await viewers_reading.read_day(tx, event, day, at) if day else None
    chart = None
    if read is not None and day is not None:
        title = request[READER].day(day)
        chart = viewers_reading.drawn(read, event, request[READER], key="viewers-day", title=title)
    todays = [each for each in listed if event.day_of(each.starts_at) == day]
    values: dict[str, Any] = {
        "chart": chart,
        "day": day,
        "days": days,
        "today": event.day_of(at),
        "rows": todays,
    }
    is_part = "part" in request.query
    template = "streaming/viewers_part.html" if is_part else "streaming/viewers_day.html"
    return await page(request, template, shown=None, audience=None, **values)


def _day(request: web.Request, days: list[date], today: date) -> date | None:
    """Return the day that is asked for, else today, else the nearest one to come, else the last."""
    try:
        wished = date.fromisoformat(request.query.get("day", ""))
    except ValueError:
        wished = today
    if wished in days or not days:
        return wished if days else None
    return next((day for day in days if day >= wished), days[-1])


@allow(Right.BROADCASTS_READ)
async def export_viewers(request: web.Request) -> web.StreamResponse:
    """Give a session's viewers of each minute as CSV."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        read = await viewers_reading.read_course(tx, shown, at)
    return await _csv(request, f"viewers-{shown.session}", *_minutes(request, event, read))


@allow(Right.BROADCASTS_READ)
async def export_day(request: web.Request) -> web.StreamResponse:
    """Give a day's viewers of each minute as CSV."""
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        day = date.fromisoformat(request.query.get("day", ""))
    except ValueError:
        day = event.day_of(at)
    async with reading(request) as tx:
        read = await viewers_reading.read_day(tx, event, day, at)
    if read is None:
        raise NotFound(say("No session is streamed on this day."))
    return await _csv(request, f"viewers-{day}", *_minutes(request, event, read))


@allow(Right.PEOPLE_READ)
async def export_offices(request: web.Request) -> web.StreamResponse:
    """Give who was expected from afar by office, who came, and who did not, as CSV."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        audience = await viewers_reading.read_audience(tx, event, shown)
    header = [say("Delegation"), say("Expected"), say("Came"), say("Minutes"), say("Did not come")]
    missing: dict[str, list[str]] = {}
    for each in audience.absent:
        missing.setdefault(each.delegation_name, []).append(each.name)
    rows: list[list[Cell]] = [
        [each.name, each.expected, each.came, each.minutes, "; ".join(missing.get(each.name, []))]
        for each in audience.delegations
    ]
    return await _csv(request, f"viewers-{shown.session}-offices", header, rows)


def _minutes(
    request: web.Request, event: Event, read: Course
) -> tuple[list[Text], list[list[Cell]]]:
    header = [say("Time ({zone})", zone=event.time_zone), *NAMES.values()]
    rows: list[list[Cell]] = []
    lines = (read.youtube.values, read.stream.values, read.meeting.values)
    for minute, figures in enumerate(zip(*lines, strict=True)):
        moment = read.moment(minute).astimezone(event.zone)
        rows.append([f"{moment:%Y-%m-%d %H:%M}", *figures])
    return header, rows


async def _csv(
    request: web.Request, name: str, header: list[Text], rows: list[list[Cell]]
) -> web.Response:
    titles = [render(title, request[READER]) for title in header]
    body = await asyncio.to_thread(write_csv, titles, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return web.Response(body=body, content_type=CSV_TYPE, charset="utf-8", headers=headers)


_LIVE = "/manage/{event}/live"
_ONE = f"{_LIVE}/sessions/{{session}}/viewers"

ROUTES = [
    web.get(f"{_LIVE}/viewers", show_day, name="streaming.viewers_day"),
    web.get(f"{_LIVE}/viewers.csv", export_day, name="streaming.viewers_day_csv"),
    web.get(_ONE, show_viewers, name="streaming.viewers"),
    web.get(f"{_ONE}.csv", export_viewers, name="streaming.viewers_csv"),
    web.get(f"{_ONE}/offices.csv", export_offices, name="streaming.viewers_offices"),
]
