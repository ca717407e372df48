"""The lines of a calendar that tell of its events: what else it holds is left out before it is parsed. Pure.

The icalendar package takes 30 microseconds a line. Calendars of Google and Outlook are alarms, attendees and
properties of their own for the most part, and a file made to keep the server busy is nothing else.
"""

import re
from collections.abc import Iterator

from eventhub.errors import TooLarge
from eventhub.participants.spreadsheet import MAX_ROWS
from eventhub.wording import say

_CALENDAR = frozenset({"PRODID", "VERSION", "X-WR-TIMEZONE"})
_EVENT = frozenset(
    "UID SEQUENCE SUMMARY DESCRIPTION LOCATION CATEGORIES STATUS DTSTART DTEND DURATION RRULE RDATE EXDATE"
    " RECURRENCE-ID CONFERENCE".split()
)
# The name and parameters of a line end at a colon; what has none for so long is no line of a calendar.
_NAMED = re.compile(r"([A-Za-z0-9-]{1,80})[;:]")
_COLON_WITHIN = 4000
_DEEPEST = 8


def telling_lines(text: str) -> str:
    """Return the lines that a programme is read from; raises TooLarge for more events than are read."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    return "\r\n".join(_kept(re.split(r"\r\n|\n|\r", unfolded))) + "\r\n"


def _kept(lines: list[str]) -> Iterator[str]:
    within: list[str] = []
    left_out = events = 0
    for line in lines:
        named = _NAMED.match(line)
        if named is None or line.find(":", 0, _COLON_WITHIN) < 0:
            continue
        name = named[1].upper()
        if name == "BEGIN":
            what = line[6:].strip().upper()
            within.append(what)
            if left_out or not _is_read(within):
                left_out += 1
                continue
            events += what == "VEVENT"
            if events > MAX_ROWS:
                raise TooLarge(say("The file holds more than {limit} sessions.", limit=MAX_ROWS))
            yield line
        elif name == "END":
            if within:
                within.pop()
            if left_out:
                left_out -= 1
            else:
                yield line
        elif not left_out and _tells(within, name):
            yield line


def _is_read(within: list[str]) -> bool:
    """Whether a component is one of those read: events, and the zones their times are told in."""
    if len(within) > _DEEPEST:
        return False
    return within[-1] in {"VCALENDAR", "VEVENT", "VTIMEZONE"} or "VTIMEZONE" in within


def _tells(within: list[str], name: str) -> bool:
    if "VTIMEZONE" in within:
        return True
    return name in (_EVENT if within and within[-1] == "VEVENT" else _CALENDAR)
