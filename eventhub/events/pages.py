"""The list of events, making one, and its rooms."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from aiohttp import web

from eventhub.accounts import actions as accounts
from eventhub.accounts import audit
from eventhub.errors import Invalid, Refusal, Stale
from eventhub.language import Reader
from eventhub.web.access import Right, Role, allow, public, signed_in
from eventhub.web.filled import CHANGED_MEANWHILE, Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import access_pages, actions, settings_pages, store
from .forms import NewEvent, NewRoom, new_event, room_shape
from .holding import HOLD
from .model import Event, Room, conflict_kinds


@public
async def show_home(request: web.Request) -> web.Response:
    """List the published events."""
    async with reading(request) as tx:
        events = await store.list_published(tx)
    today = request.app[CLOCK].now()
    cards = [_card(event, event.day_of(today), request[READER]) for event in events]
    return await page(request, "home.html", events=cards)


@signed_in
async def show_my_events(request: web.Request) -> web.Response:
    """List the events in which the user has a role."""
    who = request[PRINCIPAL]
    async with reading(request) as tx:
        roles = await accounts.events_of(tx, who.id)
        ids = None if None in roles else [event_id for event_id in roles if event_id is not None]
        events = await store.list_by_ids(tx, ids)
    now = request.app[CLOCK].now()
    cards = [_card(event, event.day_of(now), request[READER]) for event in events]
    return await page(request, "events/mine.html", events=cards, may_make=who.role is Role.OWNER)


@allow(Right.EVENTS_MAKE)
async def show_new_event(request: web.Request) -> web.Response:
    """Show the form of a new event."""
    return await page(request, "events/new.html", form=Filled({"time_zone": "Asia/Jakarta"}))


@allow(Right.EVENTS_MAKE)
async def add_event(request: web.Request) -> web.Response:
    """Make an event and go on to its settings."""
    form = await posted(request)
    at = request.app[CLOCK].now()
    try:
        wanted = read_form(NewEvent, form)
        if wanted.slug is None:
            raise Invalid.field("slug", say("An event needs a code; its address is made of it."))
        async with transaction(request) as tx:
            event = await actions.add_event(
                tx, new_event(wanted, wanted.slug, conflict_kinds()), at=at
            )
            await audit.record(
                tx, request[PRINCIPAL], "event.added", event.slug, event_id=event.id, at=at
            )
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await page(request, "events/new.html", status=refusal.status, form=shown)
    return see_other(request, "events.settings", event=event.slug)


@allow(Right.PROGRAMME_READ)
async def show_rooms(request: web.Request) -> web.Response:
    """List the rooms with what they hold."""
    event = request[EVENT]
    async with reading(request) as tx:
        rooms = await store.list_rooms(tx, event.id)
    shapes = [room_shape(room, event) for room in rooms]
    may_write = request[PRINCIPAL].has(Right.PROGRAMME_WRITE)
    return await page(request, "events/rooms.html", rooms=shapes, may_write=may_write)


@allow(Right.PROGRAMME_WRITE)
async def show_new_room(request: web.Request) -> web.Response:
    """Show the form of a new room."""
    return await _room_page(request, Filled({}))


@allow(Right.PROGRAMME_WRITE)
async def add_room(request: web.Request) -> web.Response:
    """Add a room."""
    event = request[EVENT]
    form = await posted(request)
    at = request.app[CLOCK].now()
    try:
        wanted = read_form(NewRoom, _room_fields(form))
        if wanted.code is None:
            raise Invalid.field("code", say("A room needs a code, such as its number on the door."))
        async with transaction(request) as tx:
            room = await actions.add_room(tx, Room(id=0, event_id=event.id, **wanted.model_dump()))
            await audit.record(
                tx, request[PRINCIPAL], "room.added", room.code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        return await _room_page(
            request, filled(text_fields(form), refusal, request[READER]), refusal.status
        )
    return see_other(request, "events.rooms", event=event.slug)


@allow(Right.PROGRAMME_WRITE)
async def edit_room(request: web.Request) -> web.Response:
    """Show a room's form."""
    async with reading(request) as tx:
        room = await store.get_room(tx, request[EVENT].id, request.match_info["room"])
    return await _room_page(request, Filled(_room_typed(room)), room=room)


