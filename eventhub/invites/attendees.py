"""The ATTENDEE lines of a calendar that came in (RFC 5545, 3.8.4.1): who answers, and who comes instead. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from icalendar.parser import Parameters

from eventhub.wording import say

from .calendar_lines import Component, NoReply

DELEGATE_LIMIT = 300
ADDRESS_LIMIT = 254


@dataclass(frozen=True, slots=True)
class Attendee:
    """An ATTENDEE line. Addresses are in lower case."""

    address: str
    partstat: str
    sent_by: str
    name: str = field(compare=False)
    delegated_to: str = ""
    comment: str = field(default="", compare=False)


def attendees_of(event: Component) -> list[Attendee]:
    return [_attendee(params, raw) for params, raw, _ in event.properties.get("ATTENDEE", [])]


def who_answers(attendees: Sequence[Attendee], sender: str) -> Attendee:
    """Return who answers: of several, whoever wrote the mail or had it written."""
    if not attendees:
        raise NoReply(say("It does not say who answers."))
    if not sender:
        raise NoReply(say("It does not say plainly who it is from."))
    known = {one for one in attendees if sender in (one.address, one.sent_by)}
    if len(known) == 1:
        return known.pop()
    if known or len(set(attendees)) > 1:
        raise NoReply(say("The calendar in it gives more than one answer."))
    attendee = attendees[0].address or "?"
    raise NoReply(
        say("It is from {sender}, and answers for {attendee}.", sender=sender, attendee=attendee)
    )


def who_comes(attendee: Attendee, attendees: Sequence[Attendee]) -> str:
    """Return who comes instead, as `Name <address>` or the address alone, "" where none is named."""
    address = attendee.delegated_to
    names = (one.name for one in attendees if one.address == address and one.name)
    name = in_one_line(next(names, ""), DELEGATE_LIMIT - len(address) - len(" <>"))
    return f"{name} <{address}>" if address and name and name.lower() != address else address


def apart(delegate: str) -> tuple[str, str]:
    """Return name and address of what `who_comes` says; the name, with its titles, may hold commas and brackets."""
    name, _, address = delegate.removesuffix(">").rpartition("<")
    return name.strip(), address.strip()


def _attendee(params: Parameters, raw: str) -> Attendee:
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
    return text if ordinary and len(text) <= ADDRESS_LIMIT else ""


def in_one_line(text: str, limit: int) -> str:
    """Return a text in one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:limit]
