"""Writes the programme as frab's `schedule.xml` and `schedule.json`, as c3voc's validators describe them. Pure.

Links of meetings stand in it only where `private` is set: the public files carry none.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from eventhub import __version__
from eventhub.events.model import Event
from eventhub.language import zone_of
from eventhub.sessions.model import Released, SessionState, Waiting

from .frab import MEETING, OURS, STREAM

SLOT = "00:05"
LONGEST_IN_XML = timedelta(hours=99, minutes=59)


@dataclass(frozen=True, slots=True)
class Publication:
    """What is written: `page` is the address of the event's programme, ending in a slash; `seats` by room name.

    The `tray` stands in tables alone: no other form has a place for sessions without a time.
    """

    event: Event
    sessions: Sequence[Released]
    page: str
    version: str
    at: datetime
    seats: Mapping[str, int]
    private: bool = False
    tray: Sequence[Waiting] = ()

    def days(self) -> Iterator[tuple[int, date, Mapping[str, list[Released]]]]:
        """Yield every day with its number and its sessions by room; cancelled ones are left out."""
        by_day: dict[date, dict[str, list[Released]]] = {day: {} for day in self.event.days}
        for session in self.sessions:
            if session.state is not SessionState.CANCELLED:
                rooms = by_day.setdefault(self.event.day_of(session.starts_at), {})
                rooms.setdefault(room_name(session), []).append(session)
        for index, day in enumerate(sorted(by_day), start=1):
            yield index, day, by_day[day]

    @property
    def acronym(self) -> str:
        """The event's code in the letters the schemas allow, at least four."""
        return re.sub(r"[^a-z0-9_]", "_", self.event.slug.lower()).ljust(4, "_")


def room_name(session: Released) -> str:
    """Return the name of a session's room as the files call it."""
    return session.room_name or "Online"


def write_xml(published: Publication) -> bytes:
    """Return `schedule.xml`."""
    event = published.event
    root = Element("schedule")
    SubElement(root, "generator", name=OURS, version=__version__)
    _tell(root, "version", published.version)
    conference = SubElement(root, "conference")
    days = list(published.days())
    _tell(conference, "title", event.title)
    _tell(conference, "acronym", published.acronym)
    _tell(conference, "start", event.starts_on.isoformat())
    _tell(conference, "end", event.ends_on.isoformat())
    _tell(conference, "days", str(len(days)))
    _tell(conference, "timeslot_duration", SLOT)
    _tell(conference, "base_url", published.page)
    _tell(conference, "time_zone_name", event.time_zone)
    for index, day, rooms in days:
        start, end = _bounds(event, day)
        told = SubElement(
            root,
            "day",
            index=str(index),
            date=day.isoformat(),
            start=start.isoformat(),
            end=end.isoformat(),
        )
        for name, sessions in rooms.items():
            room = SubElement(told, "room", name=_clean(name))
            for session in sessions:
                _write_event(room, published, session)
    indent(root, " ")
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _write_event(room: Element, published: Publication, session: Released) -> None:
    values = _values(published, session)
    entry = SubElement(room, "event", guid=values["guid"], id=str(values["id"]))
    longest = min(session.ends_at - session.starts_at, LONGEST_IN_XML)
    values["duration"] = _duration(longest)
    for name in _IN_XML:
        _tell(entry, name, values[name])
    persons = SubElement(entry, "persons")
    for id, name in session.speakers:
        SubElement(persons, "person", id=str(id)).text = _clean(name)
    links = SubElement(entry, "links")
    for title, address in _links(published, session):
        SubElement(links, "link", href=address).text = title


_IN_XML = (
    "room", "title", "subtitle", "type", "date", "start", "duration", "abstract", "slug", "track", "language",
    "description", "url",
)  # fmt: skip


def _tell(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold (XML 1.0, 2.2)."""
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def write_json(published: Publication) -> bytes:
    """Return `schedule.json`."""
    event = published.event
    days = [_day(published, *each) for each in published.days()]
    conference = {
        "acronym": published.acronym,
        "title": event.title,
        "start": event.starts_on.isoformat(),
        "end": event.ends_on.isoformat(),
        "daysCount": len(days),
        "timeslot_duration": SLOT,
        "time_zone_name": event.time_zone,
        "rooms": _rooms(published),
        "days": days,
    }
    whole = {
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": OURS, "version": __version__},
        "schedule": {
            "version": published.version,
            "base_url": published.page,
            "conference": conference,
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"


def _rooms(published: Publication) -> list[dict[str, Any]]:
    buildings: dict[str, str] = defaultdict(str)
    for session in published.sessions:
        if session.room_name:
            buildings[session.room_name] = session.building
    return [
        {
            "name": name,
            "guid": _guid(published, f"rooms/{name}"),
            "description": building or None,
            "capacity": published.seats.get(name),
        }
        for name, building in buildings.items()
    ]


def _day(
    published: Publication, index: int, day: date, rooms: Mapping[str, list[Released]]
) -> dict[str, Any]:
    start, end = _bounds(published.event, day)
    return {
        "index": index,
        "date": day.isoformat(),
        "day_start": start.isoformat(),
        "day_end": end.isoformat(),
        "rooms": {
            name: [_event(published, session) for session in sessions]
            for name, sessions in rooms.items()
        },
    }


def _event(published: Publication, session: Released) -> dict[str, Any]:
    return {
        **_values(published, session),
        "persons": [
            {"id": id, "guid": _guid(published, f"speakers/{id}"), "name": name}
            for id, name in session.speakers
        ],
        "links": [
            {"title": title, "url": address, "type": "related"}
            for title, address in _links(published, session)
        ],
        "attachments": [],
        "answers": [],
    }


def _values(published: Publication, session: Released) -> dict[str, Any]:
    """Return what both files tell of a session, in the words of their schemas."""
    start = session.starts_at.astimezone(zone_of(session.time_zone))
    place = f"sessions/{session.code}"
    tail = re.sub(r"[^a-z0-9]+", "-", session.code.lower()).strip("-")
    return {
        "id": session.session_id,
        "guid": _guid(published, place),
        "date": start.isoformat(),
        "start": start.strftime("%H:%M"),
        "duration": _duration(session.ends_at - session.starts_at),
        "room": room_name(session),
        "slug": f"{published.acronym}-{session.session_id}-{tail}".rstrip("-").ljust(
            len(published.acronym) + 5, "0"
        ),
        "url": published.page + place,
        "title": session.title,
        "subtitle": "",
        "track": session.track,
        "type": session.kind.value,
        "language": published.event.languages[0],
        "abstract": session.abstract,
        "description": "",
    }


def _links(published: Publication, session: Released) -> Iterator[tuple[str, str]]:
    if session.stream:
        yield STREAM, f"{published.page}watch/{session.code}"
    if published.private and session.meeting_url:
        yield MEETING, session.meeting_url


def _bounds(event: Event, day: date) -> tuple[datetime, datetime]:
    """Return the first and the last minute of an event's day, in its zone."""
    start, end = (moment.astimezone(event.zone) for moment in event.day_bounds(day))
    return start, end - timedelta(minutes=1)


def _duration(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _guid(published: Publication, place: str) -> str:
    """Return a name that stays the same as long as the codes do, wherever the event is served."""
    return str(uuid5(NAMESPACE_URL, f"eventhub:{published.event.slug}/{place}"))
