"""The published programme: by day, and a session. Pages are made once for all who see the same."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from aiohttp import web

from eventhub.errors import NotFound
from eventhub.events.model import Attendance, Event
from eventhub.language import zone_of
from eventhub.web import shelf
from eventhub.web.access import public
from eventhub.web.keys import CLOCK, EVENT, READER, reading
from eventhub.web.pages import rendered
from eventhub.wording import say

from . import heads, release_store, rundown
from .model import Released, SessionState
from .published import Edition, edition_of
from .rundown import Viewing

ALL = "all"
NAMED_OFFICES = 60
FILTERS = ("q", "delegation", "track", "attendance")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the programme somebody wants to see; `day` is None for all of it."""

    day: date | None
    q: str
    delegation: str
    track: str
    attendance: str

    @property
    def is_rare(self) -> bool:
        """Whether few will ask for the same, so that keeping it would push out what many ask for."""
        return bool(self.q or self.delegation or self.track) or (
            self.attendance not in {"", *Attendance}
        )


@public
async def show_programme(request: web.Request) -> web.Response:
    """Show a day of the last release, or all of them in short."""
    edition = await edition_of(request)
    event, asked, viewing = edition.event, request.query, _viewing(request)
    wanted = Wanted(
        day=None
        if asked.get("day") == ALL
        else rundown.chosen_day(event, event.days, asked.get("day", ""), viewing.at),
        **{name: asked.get(name, "") for name in FILTERS},
    )
    if wanted.is_rare:
        return _answer(request, await _programme(request, edition, viewing, wanted))
    key = ("programme", edition.key, wanted, *_as_seen(viewing))
    make = partial(_programme, request, edition, viewing, wanted)
    return _answer(request, await request.app[shelf.SHELF].get(key, make))


async def _programme(
    request: web.Request, edition: Edition, viewing: Viewing, wanted: Wanted
) -> shelf.Body:
    event, day = edition.event, wanted.day
    async with reading(request) as tx:
        start, end = event.day_bounds(day) if day else (None, None)
        every = await release_store.list_released(tx, edition.release.id, start=start, end=end)
        delegations = await heads.list_heads(tx, event.id)
        office = wanted.delegation
        family = await heads.family(tx, event.id, office) if office else None

    def write() -> shelf.Body:
        found = rundown.matching(
            every, q=wanted.q, track=wanted.track, way=wanted.attendance, family=family
        )
        zone, others = viewing.zones_on([day] if day else event.days)
        page = rendered(
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
            zone=zone,
            others=others,
            own_zone=_own_name(viewing),
            delegations=delegations,
            tracks=sorted({session.track for session in every if session.track}),
            chosen={name: getattr(wanted, name) for name in FILTERS},
        )
        return shelf.body_of(page.encode())

    # A day of 150 sessions takes ten milliseconds, the whole programme fifty.
    return await asyncio.to_thread(write)


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
    edition = await edition_of(request)
    viewing, code = _viewing(request), request.match_info["session"]
    key = ("session", edition.key, code, *_as_seen(viewing))
    make = partial(_session, request, edition, viewing, code)
    return _answer(request, await request.app[shelf.SHELF].get(key, make))


async def _session(
    request: web.Request, edition: Edition, viewing: Viewing, code: str
) -> shelf.Body:
    event = edition.event
    async with reading(request) as tx:
        session = await release_store.find_released(tx, edition.release.id, code)
        if session is None:
            raise NotFound(say("There is no such session in the programme."))
        codes = {row["delegation"] for row in session.audience if "delegation" in row}
        few = len(codes) <= NAMED_OFFICES
        offices = await heads.office_names(tx, event.id, codes) if few else {}
    page = rendered(
        request,
        "sessions/session.html",
        session=session,
        is_cancelled=session.state is SessionState.CANCELLED,
        day=event.day_of(session.starts_at),
        time=viewing.span(session.starts_at, session.ends_at),
        starts_on=session.starts_at.astimezone(event.zone).date(),
        beside=viewing.beside(session.starts_at, session.ends_at),
        own_zone=_own_name(viewing),
        ways=[way for way in Attendance if way in rundown.ways(session)],
        offices=list(offices.values()),
        office_count=len(codes),
    )
    return shelf.body_of(page.encode())


def _answer(request: web.Request, body: shelf.Body) -> web.Response:
    response = shelf.answer(request, body, "text/html; charset=utf-8")
    response.headers["Content-Language"] = request[READER].language
    return response


def _as_seen(viewing: Viewing) -> tuple[str, str, datetime]:
    """Return what makes the same page another one: the reader, and the minute that marks what is on now."""
    own = viewing.own.key if viewing.own else ""
    return viewing.reader.language, own, viewing.at


def _viewing(request: web.Request) -> Viewing:
    asked = request.query.get("zone") or unquote(request.cookies.get("zone", ""))
    minute = request.app[CLOCK].now().replace(second=0, microsecond=0)
    return Viewing(request[READER], request[EVENT], _zone(asked), minute)


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
