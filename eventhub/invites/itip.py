"""Invitations and cancellations as calendars read them: iTIP (RFC 5546) over iCalendar (RFC 5545, 7986). Pure.

One object holds one session for one person: the only ATTENDEE is whoever it is sent to.
"""

from dataclasses import dataclass
from datetime import datetime
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
# RFC 7986, 6.3: what the link offers. A stream is watched, a meeting is spoken in.
FEATURES = {Attendance.MEETING: ["AUDIO", "VIDEO"], Attendance.STREAM: ["VIDEO"]}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One session for one person.

    `written_at` becomes DTSTAMP. `starts_at` and `ends_at` are any aware moments, shown in
    `time_zone`. `partstat` is the answer already known, asked for again when time or place changed.
    `join_url` and its label are for those who attend from afar, `place` for the others.
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
    event.add("attendee", _attendee(scheduled), encode=False)
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


def _attendee(scheduled: Scheduled) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{scheduled.attendee.address}")
    address.params["CN"] = one_line(scheduled.attendee.name)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = ROLES[scheduled.attendance]
    if scheduled.method is Method.REQUEST:
        address.params["PARTSTAT"] = scheduled.partstat
        address.params["RSVP"] = "TRUE"
    return address


def _conference(scheduled: Scheduled) -> icalendar.vUri:
    link = icalendar.vUri(scheduled.join_url)
    link.params["VALUE"] = "URI"
    link.params["FEATURE"] = FEATURES[scheduled.attendance]
    link.params["LABEL"] = one_line(scheduled.join_label)
    return link
