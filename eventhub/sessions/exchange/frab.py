"""What frab's and pretalx's `schedule.xml` and `schedule.json` have in common, read into sessions. Pure."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import unquote, urlsplit

from eventhub.language import zone_of
from eventhub.wording import say

from . import moments, words
from .item import Frame, Item, Listed, RowFault, Wrong, checked, zone_name
from .plain import plain_line, plain_text

OURS = "eventhub"
MEETING, STREAM = "meeting", "stream"
# Offsets of the zones of Indonesia: a file names one zone and writes every session's offset.
_INDONESIA = {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}


@dataclass(slots=True)
class Entry:
    """One event of a file, every field as text; `day` is the day it stands under and `day_start` when that begins."""

    fields: dict[str, str]
    room: str
    day: str = ""
    day_start: str = ""
    persons: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Schedule:
    """A whole file: which program wrote it, its zone, its entries."""

    generator: str = ""
    zone: str = ""
    entries: list[Entry] = field(default_factory=list)
    seats: dict[str, int] = field(default_factory=dict)
    buildings: dict[str, str] = field(default_factory=dict)


def read_schedule(schedule: Schedule, frame: Frame) -> Listed:
    """Return a file's sessions; raises NoZone when times have neither offset nor zone."""
    listed = Listed(seats=schedule.seats)
    for number, entry in enumerate(schedule.entries, start=1):
        try:
            listed.items.append(_item(number, entry, schedule, frame))
        except Wrong as wrong:
            listed.faulty.append(RowFault(number, wrong.field, wrong.reason))
    return listed


def _item(number: int, entry: Entry, schedule: Schedule, frame: Frame) -> Item:
    ours = schedule.generator == OURS
    code = _code(entry.fields, ours=ours)
    given = entry.fields
    starts_at = _start(entry, zone_name(schedule.zone), frame)
    text = plain_ours if ours else plain_text
    line = str.strip if ours else plain_line
    links = {what: href for what, href in entry.links if what in {MEETING, STREAM}}
    room = words.place(entry.room or given.get("room", ""))
    return checked(
        row=number,
        title=line(given.get("title", "")),
        starts_at=starts_at,
        ends_at=starts_at + _duration(given.get("duration", "")),
        origin="" if ours and code else _origin(given),
        code=code,
        abstract="\n\n".join(
            filter(None, (text(given.get(name, "")) for name in ("abstract", "description")))
        ),
        kind=words.meaning(given.get("type", ""), words.KINDS),
        time_zone=_zone(starts_at, zone_name(schedule.zone) or frame.zone),
        room=room,
        building=schedule.buildings.get(room, "") if ours else "",
        meeting_url=links.get(MEETING, ""),
        stream=True if STREAM in links else None,
        track=line(given.get("track", "")),
        speakers=[name for name in (plain_line(each) for each in entry.persons) if name],
    )


def plain_ours(text: str) -> str:
    """Return a text we wrote ourselves: it is plain already."""
    return text


def _start(entry: Entry, zone: str, frame: Frame) -> datetime:
    """Return when an entry starts: by its `date`, or its `start` on the day it stands under, after midnight too."""
    text = entry.fields.get("date", "")
    if re.search(r"\d[T ]\d", text):
        try:
            return frame.placed(datetime.fromisoformat(text), zone)
        except ValueError as error:
            raise _no_moment(text) from error
    clock = entry.fields.get("start", "")
    try:
        day, moment = date.fromisoformat(text or entry.day), time.fromisoformat(clock)
    except ValueError as error:
        raise _no_moment(f"{text or entry.day} {clock}".strip()) from error
    opening, offset = _opening(entry.day_start, frame)
    if moment < opening:
        day += timedelta(days=1)
    return frame.placed(datetime.combine(day, moment, offset), zone)


def _opening(text: str, frame: Frame) -> tuple[time, tzinfo | None]:
    """Return when the day of an entry begins, and the offset in which its file tells so."""
    try:
        begins = datetime.fromisoformat(text)
    except ValueError:
        return frame.day_starts_at, None
    return begins.time(), begins.tzinfo


def _no_moment(text: str) -> Wrong:
    return Wrong(
        "starts_at", say("“{text}” is no day and time, such as 2021-02-25 09:00.", text=text[:80])
    )


def _duration(text: str) -> timedelta:
    try:
        return moments.read_duration(text, days_first=True)
    except (ValueError, OverflowError) as error:
        raise Wrong(
            "duration", say("“{text}” is no duration, such as 1:30.", text=text[:80])
        ) from error


def _origin(given: dict[str, str]) -> str:
    for name in ("guid", "code", "slug", "id"):
        if given.get(name):
            return given[name][:300] if name == "guid" else f"{name}:{given[name]}"[:300]
    return ""


def _code(given: dict[str, str], *, ours: bool) -> str:
    """Return the code we gave it ourselves, or pretalx's."""
    code = _last_part(given.get("url", "")) if ours else given.get("code", "")
    return code if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", code) else ""


def _last_part(url: str) -> str:
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:  # a bracket that belongs to no IPv6 address
        return ""


def _zone(moment: datetime, usual: str) -> str:
    """Return the zone a session's offset tells, the file's own where that fits."""
    offset = moment.utcoffset()
    if usual and moment.astimezone(zone_of(usual)).utcoffset() == offset:
        return usual
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    return _INDONESIA.get(int(hours), "") if usual in _INDONESIA.values() else usual