@allow(Right.PROGRAMME_WRITE)
async def change_room(request: web.Request) -> web.Response:
    """Change a room."""
    event, code = request[EVENT], request.match_info["room"]
    form = await posted(request)
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        room = await store.get_room(tx, event.id, code)
    try:
        wanted = read_form(NewRoom, _room_fields(form))
        changes = wanted.model_dump(exclude={"code"})
        async with transaction(request) as tx:
            room = await store.get_room(tx, event.id, code)
            if str(form.get("version", "")) != str(room.version):
                raise Stale(CHANGED_MEANWHILE)
            async with request.app[HOLD](tx, room.event_id):
                await actions.change_room(tx, room, changes)
            await audit.record(
                tx, request[PRINCIPAL], "room.changed", code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _room_page(request, shown, refusal.status, room=room)
    return see_other(request, "events.rooms", event=event.slug)


@allow(Right.PROGRAMME_WRITE)
async def remove_room(request: web.Request) -> web.Response:
    """Take a room out, unless something happens in it."""
    event = request[EVENT]
    await posted(request)
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        room = await store.get_room(tx, event.id, request.match_info["room"])
    try:
        async with transaction(request) as tx:
            await actions.remove_room(tx, room)
            await audit.record(
                tx, request[PRINCIPAL], "room.removed", room.code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        shown = filled(_room_typed(room), refusal, request[READER])
        return await _room_page(request, shown, refusal.status, room=room)
    return see_other(request, "events.rooms", event=event.slug)


async def _room_page(
    request: web.Request, form: Filled, status: int = 200, room: Room | None = None
) -> web.Response:
    return await page(request, "events/room.html", status=status, form=form, room=room)


def _room_fields(form: Mapping[str, Any]) -> dict[str, str]:
    values = text_fields(form)
    values.pop("version", None)
    values.setdefault("parallel", "false")
    return values


def _room_typed(room: Room) -> dict[str, Any]:
    names = ("code", "name", "building", "capacity", "protocol_percent", "parallel", "version")
    return {name: getattr(room, name) for name in names}


def _card(event: Event, today: date, reader: Reader) -> dict[str, str]:
    """Say an event's dates, and whether it is on now."""
    one_day = event.starts_on == event.ends_on
    dates = reader.day(event.starts_on) + ("" if one_day else f" – {reader.day(event.ends_on)}")
    if event.starts_on <= today <= event.ends_on:
        note, tone = reader.gettext("Going on"), "ok"
    elif today < event.starts_on:
        note, tone = reader.gettext("Upcoming"), ""
    else:
        note, tone = reader.gettext("Over"), ""
    return {
        "slug": event.slug,
        "title": event.title,
        "dates": dates,
        "note": note,
        "tone": tone,
        "state": event.state,
    }


ROUTES = [
    web.get("/", show_home, name="home"),
    web.get("/manage/", show_my_events, name="events.mine"),
    web.get("/manage/new", show_new_event, name="events.new"),
    web.post("/manage/new", add_event, name="events.add"),
    web.get("/manage/{event}/rooms", show_rooms, name="events.rooms"),
    web.get("/manage/{event}/rooms/new", show_new_room, name="events.room.new"),
    web.post("/manage/{event}/rooms/new", add_room, name="events.room.add"),
    web.get("/manage/{event}/rooms/{room}", edit_room, name="events.room"),
    web.post("/manage/{event}/rooms/{room}", change_room, name="events.room.change"),
    web.post("/manage/{event}/rooms/{room}/remove", remove_room, name="events.room.remove"),
    *settings_pages.ROUTES,
    *access_pages.ROUTES,
]
