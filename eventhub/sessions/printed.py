"""The programme on paper: a rundown per day and room on A4, its times in every zone that stands beside the event's."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.events.model import Event
from eventhub.language import Reader, beside
from eventhub.participants.typesetting import typeset

from .model import Release, Released, SessionState, Waiting

SOURCE = """
#let data = json(bytes(sys.inputs.data))
#let quiet = rgb("#4b5565")
#let rule = rgb("#d5dae1")
#set document(title: data.title, author: "eventhub")
#set page(
  paper: "a4", margin: (x: 1.6cm, top: 1.9cm, bottom: 1.7cm),
  header: context if here().page() > 1 {
    text(8pt, quiet)[#data.title #h(1fr) #data.state]
  },
  footer: text(8pt, quiet)[#data.note #h(1fr) #context counter(page).display("1 / 1", both: true)],
  background: if data.draft != "" {
    rotate(-55deg, text(150pt, luma(238), weight: "bold", tracking: 12pt, data.draft))
  },
)
#set text(size: 9pt, lang: data.language, hyphenate: false)
#set par(leading: 0.5em)
#show heading.where(level: 1): set text(size: 18pt)
#show heading.where(level: 2): it => block(
  above: 1.2em, below: 0.9em, width: 100%, stroke: (bottom: 1.2pt), inset: (bottom: 4pt), text(size: 14pt, it.body),
)
#show heading.where(level: 3): set text(size: 10.5pt)
#show heading.where(level: 3): set block(above: 1.3em, below: 0.6em)
#let entry(row) = {
  let title = strong(row.title)
  if row.off != "" { text(quiet, strike(title)); [ #text(rgb("#b3261e"), strong(row.off))] } else { title }
  if row.detail != "" { linebreak(); text(8pt, quiet, row.detail) }
}
#let rundown(day, room) = block(breakable: room.rows.len() > 9, above: 0pt, below: 1em)[
  === #room.name#if room.building != "" { text(quiet, weight: "regular")[, #room.building] }
  #if room.detail != "" { text(8pt, quiet, room.detail); v(-0.3em) }
  #table(
    columns: (..day.zones.map(zone => day.width * 1cm), 1fr, 2.9cm),
    stroke: (x, y) => (bottom: 0.4pt + rule),
    inset: (x: 4pt, y: 4pt),
    fill: (x, y) => if y == 0 { rgb("#f5f7fa") } else if x == 0 and day.zones.len() > 1 { rgb("#0b5cad0d") },
    table.header(
      ..day.zones.enumerate().map(((at, zone)) => text(8pt, weight: if at == 0 { "bold" } else { "regular" }, zone)),
      text(8pt, data.words.session), text(8pt, data.words.way),
    ),
    ..room.rows.map(row => (
      ..row.times.enumerate().map(((at, told)) => if at == 0 { strong(told) } else { text(quiet, told) }),
      entry(row), text(8pt, row.way),
    )).flatten(),
  )
]
= #data.title
#text(quiet)[#data.span #h(1fr) #data.state]
#v(-0.2em)
#block(width: 100%, fill: rgb("#f5f7fa"), inset: 7pt, radius: 4pt)[#data.zones]
#for (at, day) in data.days.enumerate() {
  if at > 0 { pagebreak(weak: true) }
  heading(level: 2, day.title)
  for room in day.rooms { rundown(day, room) }
}
#if data.tray.len() > 0 {
  pagebreak(weak: true)
  heading(level: 2, data.words.tray)
  for title in data.tray { [- #title] }
}
#if data.days.len() == 0 and data.tray.len() == 0 { data.words.none }
"""


@dataclass(frozen=True, slots=True)
class Rundown:
    """What is printed; without a release it is the draft, and every page says so."""

    event: Event
    sessions: Sequence[Released]
    release: Release | None
    at: datetime
    tray: Sequence[Waiting] = ()


async def write_pdf(rundown: Rundown, language: str) -> bytes:
    """Return the document, set in a process of its own."""
    data = await asyncio.to_thread(data_of, rundown, Reader(language, rundown.event.zone))
    return await typeset(SOURCE, data)


def data_of(rundown: Rundown, reader: Reader) -> dict[str, Any]:
    """Return what `SOURCE` reads."""
    event, say = rundown.event, reader.gettext
    by_day: dict[date, list[Released]] = {}
    for session in rundown.sessions:
        by_day.setdefault(event.day_of(session.starts_at), []).append(session)
    days = [_day(day, by_day[day], event, reader) for day in sorted(by_day)]
    zone, others = _zones(event, sorted(by_day) or list(event.days), reader)
    note = say("Times are in %(zone)s.") % {"zone": zone}
    beside_it = say("Beside them stands the same moment in %(others)s.") % {"others": others}
    told = [note, *([beside_it] if others else [])]
    if any("+1" in row for day in days for row in _all_times(day)):
        told.append(say("+1 means the day after."))
    return {
        "title": event.title,
        "language": reader.language,
        "span": " – ".join(
            dict.fromkeys(reader.long_day(day) for day in (event.days[0], event.days[-1]))
        ),
        "state": _state(rundown, reader),
        "draft": "" if rundown.release else say("DRAFT"),
        "note": note,
        "zones": " ".join(told),
        "days": days,
        "tray": [waiting.session.title for waiting in rundown.tray],
        "words": {
            "session": say("Session"),
            "way": say("Ways to attend"),
            "tray": say("Not scheduled yet"),
            "none": say("There are no sessions."),
        },
    }


def _all_times(day: Mapping[str, Any]) -> Iterable[str]:
    return (told for room in day["rooms"] for row in room["rows"] for told in row["times"])


def _state(rundown: Rundown, reader: Reader) -> str:
    if rundown.release is None:
        told = reader.gettext("Draft of %(moment)s")
        return told % {"moment": reader.moment(rundown.at)}
    told = reader.gettext("Release %(n)s, %(moment)s")
    values = {"n": rundown.release.number, "moment": reader.moment(rundown.release.published_at)}
    return told % values


def _zones(event: Event, days: Iterable[date], reader: Reader) -> tuple[str, str]:
    """Name the event's zone on some days, and those that stand beside it."""
    here: dict[str, None] = {}
    there: dict[str, None] = {}
    for day in days:
        noon = datetime.combine(day, time(12), event.zone)
        here[reader.zone_name(noon)] = None
        there |= {reader.zone_name(noon, zone): None for zone in beside(noon, event.zone)}
    return "/".join(here), ", ".join(there)


def _day(
    day: date, sessions: Sequence[Released], event: Event, reader: Reader
) -> Mapping[str, Any]:
    noon = datetime.combine(day, time(12), event.zone)
    zones = [event.zone, *beside(noon, event.zone)]
    rooms: dict[tuple[str, str], list[Released]] = {}
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.ends_at, each.code)):
        rooms.setdefault((session.room_name, session.building), []).append(session)
    names = [reader.zone_name(noon, zone) for zone in zones]
    return {
        "title": reader.long_day(day),
        "zones": names,
        "width": 2.3 if len(zones) > 1 else 3.2,
        "rooms": [
            _room(room, rooms[room], day, dict(zip(names, zones, strict=True)), reader)
            for room in sorted(rooms, key=_by_name)
        ],
    }


