"""Invitations and cancellations as calendars read them: iTIP (RFC 5546) over iCalendar (RFC 5545, 7986). Pure.

One object holds one session for one person: the ATTENDEE is whoever it is sent to, and beside them only who comes in
their place, or in whose place they come (RFC 5546, 3.2.2.3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

import icalendar

from eventhub import ical
from eventhub.events.model import Attendance
from eventhub.invites.model import Method
from eventhub.mail.message import Mailbox, one_line

PRODID = "-//eventhub//Invitations//EN"
# A person at a screen must not miss what only they can do there; a viewer of the stream may.
ROLES = {
    Attendance.ONSITE: "REQ-PARTICIPANT",
    Attendance.MEETING: "REQ-PARTICIPANT",
    Attendance.STREAM: "OPT-PARTICIPANT",
}
# What may stand within the quotes of a parameter and be read as an address.
ADDRESS = re.compile(r"[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*@[A-Za-z0-9.-]+")
# RFC 7986, 6.3: what the link offers. A stream is watched, a meeting is spoken in.
FEATURES = {Attendance.MEETING: ["AUDIO", "VIDEO"], Attendance.STREAM: ["VIDEO"]}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One session for one person.

    `written_at` becomes DTSTAMP. `starts_at` and `ends_at` are any aware moments, shown in
    `time_zone`. `partstat` is the answer already known, asked for again when time or place changed.
    `join_url` and its label are for those who attend from afar, `place` for the others. `delegated_to` is who comes in
    the attendee's place, `delegated_from` in whose place the attendee comes.
    `description` and `join_label` are in the person's language already.
    """

    method: Method
    uid: str
    sequence: int
    written_at: datetime
    organizer: Mailbox
    attendee: Mailbox
    attendance: Attendance
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    partstat: str = "NEEDS-ACTION"
    description: str = ""
    place: str = ""
    join_url: str = ""
    join_label: str = ""
    delegated_to: Mailbox | None = None
    delegated_from: Mailbox | None = None


def write(scheduled: Scheduled) -> bytes:
    """Return the iCalendar object, CRLF line ends, folded at 75 octets."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", str(scheduled.method))
    zone = ZoneInfo(scheduled.time_zone)
    year = scheduled.starts_at.astimezone(zone).year
    rules = ical.zone_rules(scheduled.time_zone, year, year + 1)
    calendar.add_component(icalendar.Timezone.from_ical(rules))
    calendar.add_component(_event(scheduled, zone))
    return bytes(calendar.to_ical())


def _event(scheduled: Scheduled, zone: ZoneInfo) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", scheduled.uid)
    event.add("sequence", scheduled.sequence)
    event.add("dtstamp", scheduled.written_at)
    event.add("dtstart", scheduled.starts_at.astimezone(zone))
    event.add("dtend", scheduled.ends_at.astimezone(zone))
    event.add("summary", one_line(scheduled.summary))
    event.add("status", "CANCELLED" if scheduled.method is Method.CANCEL else "CONFIRMED")
    event.add("organizer", _organizer(scheduled.organizer), encode=False)
    for attendee in _attendees(scheduled):
        event.add("attendee", attendee, encode=False)
    if scheduled.description:
        event.add("description", scheduled.description)
    if scheduled.place:
        event.add("location", one_line(scheduled.place))
    if scheduled.join_url:
        event.add("url", scheduled.join_url)
        event.add("conference", _conference(scheduled), encode=False)
    return event


def _organizer(box: Mailbox) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{box.address}")
    address.params["CN"] = one_line(box.name)
    return address


def _attendees(scheduled: Scheduled) -> Iterator[icalendar.vCalAddress]:
    """Yield whom the message is for, then with whom they changed places (RFC 5545, 3.2.4 and 3.2.5)."""
    told, role = scheduled.attendee, ROLES[scheduled.attendance]
    if scheduled.method is Method.CANCEL:
        yield _address(told, ROLE=role)
        return
    asked = {"ROLE": role, "PARTSTAT": scheduled.partstat, "RSVP": "TRUE"}
    coming, principal = scheduled.delegated_to, scheduled.delegated_from
    if _is_another(coming, told):
        yield _address(told, **_AWAY, **{"DELEGATED-TO": coming})
        waiting = asked | {"PARTSTAT": "NEEDS-ACTION"}
        yield _address(coming, **waiting, **{"DELEGATED-FROM": told})
    elif _is_another(principal, told):
        yield _address(told, **asked, **{"DELEGATED-FROM": principal})
        yield _address(principal, **_AWAY, **{"DELEGATED-TO": told})
    else:
        yield _address(told, **asked)


# Whoever delegated is told what changes, but is no longer asked (RFC 5546, 3.2.2.3).
_AWAY = {"ROLE": "NON-PARTICIPANT", "PARTSTAT": "DELEGATED"}


def _is_another(box: Mailbox | None, told: Mailbox) -> TypeGuard[Mailbox]:
    """Whether a calendar can tell somebody from whom the message is for: two in an office may share its address."""
    return (
        box is not None
        and ADDRESS.fullmatch(box.address) is not None
        and box.address.lower() != told.address.lower()
    )


def _address(box: Mailbox, **params: str | Mailbox) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{box.address}")
    address.params["CN"] = one_line(box.name)
    address.params["CUTYPE"] = "INDIVIDUAL"
    for name, value in params.items():
        address.params[name] = f"mailto:{value.address}" if isinstance(value, Mailbox) else value
    return address


def _conference(scheduled: Scheduled) -> icalendar.vUri:
    link = icalendar.vUri(scheduled.join_url)
    link.params["VALUE"] = "URI"
    link.params["FEATURE"] = FEATURES[scheduled.attendance]
    link.params["LABEL"] = one_line(scheduled.join_label)
    return link
