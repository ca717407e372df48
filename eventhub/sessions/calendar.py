"""The last release as an iCalendar file (RFC 5545). Pure.

It carries no METHOD: it is a calendar to subscribe to, not an iTIP message, and names no attendee.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vDuration, vUri

from eventhub.language import zone_of

from .model import Released, SessionState

REFRESH = timedelta(minutes=15)


def write_calendar(
    title: str,
    zone: str,
    sessions: Sequence[Released],
    *,
    page: str,
    published_at: datetime,
    private: bool = False,
) -> bytes:
    """Return the calendar; `page` is the address of the event's programme, ending in a slash.

    A stream, and with `private` a meeting, is told as RFC 7986 (5.11) tells a conference.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//eventhub//programme//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", zone)
    calendar.add("url", page)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for session in sessions:
        entry = _entry(session, page, published_at)
        if session.stream:
            _add_conference(entry, f"{page}watch/{session.code}", "stream")
        if private and session.meeting_url:
            _add_conference(entry, session.meeting_url, "meeting")
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(session: Released, page: str, published_at: datetime) -> Event:
    zone = zone_of(session.time_zone)
    address = f"{page}sessions/{session.code}"
    entry = Event()
    entry.add("uid", f"{session.code}@{page.partition('://')[2].strip('/').replace('/', '.')}")
    entry.add("dtstamp", published_at)
    entry.add("last-modified", published_at)
    entry.add("sequence", session.sequence)
    entry.add("dtstart", session.starts_at.astimezone(zone))
    entry.add("dtend", session.ends_at.astimezone(zone))
    entry.add("summary", session.title)
    place = ", ".join(part for part in (session.room_name, session.building) if part)
    if place:
        entry.add("location", place)
    if session.abstract:
        entry.add("description", session.abstract)
    entry.add("categories", [name for name in (session.track, session.kind.value) if name])
    entry.add("url", address)
    entry.add("status", "CANCELLED" if session.state is SessionState.CANCELLED else "CONFIRMED")
    return entry


def _add_conference(entry: Event, address: str, label: str) -> None:
    feature = "FEED" if label == "stream" else "VIDEO"
    entry.add(
        "conference", vUri(address, params={"VALUE": "URI", "FEATURE": feature, "LABEL": label})
    )
