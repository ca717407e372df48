"""Events and rooms for programs."""

import secrets

from eventhub.accounts import audit
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor

from . import actions, store
from .forms import (
    ChangedEvent,
    ChangedRoom,
    EventShape,
    NewEvent,
    NewRoom,
    RoomShape,
    event_changes,
    new_event,
    room_shape,
)
from .holding import HOLD
from .model import Room, conflict_kinds


@operation(
    "GET",
    "/events",
    right=Right.EVENT_READ,
    query=Paging,
    answers={200: Listing[EventShape]},
    summary="List the events you may see",
)
async def list_events(call: Call[None, Paging]) -> Answer:
    after = read_cursor(call.query.cursor, str) or ("",)
    events = await store.list_events(call.tx, after[0], call.query.limit + 1, call.who.event_id)
    shapes = [EventShape.model_validate(event) for event in events]
    return Answer(200, listing(shapes, call.query.limit, lambda shape: (shape.slug,)))


@operation(
    "POST",
    "/events",
    right=Right.EVENTS_MAKE,
    body=NewEvent,
    answers={201: EventShape},
    summary="Make an event",
)
async def add_event(call: Call[NewEvent, None]) -> Answer:
    slug = call.form.slug or f"event-{secrets.token_hex(4)}"
    event = await actions.add_event(
        call.tx, new_event(call.form, slug, conflict_kinds()), at=call.at
    )
    await audit.record(call.tx, call.who, "event.added", slug, event_id=event.id, at=call.at)
    return Answer(201, EventShape.model_validate(event), event.version, f"/api/v1/events/{slug}")


@operation(
    "GET",
    "/events/{event}",
    right=Right.EVENT_READ,
    answers={200: EventShape},
    summary="Show an event",
)
async def show_event(call: Call[None, None]) -> Answer:
    return Answer(200, EventShape.model_validate(call.event), call.event.version)


@operation(
    "PATCH",
    "/events/{event}",
    right=Right.EVENT_SETTINGS,
    body=ChangedEvent,
    answers={200: EventShape},
    summary="Change an event",
)
async def change_event(call: Call[NewEvent, None]) -> Answer:
    event = await store.get_event_by_id(call.tx, call.event.id)
    call.expect(event.version)
    changes = event_changes(call.form.given(), conflict_kinds(), event)
    async with call.request.app[HOLD](call.tx, event.id):
        event = await actions.change_event(call.tx, event, changes)
    detail = {"fields": sorted(changes)}
    await audit.record(
        call.tx, call.who, "event.changed", event.slug, event_id=event.id, at=call.at, detail=detail
    )
    return Answer(200, EventShape.model_validate(event), event.version)


@operation(
    "GET",
    "/events/{event}/rooms",
    right=Right.PROGRAMME_READ,
    query=Paging,
    answers={200: Listing[RoomShape]},
    summary="List rooms",
)
async def list_rooms(call: Call[None, Paging]) -> Answer:
    after = read_cursor(call.query.cursor, str) or ("",)
    rooms = await store.list_rooms(call.tx, call.event.id, after[0], call.query.limit + 1)
    shapes = [room_shape(room, call.event) for room in rooms]
    return Answer(200, listing(shapes, call.query.limit, lambda shape: (shape.code,)))


@operation(
    "POST",
    "/events/{event}/rooms",
    right=Right.PROGRAMME_WRITE,
    body=NewRoom,
    answers={201: RoomShape},
    summary="Add a room",
)
async def add_room(call: Call[NewRoom, None]) -> Answer:
    form = call.form
    code = form.code or f"room-{secrets.token_hex(4)}"
    values = form.model_dump(exclude={"code"})
    room = await actions.add_room(call.tx, Room(id=0, event_id=call.event.id, code=code, **values))
    return Answer(201, room_shape(room, call.event), room.version, f"{call.request.path}/{code}")


@operation(
    "GET",
    "/events/{event}/rooms/{room}",
    right=Right.PROGRAMME_READ,
    answers={200: RoomShape},
    summary="Show a room",
)
async def show_room(call: Call[None, None]) -> Answer:
    room = await store.get_room(call.tx, call.event.id, call.path["room"])
    return Answer(200, room_shape(room, call.event), room.version)


@operation(
    "PATCH",
    "/events/{event}/rooms/{room}",
    right=Right.PROGRAMME_WRITE,
    body=ChangedRoom,
    answers={200: RoomShape},
    summary="Change a room",
)
async def change_room(call: Call[NewRoom, None]) -> Answer:
    room = await store.get_room(call.tx, call.event.id, call.path["room"])
    call.expect(room.version)
    async with call.request.app[HOLD](call.tx, call.event.id):
        room = await actions.change_room(call.tx, room, call.form.given())
    return Answer(200, room_shape(room, call.event), room.version)


@operation(
    "DELETE",
    "/events/{event}/rooms/{room}",
    right=Right.PROGRAMME_WRITE,
    answers={204: None},
    summary="Take a room out",
)
async def remove_room(call: Call[None, None]) -> Answer:
    room = await store.get_room(call.tx, call.event.id, call.path["room"])
    call.expect(room.version)
    await actions.remove_room(call.tx, room)
    return Answer(204)


API = [
    list_events,
    add_event,
    show_event,
    change_event,
    list_rooms,
    add_room,
    show_room,
    change_room,
    remove_room,
]