def _by_name(room: tuple[str, str]) -> tuple[bool, str, list[tuple[int, str]]]:
    """Order rooms by building and name, numbers by value, what has no room last."""
    name, building = room
    parts = re.split(r"(\d+)", name.casefold())
    return (
        not name,
        building.casefold(),
        [(int(part) if part.isdigit() else -1, part) for part in parts],
    )


def _room(
    room: tuple[str, str],
    sessions: Sequence[Released],
    day: date,
    zones: Mapping[str, ZoneInfo],
    reader: Reader,
) -> Mapping[str, Any]:
    """Return a room's table; who speaks at every session, and their track, is told once above it."""
    name, building = room
    details = [_detail(session) for session in sessions]
    common = details[0] if len(details) > 1 and len(set(details)) == 1 else ""
    return {
        "name": name or reader.gettext("Online"),
        "building": building,
        "detail": common,
        "rows": [
            {
                "times": [_times(session, day, *zone, reader) for zone in zones.items()],
                "title": session.title,
                "detail": "" if common else detail,
                "off": reader.gettext("Cancelled")
                if session.state is SessionState.CANCELLED
                else "",
                "way": ", ".join(_ways(session, reader)),
            }
            for session, detail in zip(sessions, details, strict=True)
        ],
    }


def _detail(session: Released) -> str:
    speakers = "; ".join(name for _, name in session.speakers)
    return " · ".join(part for part in (session.track, speakers) if part)


def _times(session: Released, day: date, name: str, zone: ZoneInfo, reader: Reader) -> str:
    """Write when a session runs in a column's zone: letters other than the column's, +1 for a time of the day after."""
    told = []
    for moment in (session.starts_at, session.ends_at):
        later = (moment.astimezone(zone).date() - day).days
        letters = reader.zone_name(moment, zone)
        parts = [reader.clock(moment, zone)]
        parts += [] if letters == name else [letters]
        parts += [f"{later:+d}"] if later else []
        told.append("\u00a0".join(parts))
    return "–".join(told)


def _ways(session: Released, reader: Reader) -> Iterable[str]:
    if session.room_code is not None:
        yield reader.gettext("On site")
    if session.meeting_url:
        yield reader.gettext("Meeting")
    if session.stream:
        yield reader.gettext("Stream")
