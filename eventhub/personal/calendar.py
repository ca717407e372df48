"""A person's agenda as a calendar file (RFC 5545) with RFC 7986's names and refresh interval. Pure.

A feed is read, not answered: it has no METHOD, and an ORGANIZER but no ATTENDEE, for a client
that found the reader among the attendees would offer buttons whose answers go nowhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from eventhub import ical

PRODID = "-//eventhub//Agenda//EN"
REFRESH = "PT1H"
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
    others. `answer` is the RSVP: what was declined or delegated takes no time, what is tentative is shown so.
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
        f"NAME:{ical.text(name)}",
        f"X-WR-CALNAME:{ical.text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    used = [
        (moment, ZoneInfo(entry.time_zone))
        for entry in listed
        for moment in (entry.starts_at, entry.ends_at)
    ]
    blocks = [ical.folded(lines), *ical.zones(used)]
    blocks += [ical.folded(_event(entry, organizer)) for entry in listed]
    return "".join([*blocks, "END:VCALENDAR\r\n"]).encode()


def _event(entry: Entry, organizer: Organizer) -> Iterator[str]:
    zone = ZoneInfo(entry.time_zone)
    yield "BEGIN:VEVENT"
    yield f"UID:{ical.text(entry.uid)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{ical.stamp(entry.written_at)}"
    yield ical.moment("DTSTART", entry.starts_at, zone)
    yield ical.moment("DTEND", entry.ends_at, zone)
    yield f"SUMMARY:{ical.text(entry.summary)}"
    yield f"STATUS:{_status(entry)}"
    if entry.answer in {"declined", "delegated"} or entry.is_cancelled:
        yield "TRANSP:TRANSPARENT"
    yield f"ORGANIZER;CN={ical.parameter(organizer.name)}:mailto:{organizer.address}"
    if entry.description:
        yield f"DESCRIPTION:{ical.text(entry.description)}"
    if entry.place:
        yield f"LOCATION:{ical.text(entry.place)}"
    if entry.join_url:
        features = FEATURES[entry.attendance]
        yield f"URL:{entry.join_url}"
        yield f"CONFERENCE;VALUE=URI;FEATURE={features};LABEL={ical.parameter(entry.join_label)}:{entry.join_url}"
    yield "END:VEVENT"


def _status(entry: Entry) -> str:
    if entry.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.answer == "tentative" else "CONFIRMED"
