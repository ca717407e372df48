"""A release as an iCalendar file (RFC 5545), to keep or to subscribe to. Pure.

A feed is published (RFC 5546, 3.2.1): it names its organizer and no attendee, for nobody can answer it. A file that is
only exported has no METHOD.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from eventhub import ical
from eventhub.language import zone_of

from .model import Released, SessionState

REFRESH = "PT15M"
CANCELLED_FOR = timedelta(days=30)
_END = "END:VEVENT"
_FEATURES = {"stream": "FEED", "meeting": "VIDEO"}


def write_calendar(
    title: str,
    zone: str,
    sessions: Sequence[Released],
    *,
    page: str,
    published_at: datetime,
    private: bool = False,
    organizer: str = "",
) -> bytes:
    """Return the calendar; `page` is the address of the event's programme, ending in a slash.

    A stream, and with `private` a meeting, is told as RFC 7986 (5.11) tells a conference. With `organizer`, an address,
    it is a feed.
    """
    used = [
        (moment, zone_of(session.time_zone))
        for session in sessions
        for moment in (session.starts_at, session.ends_at)
    ]
    head = _head(title, zone, page, is_feed=bool(organizer))
    blocks = [ical.folded(head), *ical.zones(used)]
    host = page.partition("://")[2].strip("/").replace("/", ".")
    stamp = ical.stamp(published_at)
    by = f"ORGANIZER;CN={ical.parameter(title)}:mailto:{organizer}" if organizer else ""
    for session in sessions:
        links = list(_links(session, page, private=private))
        lines = _entry(session, page, f"{session.code}@{host}", stamp, links)
        blocks.append(ical.folded([*lines, by, _END] if by else [*lines, _END]))
    return "".join([*blocks, "END:VCALENDAR\r\n"]).encode()


def _head(title: str, zone: str, page: str, *, is_feed: bool) -> list[str]:
    return [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        *(["METHOD:PUBLISH"] if is_feed else []),
        "PRODID:-//eventhub//programme//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{ical.text(title)}",
        f"X-WR-CALNAME:{ical.text(title)}",
        f"X-WR-TIMEZONE:{ical.text(zone)}",
        f"URL:{page}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]


def _entry(
    session: Released, page: str, uid: str, stamp: str, links: Sequence[tuple[str, str]]
) -> Iterator[str]:
    zone = zone_of(session.time_zone)
    yield "BEGIN:VEVENT"
    yield f"UID:{ical.text(uid)}"
    yield f"DTSTAMP:{stamp}"
    yield f"LAST-MODIFIED:{stamp}"
    yield f"SEQUENCE:{session.sequence}"
    yield ical.moment("DTSTART", session.starts_at, zone)
    yield ical.moment("DTEND", session.ends_at, zone)
    yield f"SUMMARY:{ical.text(session.title)}"
    place = ", ".join(part for part in (session.room_name, session.building) if part)
    if place:
        yield f"LOCATION:{ical.text(place)}"
    if session.abstract:
        yield f"DESCRIPTION:{ical.text(session.abstract)}"
    names = (session.track, session.kind.value) if session.track else (session.kind.value,)
    yield f"CATEGORIES:{','.join(map(ical.text, names))}"
    yield f"URL:{page}sessions/{session.code}"
    cancelled = session.state is SessionState.CANCELLED
    yield f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}"
    for label, address in links:
        yield f"CONFERENCE;VALUE=URI;FEATURE={_FEATURES[label]};LABEL={label}:{address}"


def still_told(sessions: Sequence[Released], at: datetime) -> list[Released]:
    """Leave out what was cancelled and lies so far back that no calendar has to be told of it any more."""
    return [
        session
        for session in sessions
        if session.state is not SessionState.CANCELLED or at < session.ends_at + CANCELLED_FOR
    ]


def _links(session: Released, page: str, *, private: bool) -> Iterator[tuple[str, str]]:
    if session.stream:
        yield "stream", f"{page}watch/{session.code}"
    if private and session.meeting_url:
        yield "meeting", session.meeting_url
