"""A calendar's answer to an invitation: the REPLY of RFC 5546 (3.2.3) as mail clients write it. Pure.

Lines are taken apart by the icalendar package; what else a calendar may hold (dates, rules, zones) is never looked at.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from icalendar.parser import Contentline, Contentlines, Parameters

from eventhub.participants.model import Rsvp
from eventhub.wording import Text, say

from .model import Reply

PARTSTATS = {
    "ACCEPTED": Rsvp.ACCEPTED,
    "TENTATIVE": Rsvp.TENTATIVE,
    "DECLINED": Rsvp.DECLINED,
    "DELEGATED": Rsvp.DELEGATED,
}
STAMP = re.compile(r"(\d{8})T(\d{6})Z")
NUMBER = re.compile(r"\d{1,9}")
DEPTH_LIMIT = 20
COMMENT_LIMIT = 500
DELEGATE_LIMIT = 300

Property = tuple[Parameters, str, str]


@dataclass(frozen=True, slots=True)
class Attendee:
    """An ATTENDEE line. Addresses are in lower case."""

    address: str
    partstat: str
    sent_by: str
    name: str = field(compare=False)
    delegated_to: str = ""
    comment: str = field(default="", compare=False)


@dataclass(slots=True)
class Component:
    """A VEVENT: its own properties, not those of alarms in it."""

    properties: dict[str, list[Property]] = field(default_factory=dict)

    def values(self, name: str) -> set[str]:
        return {raw.strip() for _, raw, _ in self.properties.get(name, [])}


class NoReply(ValueError):
    """Why a calendar holds no answer."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


def read_reply(
    text: str, *, method: str, senders: Collection[str], sent_at: datetime | None
) -> Reply:
    """Return the answer in a calendar, or raise NoReply.

    `method` is what the Content-Type says, "" for nothing. `senders` are the addresses in From, in
    lower case: with several attendees the one who wrote is meant. `sent_at`, from Date, stands in
    for a DTSTAMP that is missing or in no zone.
    """
    replies = {_reply(one, senders, sent_at) for one in _events(text, method.upper())}
    if not replies:
        raise NoReply(say("The calendar in it holds no event."))
    if len(replies) > 1:
        raise NoReply(say("The calendar in it gives more than one answer."))
    return replies.pop()


class _Outline:
    """What lies where in the calendars of a part: methods, and events with their own properties."""

    def __init__(self) -> None:
        self.within: list[str] = []
        self.methods: set[str] = set()
        self.events: list[Component] = []

    def add(self, name: str, entry: Property) -> None:
        value = entry[1].strip().upper()
        if name == "BEGIN":
            self._begin(value)
        elif name == "END":
            if not self.within or self.within.pop() != value:
                raise _broken()
        elif self.within == ["VCALENDAR"] and name == "METHOD":
            self.methods.add(value)
        elif self.within == ["VCALENDAR", "VEVENT"]:
            self.events[-1].properties.setdefault(name, []).append(entry)

    def _begin(self, value: str) -> None:
        self.within.append(value)
        if len(self.within) > DEPTH_LIMIT:
            raise _broken()
        if self.within == ["VCALENDAR", "VEVENT"]:
            self.events.append(Component())


def _events(text: str, outer: str) -> list[Component]:
    """Return the events of a part whose calendars are replies."""
    outline = _Outline()
    lines: Contentlines = Contentlines.from_ical(text)  # type: ignore[no-untyped-call]  # as published
    for line in lines:
        taken = _taken(line) if line else None  # the last is an empty one that is no Contentline
        if taken is not None:
            outline.add(*taken)
    if outline.within:
        raise _broken()
    _need_reply(outline.methods, outer)
    return outline.events


def _broken() -> NoReply:
    return NoReply(say("The calendar in it is broken."))


def _taken(line: Contentline) -> tuple[str, Property] | None:
    """Return name, parameters, value as written and value as text of a line; None for what is no content line."""
    try:
        name, params, raw = line.raw_parts()
        return name.upper(), (params, raw, line.parts()[2])
    except ValueError:
        return None


def _need_reply(methods: set[str], outer: str) -> None:
    """Raise NoReply unless the method is REPLY; inside and outside have to say the same (RFC 6047, 2.4)."""
    said = methods | ({outer} if outer else set())
    if said == {"REPLY"}:
        return
    if len(said) > 1:
        raise NoReply(
            say(
                "It says two things about itself: {methods}.",
                methods=_plain(", ".join(sorted(said)), 100),
            )
        )
    if said == {"COUNTER"}:
        raise NoReply(say("It proposes another time, which is no answer."))
    named = _plain(next(iter(said), ""), 40)
    if named:
        raise NoReply(say("The calendar in it is a {method}, no answer.", method=named))
    raise NoReply(say("The calendar in it does not say that it is an answer."))


