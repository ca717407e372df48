"""Attendance for organizers: per session of a day, per delegation, and who came to one session."""

from datetime import date

from aiohttp import web

from eventhub.events.model import Event
from eventhub.participants.sheets import CSV_TYPE, XLSX_TYPE
from eventhub.web.access import Right, allow
from eventhub.web.keys import CLOCK, EVENT, READER, reading
from eventhub.web.pages import page

from . import actions, rules
from .exports import FORMATS, export_report

PAGE = 50
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE, "pdf": "application/pdf"}


@allow(Right.REPORTS_READ)
async def show_sessions(request: web.Request) -> web.Response:
    """Show each session of a day: invited, present, attended."""
    event, now, start = request[EVENT], request.app[CLOCK].now(), _start(request)
    day = _day(request, event)
    async with reading(request) as tx:
        part = await actions.session_part(tx, event, now=now, day=day, start=start, limit=PAGE)
    return await page(
        request,
        "reports/sessions.html",
        part=part,
        start=start,
        next_start=_next(start, part.total),
        day=day,
        days=_days(request, event, day),
    )


@allow(Right.REPORTS_READ)
async def show_delegations(request: web.Request) -> web.Response:
    """Show each delegation: how many people invited, present, attended, and their minutes."""
    event, now, start = request[EVENT], request.app[CLOCK].now(), _start(request)
    day = _day(request, event)
    text = "".join(filter(str.isprintable, request.query.get("q", "")))[:200]
    async with reading(request) as tx:
        part = await actions.delegation_part(
            tx, event, text.split()[:10], now=now, day=day, start=start, limit=PAGE
        )
    return await page(
        request,
        "reports/delegations.html",
        part=part,
        start=start,
        next_start=_next(start, part.total),
        q=text,
        day=day,
        days=_days(request, event, day),
    )


@allow(Right.REPORTS_READ)
async def show_session(request: web.Request) -> web.Response:
    """Show who was invited to a session and who came, a page at a time."""
    event, now, start = request[EVENT], request.app[CLOCK].now(), _start(request)
    async with reading(request) as tx:
        figures, part = await actions.people_part(
            tx, event, request.match_info["session"], now=now, start=start, limit=PAGE
        )
    return await page(
        request,
        "reports/session.html",
        figures=figures,
        part=part,
        start=start,
        next_start=_next(start, part.total),
        has_begun=figures.session.starts_at <= now,
        needed=rules.needed_minutes(event.presence_rule, figures.session.minutes),
        day=event.day_of(figures.session.starts_at),
    )


@allow(Right.REPORTS_READ)
async def export(request: web.Request) -> web.Response:
    """Give the report, of a day or of the whole event, as a file."""
    event, now = request[EVENT], request.app[CLOCK].now()
    form = next(form for form in FORMATS if form == request.match_info["form"])
    day = _day(request, event)
    async with reading(request) as tx:
        report = await actions.whole_report(tx, event, now=now, day=day)
    content = await export_report(report, event, form, request[READER])
    name = f"{event.slug}-attendance{f'-{day.isoformat()}' if day else ''}.{form}"
    return web.Response(
        body=content,
        content_type=TYPES[form],
        charset="utf-8" if form == "csv" else None,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _day(request: web.Request, event: Event) -> date | None:
    """Return the event day asked for; None for all. Without a wish: today, else the day nearest to it."""
    wish = request.query.get("day", "")
    if wish == "all":
        return None
    for day in event.days:
        if day.isoformat() == wish:
            return day
    today = event.day_of(request.app[CLOCK].now())
    past = [day for day in event.days if day <= today]
    return past[-1] if past else event.days[0]


def _days(request: web.Request, event: Event, chosen: date | None) -> list[dict[str, object]]:
    """Return the tabs of the days, keeping what else the address asks for."""
    reader, today = request[READER], event.day_of(request.app[CLOCK].now())
    keep = {"q": request.query["q"][:200]} if request.query.get("q") else {}

    def tab(wish: str, text: str, note: str, day: date | None) -> dict[str, object]:
        href = str(request.rel_url.with_query({**keep, "day": wish}))
        current = day == chosen
        return {"href": href, "text": text, "note": note, "current": current, "today": day == today}

    tabs = [tab("all", reader.gettext("All days"), "", None)]
    for day in event.days:
        weekday, number, month, _ = reader.day(day).split()
        note = reader.gettext("Today") if day == today else weekday
        tabs.append(tab(day.isoformat(), f"{number} {month}", note, day))
    return tabs


def _start(request: web.Request) -> int:
    text = request.query.get("start", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _next(start: int, total: int) -> int | None:
    return start + PAGE if start + PAGE < total else None


ROUTES = [
    web.get("/manage/{event}/reports", show_sessions, name="reports.sessions"),
    web.get("/manage/{event}/reports/delegations", show_delegations, name="reports.delegations"),
    web.get("/manage/{event}/reports/sessions/{session}", show_session, name="reports.session"),
    web.get(
        r"/manage/{event}/reports/attendance.{form:csv|xlsx|pdf}", export, name="reports.export"
    ),
]
