"""Attendance for organizers: per session of a day, per delegation, and who came to one session."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.sheets import CSV_TYPE, XLSX_TYPE
from eventhub.web.access import Right, allow
from eventhub.web.days import chosen_day, day_tabs
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading
from eventhub.web.pages import page

from . import actions, certificates, rules
from .exports import FORMATS, export_report

PAGE = 50
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE, "pdf": "application/pdf"}


@allow(Right.REPORTS_READ)
async def show_sessions(request: web.Request) -> web.Response:
    """Show each session of a day: invited, present, attended."""
    event, now, start = request[EVENT], request.app[CLOCK].now(), _start(request)
    day = chosen_day(request, event)
    async with reading(request) as tx:
        part = await actions.session_part(tx, event, now=now, day=day, start=start, limit=PAGE)
    return await page(
        request,
        "reports/sessions.html",
        part=part,
        start=start,
        next_start=_next(start, part.total),
        day=day,
        days=day_tabs(request, event, day),
    )


@allow(Right.REPORTS_READ)
async def show_delegations(request: web.Request) -> web.Response:
    """Show each delegation: how many people invited, present, attended, and their minutes."""
    event, now, start = request[EVENT], request.app[CLOCK].now(), _start(request)
    day = chosen_day(request, event)
    text = "".join(filter(str.isprintable, request.query.get("q", "")))[:200]
    async with reading(request) as tx:
        part = await actions.delegation_part(
            tx, event, text.split()[:10], now=now, day=day, start=start, limit=PAGE
        )
        gives = await _gives_certificates(request, tx)
    return await page(
        request,
        "reports/delegations.html",
        part=part,
        start=start,
        next_start=_next(start, part.total),
        q=text,
        gives_certificates=gives,
        day=day,
        days=day_tabs(request, event, day),
    )


@allow(Right.REPORTS_READ)
async def show_provinces(request: web.Request) -> web.Response:
    """Show each province with the people of all its offices."""
    event, now = request[EVENT], request.app[CLOCK].now()
    day = chosen_day(request, event)
    async with reading(request) as tx:
        report = await actions.whole_report(tx, event, now=now, day=day)
    return await page(
        request,
        "reports/provinces.html",
        provinces=report.provinces,
        day=day,
        days=day_tabs(request, event, day),
    )


@allow(Right.REPORTS_READ)
async def show_session(request: web.Request) -> web.Response:
    """Show who was invited to a session and who came, a page at a time."""
    event, now, start = request[EVENT], request.app[CLOCK].now(), _start(request)
    async with reading(request) as tx:
        figures, part = await actions.people_part(
            tx, event, request.match_info["session"], now=now, start=start, limit=PAGE
        )
        gives = await _gives_certificates(request, tx)
    return await page(
        request,
        "reports/session.html",
        figures=figures,
        part=part,
        start=start,
        next_start=_next(start, part.total),
        gives_certificates=gives,
        has_begun=figures.session.starts_at <= now,
        needed=rules.needed_minutes(event.presence_rule, figures.session.minutes),
        day=event.day_of(figures.session.starts_at),
    )


@allow(Right.REPORTS_READ)
async def export(request: web.Request) -> web.Response:
    """Give the report, of a day or of the whole event, as a file."""
    event, now = request[EVENT], request.app[CLOCK].now()
    form = next(form for form in FORMATS if form == request.match_info["form"])
    day = chosen_day(request, event)
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


async def _gives_certificates(request: web.Request, tx: AsyncConnection) -> bool:
    """Whether whoever looks may make certificates by now."""
    if not request[PRINCIPAL].has(Right.PEOPLE_WRITE):
        return False
    return await certificates.has_ended(tx, request[EVENT], request.app[CLOCK].now())


def _start(request: web.Request) -> int:
    text = request.query.get("start", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _next(start: int, total: int) -> int | None:
    return start + PAGE if start + PAGE < total else None


ROUTES = [
    web.get("/manage/{event}/reports", show_sessions, name="reports.sessions"),
    web.get("/manage/{event}/reports/delegations", show_delegations, name="reports.delegations"),
    web.get("/manage/{event}/reports/provinces", show_provinces, name="reports.provinces"),
    web.get("/manage/{event}/reports/sessions/{session}", show_session, name="reports.session"),
    web.get(
        r"/manage/{event}/reports/attendance.{form:csv|xlsx|pdf}", export, name="reports.export"
    ),
]
