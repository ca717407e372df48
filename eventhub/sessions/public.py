"""The published programme: by day, and a session."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance, Event, EventState
from eventhub.language import zone_of
from eventhub.web.access import public
from eventhub.web.keys import CLOCK, EVENT, READER, reading
from eventhub.web.pages import page
from eventhub.wording import say

from . import heads, release_store, rundown
from .model import Release, Released, SessionState
from .rundown import Viewing

ALL = "all"
NAMED_OFFICES = 60


@public
async def show_programme(request: web.Request) -> web.Response:
    """Show a day of the last release, or all of them in short."""
    event = published_event(request)
    asked, viewing = request.query, _viewing(request)
    day = (
        None
        if asked.get("day") == ALL
        else rundown.chosen_day(event, event.days, asked.get("day", ""), viewing.at)
    )
    async with reading(request) as tx:
        release = await last_release(tx, event)
        start, end = event.day_bounds(day) if day else (None, None)
        every = await release_store.list_released(tx, release.id, start=start, end=end)
        delegations = await heads.list_heads(tx, event.id)
        office = asked.get("delegation", "")
        family = await heads.family(tx, event.id, office) if office else None
    found = rundown.matching(
        every, q=asked.get("q", ""), track=asked.get("track", ""),
        way=asked.get("attendance", ""), family=family,
    )  # fmt: skip
    return await page(
        request,
        "sessions/programme.html",
        day=day.isoformat() if day else ALL,
        title=viewing.reader.long_day(day)
        if day
        else viewing.reader.gettext("The whole programme"),
        tabs=_tabs(event, day, viewing),
        blocks=_blocks(event, day, found, viewing),
        compact=day is None,
        count=len(found),
        of=len(every),
        own_zone=_own_name(viewing),
        delegations=delegations,
        tracks=sorted({session.track for session in every if session.track}),
        chosen={name: asked.get(name, "") for name in ("q", "delegation", "track", "attendance")},
    )


def _tabs(event: Event, chosen: date | None, viewing: Viewing) -> list[dict[str, Any]]:
    reader = viewing.reader
    tabs = rundown.day_tabs(event, event.days, chosen, reader, viewing.at)
    every = {
        "href": f"?day={ALL}",
        "text": reader.gettext("All"),
        "note": reader.gettext("In short"),
    }
    return [every | {"current": chosen is None, "today": False}, *tabs]


def _blocks(
    event: Event, day: date | None, sessions: Sequence[Released], viewing: Viewing
) -> list[rundown.Block]:
    if not sessions:
        return []
    if day is not None:
        is_today = day == event.day_of(viewing.at)
        return [rundown.block("", sessions, viewing, marks_now=is_today)]
    days: dict[date, list[Released]] = defaultdict(list)
    for session in sessions:
        days[event.day_of(session.starts_at)].append(session)
    return [
        rundown.block(viewing.reader.long_day(each), days[each], viewing, marks_now=False)
        for each in sorted(days)
    ]


@public
async def show_session(request: web.Request) -> web.Response:
    """Show a session of the last release."""
    event = published_event(request)
    viewing = _viewing(request)
    async with reading(request) as tx:
        release = await last_release(tx, event)
        session = await release_store.find_released(tx, release.id, request.match_info["session"])
        if session is None:
            raise NotFound(say("There is no such session in the programme."))
        codes = {row["delegation"] for row in session.audience if "delegation" in row}
        few = len(codes) <= NAMED_OFFICES
        offices = await heads.office_names(tx, event.id, codes) if few else {}
    day = event.day_of(session.starts_at)
    return await page(
        request,
        "sessions/session.html",
        session=session,
        is_cancelled=session.state is SessionState.CANCELLED,
        day=day,
        time=viewing.span(session.starts_at, session.ends_at),
        own_time=viewing.own_span(session.starts_at, session.ends_at),
        own_zone=_own_name(viewing),
        ways=[way for way in Attendance if way in rundown.ways(session)],
        offices=list(offices.values()),
        office_count=len(codes),
    )


def published_event(request: web.Request) -> Event:
    """Return the event of the path, or raise NotFound while it is not published."""
    event = request[EVENT]
    if event.state is not EventState.PUBLISHED:
        raise NotFound(say("There is no such event."))
    return event


async def last_release(tx: AsyncConnection, event: Event) -> Release:
    """Return the event's last release, or raise NotFound."""
    release = await release_store.latest_release(tx, event.id)
    if release is None:
        raise NotFound(say("There is no such event."))
    return release


def _viewing(request: web.Request) -> Viewing:
    asked = request.query.get("zone") or unquote(request.cookies.get("zone", ""))
    return Viewing(request[READER], request[EVENT], _zone(asked), request.app[CLOCK].now())


def _zone(name: str) -> ZoneInfo | None:
    try:
        return zone_of(name) if name else None
    except (KeyError, ValueError, OSError):
        # A zone that does not exist, a path, or a folder of zones (CPython opens it and fails).
        return None


def _own_name(viewing: Viewing) -> str:
    """Name the viewer's zone where its clock differs from the event's now, else nothing."""
    if viewing.own is None:
        return ""
    if (
        viewing.at.astimezone(viewing.own).utcoffset()
        == viewing.at.astimezone(viewing.event.zone).utcoffset()
    ):
        return ""
    return viewing.reader.zone_name(viewing.at, viewing.own)


ROUTES = [
    web.get("/{event}/", show_programme, name="programme"),
    web.get("/{event}/sessions/{session}", show_session, name="programme.session"),
]
