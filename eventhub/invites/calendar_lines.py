"""What lies where in a calendar that came in: its methods, and its events with their own properties (RFC 5545). Pure.

Lines are taken apart by the icalendar package; what else a calendar may hold (dates, rules, zones) is never looked at.
"""

import re
from dataclasses import dataclass, field

from icalendar.parser import Contentline, Contentlines, Parameters

from eventhub.wording import Text, say

DEPTH_LIMIT = 20
# Taking a line apart takes 20 microseconds; an invitation of 2,000 attendees has 4,000 lines.
LINES_LIMIT = 20_000

Property = tuple[Parameters, str, str]


class NoReply(ValueError):
    """Why a calendar holds no answer."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(slots=True)
class Component:
    """A VEVENT: its own properties, not those of alarms in it."""

    properties: dict[str, list[Property]] = field(default_factory=dict)

    def values(self, name: str) -> set[str]:
        return {raw.strip() for _, raw, _ in self.properties.get(name, [])}

    def single(self, name: str) -> str:
        """Return the only value of a property, "" where there is none; NoReply where values differ."""
        values = self.values(name)
        if len(values) > 1:
            raise NoReply(say("The calendar in it gives more than one answer."))
        return next(iter(values), "")


class Outline:
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
                raise broken()
        elif self.within == ["VCALENDAR"] and name == "METHOD":
            self.methods.add(value)
        elif self.within == ["VCALENDAR", "VEVENT"]:
            self.events[-1].properties.setdefault(name, []).append(entry)

    def _begin(self, value: str) -> None:
        self.within.append(value)
        if len(self.within) > DEPTH_LIMIT:
            raise broken()
        if self.within == ["VCALENDAR", "VEVENT"]:
            self.events.append(Component())


def outline(text: str) -> Outline:
    """Return what lies in the calendars of a text, whatever its line ends; NoReply where they are not whole."""
    text = re.sub(r"\r\n?", "\n", text)
    if text.count("\n") > LINES_LIMIT:
        raise NoReply(say("The calendar in it is too large."))
    found = Outline()
    lines: Contentlines = Contentlines.from_ical(text)  # type: ignore[no-untyped-call]  # as published
    for line in lines:
        taken = _taken(line) if line else None  # the last is an empty one that is no Contentline
        if taken is not None:
            found.add(*taken)
    if found.within:
        raise broken()
    return found


def broken() -> NoReply:
    return NoReply(say("The calendar in it is broken."))


def _taken(line: Contentline) -> tuple[str, Property] | None:
    """Return name, parameters, value as written and value as text of a line; None for what is no content line."""
    try:
        name, params, raw = line.raw_parts()
        return name.upper(), (params, raw, line.parts()[2])
    except ValueError:
        return None
