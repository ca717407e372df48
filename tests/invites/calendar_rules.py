"""What RFC 5545, 5546, 6047 and 7986 ask of a calendar, by a reader of our own and by vobject's."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage

import vobject

from tests.invites import ical
from tests.invites.ical import Component, Property

STAMP = re.compile(r"\d{8}T\d{6}Z")
LOCAL = re.compile(r"\d{8}T\d{6}Z?")
STATUSES = {"CONFIRMED", "TENTATIVE", "CANCELLED"}
ONCE = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS")
AT_MOST_ONCE = ("ORGANIZER", "LOCATION", "DESCRIPTION", "URL", "TRANSP", "LAST-MODIFIED")
PARTSTATS = {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"}
LINK = re.compile(r"https?://\S+")


def check(raw: bytes) -> Component:
    """Check any calendar that is sent or served; AssertionError or ValueError says what is wrong."""
    calendar = ical.read(raw)
    assert calendar.name == "VCALENDAR"
    assert calendar.one("VERSION").value == "2.0"
    assert calendar.one("PRODID").value
    method = calendar.properties.get("METHOD")
    assert method is None or [one.value for one in method] in (["PUBLISH"], ["REQUEST"], ["CANCEL"])
    known = [zone.one("TZID").value for zone in calendar.all("VTIMEZONE")]
    assert len(known) == len(set(known))
    for event in calendar.all("VEVENT"):
        _event(calendar, event, known)
        if method is None or method[0].value == "PUBLISH":
            # RFC 5546, 3.2.1: nobody is asked.
            assert "ATTENDEE" not in event.properties
        else:
            _scheduled(event, method[0].value)
    _by_vobject(raw, calendar)
    return calendar


def check_message(message: EmailMessage) -> Component | None:
    """Check a mail: alternative and attachment hold the same object, the alternative its method (RFC 6047, 2.4)."""
    parts = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    attached = [one for one in message.walk() if one.get_content_type() == "application/ics"]
    if not parts:
        assert attached == []
        return None
    [part], [file] = parts, attached
    alternative = next(
        one for one in message.walk() if one.get_content_type() == "multipart/alternative"
    )
    # What is last is what a client likes best; Gmail and Outlook look for it there.
    assert list(alternative.iter_parts())[-1] is part
    assert file.get_content_disposition() == "attachment"
    assert file.get_filename() == "invite.ics"
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert raw == file.get_payload(decode=True)
    assert part.get_content_charset() == "utf-8"
    calendar = check(raw)
    assert part.get_param("method") == calendar.one("METHOD").value
    # One UID a message (RFC 5546, 3.2).
    [_] = calendar.all("VEVENT")
    return calendar


def _event(calendar: Component, event: Component, known: list[str]) -> None:
    for name in ONCE:
        # Of a title that cannot be printed nothing is left.
        assert event.one(name).value or name == "SUMMARY", name
    for name in AT_MOST_ONCE:
        assert len(event.properties.get(name, [])) <= 1, name
    assert STAMP.fullmatch(event.one("DTSTAMP").value)
    assert int(event.one("SEQUENCE").value) >= 0
    assert event.one("STATUS").value in STATUSES
    for name in ("DTSTART", "DTEND"):
        one = event.one(name)
        assert LOCAL.fullmatch(one.value)
        zoned = one.parameters.get("TZID")
        assert (zoned is None) == one.value.endswith("Z")
        assert zoned is None or zoned in known
    assert _moment(calendar, event, "DTSTART") < _moment(calendar, event, "DTEND")
    for one in event.properties.get("CONFERENCE", []):
        assert one.parameters["VALUE"] == "URI"
        assert LINK.fullmatch(one.value)
        assert not one.parameters["FEATURE"].islower()


def _moment(calendar: Component, event: Component, name: str) -> datetime:
    one = event.one(name)
    if one.value.endswith("Z"):
        return datetime.fromisoformat(one.value)
    return ical.moment(calendar, one)


def _scheduled(event: Component, method: str) -> None:
    """Check RFC 5546, 3.2.2 and 3.2.5."""
    assert event.one("ORGANIZER").value.startswith("mailto:")
    attendees = event.properties["ATTENDEE"]
    addresses = [one.value.lower() for one in attendees]
    assert all(one.startswith("mailto:") for one in addresses)
    assert (event.one("STATUS").value == "CANCELLED") == (method == "CANCEL")
    if method == "CANCEL":
        [attendee] = attendees
        assert "RSVP" not in attendee.parameters
        return
    assert len(set(addresses)) == len(addresses)
    for one in attendees:
        away = one.parameters["PARTSTAT"] == "DELEGATED" and "DELEGATED-TO" in one.parameters
        assert one.parameters["PARTSTAT"] in PARTSTATS
        # Who delegated is told what changes and asked nothing.
        assert one.parameters.get("RSVP") == (None if away else "TRUE")
        roles = {"NON-PARTICIPANT"} if away else {"REQ-PARTICIPANT", "OPT-PARTICIPANT"}
        assert one.parameters["ROLE"] in roles
    _changed_places(attendees)


def _changed_places(attendees: Sequence[Property]) -> None:
    """Check that who delegated and who comes instead name each other (RFC 5546, 3.2.2.3), and nobody else is named."""
    if len(attendees) == 1:
        [one] = attendees
        assert not {"DELEGATED-TO", "DELEGATED-FROM"} & set(one.parameters)
        return
    assert len(attendees) == 2
    [away] = [one for one in attendees if "DELEGATED-TO" in one.parameters]
    [coming] = [one for one in attendees if "DELEGATED-FROM" in one.parameters]
    assert away is not coming
    assert away.parameters["DELEGATED-TO"] == coming.value
    assert coming.parameters["DELEGATED-FROM"] == away.value


def _by_vobject(raw: bytes, calendar: Component) -> None:
    """Let an independent reader read it, and find the same."""
    # It keeps the zones of calendars read before, by name.
    vars(vobject.icalendar)["__tzidMap"].clear()
    read = vobject.readOne(raw.decode(), allowQP=False)
    found = [one for one in read.components() if one.name == "VEVENT"]
    told = calendar.all("VEVENT")
    assert [one.uid.value for one in found] == [one.one("UID").text for one in told]
    assert [one.summary.value for one in found] == [one.one("SUMMARY").text for one in told]
    for theirs, ours in zip(found, told, strict=True):
        assert theirs.dtstart.value == _moment(calendar, ours, "DTSTART")
        assert theirs.dtend.value == _moment(calendar, ours, "DTEND")
        if "DESCRIPTION" in ours.properties:
            assert theirs.description.value == ours.one("DESCRIPTION").text
