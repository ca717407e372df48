"""A person's agenda as a calendar file (RFC 5545) with RFC 7986's names and refresh interval. Pure.

A feed is read, not answered: it has no METHOD, and an ORGANIZER but no ATTENDEE, for a client
that found the reader among the attendees would offer buttons whose answers go nowhere.

Lines are written here and not by the library, which takes 0.15 ms a session: the fifty sessions of
an ordinary agenda would cost most of the time that a calendar client is willing to wait for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar

PRODID = "-//eventhub//Agenda//EN"
LINE_OCTETS = 75
REFRESH = "PT1H"
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
FEATURES = {"meeting": "AUDIO,VIDEO", "stream": "VIDEO"}


@dataclass(frozen=True, slots=True)
class Organizer:
    """Whom the calendar names as the meeting's organizer."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One session of the agenda, its texts in the reader's language.

    `written_at` becomes DTSTAMP: when the release that holds it was published. Moments are any aware
    ones, shown in `time_zone` (IANA). `join_url` is for those who attend from afar, `place` for the
    others. `answer` is the RSVP: what was declined takes no time, what is tentative is shown so.
    """

    uid: str
    sequence: int
    written_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    attendance: str
    description: str = ""
    place: str = ""
    join_url: str = ""
    join_label: str = ""
    answer: str = "needs_action"
    is_cancelled: bool = False


def write(name: str, organizer: Organizer, entries: Iterable[Entry]) -> bytes:
    """Return the calendar file, CRLF line ends, folded at 75 octets, in the order given."""
    listed = list(entries)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODID}",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    blocks = [_folded(lines), *_zones(listed)]
    blocks += [_folded(_event(entry, organizer)) for entry in listed]
    return "".join([*blocks, "END:VCALENDAR\r\n"]).encode()


def _event(entry: Entry, organizer: Organizer) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{entry.written_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield _local("DTSTART", entry.starts_at, entry.time_zone)
    yield _local("DTEND", entry.ends_at, entry.time_zone)
    yield f"SUMMARY:{_text(entry.summary)}"
    yield f"STATUS:{_status(entry)}"
    if entry.answer == "declined" or entry.is_cancelled:
        yield "TRANSP:TRANSPARENT"
    yield f"ORGANIZER;CN={_parameter(organizer.name)}:mailto:{organizer.address}"
    if entry.description:
        yield f"DESCRIPTION:{_text(entry.description)}"
    if entry.place:
        yield f"LOCATION:{_text(entry.place)}"
    if entry.join_url:
        features = FEATURES[entry.attendance]
        yield f"URL:{entry.join_url}"
        yield f"CONFERENCE;VALUE=URI;FEATURE={features};LABEL={_parameter(entry.join_label)}:{entry.join_url}"
    yield "END:VEVENT"


def _status(entry: Entry) -> str:
    if entry.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.answer == "tentative" else "CONFIRMED"


def _local(name: str, moment: datetime, zone: str) -> str:
    return f"{name};TZID={zone}:{moment.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"


def _zones(entries: list[Entry]) -> list[str]:
    """Return a VTIMEZONE for each zone used (RFC 5545, 3.6.5), first used first."""
    years: dict[str, set[int]] = {}
    for entry in entries:
        local = entry.starts_at.astimezone(ZoneInfo(entry.time_zone))
        years.setdefault(entry.time_zone, set()).add(local.year)
    return [_zone(zone, min(used), max(used)) for zone, used in years.items()]


@lru_cache(maxsize=64)
def _zone(name: str, first_year: int, last_year: int) -> str:
    first = datetime(first_year - 1, 1, 1, tzinfo=UTC).date()
    span = timedelta(days=366 * (last_year - first_year + 3))
    zone = icalendar.Timezone.from_tzid(name, first_date=first, last_date=first + span)
    zone.pop("comment", None)
    return str(zone.to_ical().decode())


def _text(value: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11)."""
    return value.translate(ESCAPES)


def _parameter(value: str) -> str:
    """Quote a parameter's value, which can hold neither quotes nor line breaks (RFC 5545, 3.2)."""
    return '"' + " ".join(value.replace('"', "'").split()) + '"'


def _folded(lines: Iterable[str]) -> str:
    return "".join(_fold(line) + "\r\n" for line in lines)


def _fold(line: str) -> str:
    """Fold one line at 75 octets, never inside a character (RFC 5545, 3.1)."""
    if len(line) * 4 <= LINE_OCTETS or len(line.encode()) <= LINE_OCTETS:
        return line
    pieces, piece, room = [], "", LINE_OCTETS
    for character in line:
        octets = len(character.encode())
        if octets > room:
            pieces.append(piece)
            # The blank that begins a continued line counts too.
            piece, room = "", LINE_OCTETS - 1
        piece += character
        room -= octets
    return "\r\n ".join([*pieces, piece])
