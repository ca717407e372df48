"""Reads frab's and pretalx's `schedule.json`. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from eventhub.errors import Unreadable
from eventhub.web.fields import INT32
from eventhub.wording import say

from .frab import Entry, Schedule

_FIELDS = (
    "guid", "id", "code", "date", "start", "duration", "room", "slug", "url", "title", "track", "type", "abstract",
    "description",
)  # fmt: skip


def read_json(text: str) -> Schedule:
    """Return what a file holds; raises Unreadable when it is broken, or something else than a schedule."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(say("The JSON file is broken.")) from error
    inner = _mapping(_mapping(whole).get("schedule")) or _mapping(whole)
    conference = _mapping(inner.get("conference"))
    if not isinstance(conference.get("days"), list):
        raise Unreadable(
            say(
                "This is a JSON file of another shape, not a schedule: it holds no conference with days."
            )
        )
    generator = _text(_mapping(_mapping(whole).get("generator")).get("name"))
    schedule = Schedule(generator, _text(conference.get("time_zone_name")))
    rooms = {
        _line(room.get("name")): room for room in map(_mapping, _list(conference.get("rooms")))
    }
    schedule.seats = dict(_seats(rooms))
    schedule.buildings = {name: _line(room.get("description")) for name, room in rooms.items()}
    for day in filter(None, map(_mapping, conference["days"])):
        for room, events in _rooms(day.get("rooms")):
            schedule.entries += [
                _entry(event, day, room) for event in map(_mapping, events) if event
            ]
    return schedule


def _rooms(rooms: Any) -> Iterator[tuple[str, list[Any]]]:
    for name, events in _mapping(rooms).items():
        if isinstance(events, list):
            yield name, events


def _seats(rooms: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    for name, room in rooms.items():
        seats = room.get("capacity")
        if isinstance(seats, int) and 0 <= seats <= INT32:
            yield name, seats


def _entry(event: Mapping[str, Any], day: Mapping[str, Any], room: str) -> Entry:
    return Entry(
        {name: _text(event.get(name)) for name in _FIELDS},
        room=room,
        day=_text(day.get("date"))[:10],
        day_start=_text(day.get("day_start")),
        persons=[_person(person) for person in _list(event.get("persons"))],
        links=[
            (_text(link.get("title")), _text(link.get("url")))
            for link in map(_mapping, _list(event.get("links")))
        ],
    )


def _person(person: Any) -> str:
    known = _mapping(person)
    names = (known.get(name) for name in ("public_name", "name", "full_public_name"))
    return next((_text(name) for name in names if name), "" if known else _text(person))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Return a value as text; of a text in several languages the first that is there."""
    match value:
        case str():
            return value
        case bool() | None | list():
            return ""
        case int():
            return str(value)
        case float():
            return f"{value:g}"
        case dict():
            return next((each for each in value.values() if isinstance(each, str) and each), "")
    return ""


def _line(value: Any) -> str:
    return " ".join(_text(value).split())