def _reply(event: Component, senders: Collection[str], sent_at: datetime | None) -> Reply:
    if event.values("RECURRENCE-ID"):
        raise NoReply(say("It answers one day of a series, and invitations are no series."))
    uid = _single(event, "UID")
    if not uid:
        raise NoReply(say("It does not say which invitation it answers."))
    attendees = [_attendee(*entry) for entry in event.properties.get("ATTENDEE", [])]
    attendee = _choose(attendees, senders)
    partstat = PARTSTATS.get(attendee.partstat)
    if partstat is None:
        raise NoReply(say("It holds no decision."))
    return Reply(
        uid=uid[:200],
        attendee=attendee.address,
        partstat=partstat,
        sequence=_sequence(event),
        dtstamp=_stamp(event, sent_at),
        sent_by=attendee.sent_by,
        delegate=_delegate(attendee, attendees) if partstat is Rsvp.DELEGATED else "",
        comment=_comment(event, attendee),
    )


def _single(event: Component, name: str) -> str:
    values = event.values(name)
    if len(values) > 1:
        raise NoReply(say("The calendar in it gives more than one answer."))
    return next(iter(values), "")


def _sequence(event: Component) -> int:
    """Return SEQUENCE, 0 where there is none (RFC 5545, 3.8.7.4)."""
    text = _single(event, "SEQUENCE") or "0"
    if not NUMBER.fullmatch(text) or not text.isascii():
        raise NoReply(say("It does not say which version of the invitation it answers."))
    return int(text)


def _stamp(event: Component, sent_at: datetime | None) -> datetime:
    match = STAMP.fullmatch(_single(event, "DTSTAMP"))
    try:
        if match and "".join(match.groups()).isascii():
            return datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        pass  # a day that no calendar has
    if sent_at is None:
        raise NoReply(say("It does not say when it was given."))
    return sent_at


def _choose(attendees: Sequence[Attendee], senders: Collection[str]) -> Attendee:
    """Return who answers: of several, whoever wrote the mail or had it written."""
    if not attendees:
        raise NoReply(say("It does not say who answers."))
    known = {one for one in attendees if one.address in senders or one.sent_by in senders}
    if len(known) == 1:
        return known.pop()
    if known or len(set(attendees)) > 1:
        raise NoReply(say("The calendar in it gives more than one answer."))
    raise NoReply(
        say(
            "It is from {sender}, and answers for {attendee}.",
            sender=", ".join(sorted(senders))[:200] or "?",
            attendee=attendees[0].address or "?",
        )
    )


def _attendee(params: Parameters, raw: str, _text: str) -> Attendee:
    return Attendee(
        address=_address(raw) or _address(_first(params, "EMAIL")),
        partstat=_joined(params, "PARTSTAT").strip().upper(),
        sent_by=_address(_first(params, "SENT-BY")),
        name=_joined(params, "CN"),
        delegated_to=_address(_first(params, "DELEGATED-TO")),
        comment=_joined(params, "X-RESPONSE-COMMENT"),
    )


def _joined(params: Parameters, name: str) -> str:
    """Return a parameter as written; icalendar makes a list of what has a comma in it."""
    value = params.get(name, "")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _first(params: Parameters, name: str) -> str:
    return _joined(params, name).partition(", ")[0]


def _address(raw: str) -> str:
    """Return the address of `mailto:…` or of a bare address, in lower case; "" where there is none."""
    text = raw.strip().strip("\"'").strip()
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    text = text.strip().strip("<>").lower()
    ordinary = "@" in text and text.isprintable() and not re.search(r"[\s:/]", text)
    return text[:254] if ordinary else ""


def _delegate(attendee: Attendee, attendees: Sequence[Attendee]) -> str:
    """Return who comes instead, as `Name <address>` or what there is of it."""
    address = attendee.delegated_to
    names = (one.name for one in attendees if one.address == address and one.name)
    name = _plain(next(names, ""), DELEGATE_LIMIT)
    if not address:
        return ""
    return (f"{name} <{address}>" if name and name.lower() != address else address)[:DELEGATE_LIMIT]


def _comment(event: Component, attendee: Attendee) -> str:
    said = [text for _, _, text in event.properties.get("COMMENT", [])] or [attendee.comment]
    return _plain(" ".join(said), COMMENT_LIMIT)


def _plain(text: str, limit: int) -> str:
    """Return a text in one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:limit]
