"""Building the programme: its list, a session's form, conflicts, and publishing."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Refusal, Stale
from eventhub.events.actions import list_rooms
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import render, say

from . import (
    actions,
    board_pages,
    conflict_lists,
    conflict_pages,
    draft,
    figures,
    history,
    looked,
    overview,
    release_pages,
    rundown,
    store,
)
from .conflicts import ProgrammeClash, of_day
from .model import AnySession, ProgrammeConflict, Session, Severity, made_of
from .standing import standing

IN_THE_WAY = say("It cannot be saved like this; something stands in the way:")


@allow(Right.PROGRAMME_READ)
async def show_programme(request: web.Request) -> web.Response:
    """List a day of the draft programme, or show it as a board (`view=board`)."""
    if request.query.get("view") == "board":
        return await board_pages.show_board(request)
    event, asked, at = request[EVENT], request.query, request.app[CLOCK].now()
    async with reading(request) as tx:
        days = await figures.days_in_use(tx, event)
        day = rundown.chosen_day(event, days, asked.get("day", ""), at)
        rooms = await list_rooms(tx, event.id)
        every, found = await of_day(tx, event, day)
        state = await standing(tx, event, request.app)
        unscheduled = await store.count_unscheduled(tx, event.id)
    names = {room.id: room for room in rooms}
    rows = [
        _row(session, names, found, state.changed)
        for session in every
        if _is_chosen(session, asked, names)
    ]
    response = await page(
        request, "manage/programme.html", day=day, rows=rows, of=len(every),
        tabs=rundown.day_tabs(event, days, day, request[READER], at),
        rooms=[(room.code, room.name) for room in rooms], pending=state.changes if state.last else 0,
        tracks=sorted({session.track for session in every if session.track}),
        chosen={name: asked.get(name, "") for name in ("q", "room", "track", "state", "audience")},
        may_write=request[PRINCIPAL].has(Right.PROGRAMME_WRITE), unscheduled=unscheduled,
    )  # fmt: skip
    looked.remember(request, response, day)
    return response


def _is_chosen(session: Session, asked: Mapping[str, str], rooms: Mapping[int, Any]) -> bool:
    room = rooms[session.room_id].code if session.room_id is not None else ""
    needle = asked.get("q", "").strip().casefold()
    return (
        (not needle or needle in f"{session.title} {session.code}".casefold())
        and asked.get("room", "") in {"", room}
        and asked.get("track", "") in {"", session.track}
        and asked.get("state", "") in {"", session.state.value}
        and (asked.get("audience") != "none" or not (session.audience or session.speakers))
    )


def _row(
    session: Session,
    rooms: Mapping[int, Any],
    found: list[ProgrammeConflict],
    pending: frozenset[str],
) -> dict[str, Any]:
    own = [conflict for conflict in found if session.code in conflict.sessions]
    worst = min((list(Severity).index(conflict.severity) for conflict in own), default=None)
    return {
        "session": session,
        "room": rooms[session.room_id].name if session.room_id is not None else "",
        "offices": len(session.audience),
        "conflicts": len(own),
        "worst": None if worst is None else list(Severity)[worst].value,
        "is_changed": session.code in pending,
    }


@allow(Right.PROGRAMME_WRITE)
async def show_new_session(request: web.Request) -> web.Response:
    """Show the form of a new session; it begins on the day asked for, else on the one last looked at."""
    asked = {"day": looked.last_day(request), **request.query}
    return await _form(request, Filled(draft.blank(request[EVENT], asked)))


@allow(Right.PROGRAMME_WRITE)
async def add_session(request: web.Request) -> web.Response:
    """Add a session, or show the form again with what stands in the way."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            wanted = await draft.read_draft(tx, event, form)
            code = wanted.code or f"s-{secrets.token_hex(4)}"
            known = {"id": 0, "event_id": event.id, "code": code}
            session = made_of({**known, **wanted.values})
            await actions.add_session(tx, event, session, at=at)
            await audit.record(
                tx, request[PRINCIPAL], "session.added", code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        return await _form(request, _again(request, form, refusal), refusal.status)
    return see_other(request, path=f"/manage/{event.slug}/programme/sessions/{code}?saved=1")


@allow(Right.PROGRAMME_READ)
async def edit_session(request: web.Request) -> web.Response:
    """Show a session's form, and what stands in its way."""
    event = request[EVENT]
    async with reading(request) as tx:
        session = await store.get_session(tx, event.id, request.match_info["session"])
        typed = await draft.typed_of(tx, event, session)
        found = (
            await actions.check_placement(tx, event, session)
            if isinstance(session, Session)
            else None
        )
    return await _form(request, Filled(typed), session=session, found=found)


@allow(Right.PROGRAMME_WRITE)
async def change_session(request: web.Request) -> web.Response:
    """Change or move a session, or show the form again with what stands in the way."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    code = request.match_info["session"]
    async with reading(request) as tx:
        session = await store.get_session(tx, event.id, code)
    try:
        async with transaction(request) as tx:
            session = await store.get_session(tx, event.id, code)
            if str(form.get("version", "")) != str(session.version):
                raise Stale(await history.meanwhile(tx, session, _seen(form)))
            wanted = await draft.read_draft(tx, event, form)
            changed = await actions.change_session(tx, event, session, wanted.values, at=at)
            await history.record(
                tx, request[PRINCIPAL], "session.changed", before=session, after=changed, at=at
            )
    except Refusal as refusal:
        return await _form(request, _again(request, form, refusal), refusal.status, session=session)
    return see_other(request, path=f"/manage/{event.slug}/programme/sessions/{code}?saved=1")


@allow(Right.PROGRAMME_WRITE)
async def remove_session(request: web.Request) -> web.Response:
    """Take a draft out, or cancel a published session."""
    event, at = request[EVENT], request.app[CLOCK].now()
    await posted(request)
    async with transaction(request) as tx:
        session = await store.get_session(tx, event.id, request.match_info["session"])
        kept = await actions.remove_session(tx, session, at=at)
        action = "session.cancelled" if kept else "session.removed"
        await audit.record(tx, request[PRINCIPAL], action, session.code, event_id=event.id, at=at)
    shown = "view=board"
    if isinstance(session, Session):
        shown = f"day={event.day_of(session.starts_at).isoformat()}"
    return see_other(request, path=f"/manage/{event.slug}/programme?{shown}")


@allow(Right.PROGRAMME_WRITE)
async def restore_session(request: web.Request) -> web.Response:
    """Take a cancellation back, or say what stands in the way."""
    event, at = request[EVENT], request.app[CLOCK].now()
    await posted(request)
    async with transaction(request) as tx:
        session = await store.get_session(tx, event.id, request.match_info["session"])
        await actions.restore_session(tx, event, session, at=at)
        await audit.record(
            tx, request[PRINCIPAL], "session.restored", session.code, event_id=event.id, at=at
        )
    return see_other(
        request, path=f"/manage/{event.slug}/programme/sessions/{session.code}?saved=1"
    )


def _seen(form: Mapping[str, Any]) -> int:
    """Return the version that a form was made from; the oldest when it says none."""
    given = str(form.get("version", ""))
    return int(given) if given.isascii() and given.isdigit() else 0


def _again(request: web.Request, form: Mapping[str, Any], refusal: Refusal) -> Filled:
    typed: dict[str, Any] = {**text_fields(form), "stream": "stream" in form}
    shown = filled(typed, refusal, request[READER])
    if isinstance(refusal, ProgrammeClash):
        found = conflict_lists.gathered_of_one(refusal.found)
        items = tuple(render(each.explanation, request[READER]) for each in found)
        return Filled(typed, text=render(IN_THE_WAY, request[READER]), items=items)
    return shown


async def _form(
    request: web.Request,
    form: Filled,
    status: int = 200,
    *,
    session: AnySession | None = None,
    found: list[ProgrammeConflict] | None = None,
) -> web.Response:
    event, reader = request[EVENT], request[READER]
    async with reading(request) as tx:
        rooms = [(room.code, room.name) for room in await list_rooms(tx, event.id)]
        tracks = await figures.tracks(tx, event.id)
        kinds = await figures.delegation_kinds(tx, event.id)
    warnings = conflict_lists.rows(
        conflict_lists.gathered_of_one(found or []), event.slug, reader,
        edits_people=request[PRINCIPAL].has(Right.PEOPLE_WRITE), at=session.code if session else "",
    )  # fmt: skip
    return await page(
        request, "manage/session.html", status=status, form=form, session=session, rooms=rooms, tracks=tracks,
        kinds=kinds, warnings=warnings, saved="saved" in request.query, is_board=looked.is_board(request),
        last_day=looked.last_day(request),
        may_write=request[PRINCIPAL].has(Right.PROGRAMME_WRITE),
    )  # fmt: skip


ROUTES = [
    *conflict_pages.ROUTES,
    *release_pages.ROUTES,
    *board_pages.ROUTES,
    web.get("/manage/{event}/", overview.show_overview, name="overview"),
    web.get("/manage/{event}/programme", show_programme, name="sessions.list"),
    web.get("/manage/{event}/programme/new", show_new_session, name="sessions.new"),
    web.post("/manage/{event}/programme/new", add_session, name="sessions.add"),
    web.get("/manage/{event}/programme/sessions/{session}", edit_session, name="sessions.edit"),
    web.post(
        "/manage/{event}/programme/sessions/{session}", change_session, name="sessions.change"
    ),
    web.post(
        "/manage/{event}/programme/sessions/{session}/remove",
        remove_session,
        name="sessions.remove",
    ),
    web.post(
        "/manage/{event}/programme/sessions/{session}/restore",
        restore_session,
        name="sessions.restore",
    ),
]
