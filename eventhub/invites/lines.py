"""What mails and previews say in one line: when, in which way, what changed. Pure."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from eventhub.events.model import Attendance
from eventhub.language import Reader, beside, zone_of
from eventhub.wording import Text, render, say

from .model import Facts
from .turns import Difference, Turn

WAYS = {
    Attendance.ONSITE: say("On site"),
    Attendance.MEETING: say("In the meeting, by video"),
    Attendance.STREAM: say("By the stream, to watch"),
}
JOINS = {
    Attendance.MEETING: say("Join the meeting"),
    Attendance.STREAM: say("Watch the stream"),
}


def times(facts: Facts | Turn, guest: dict[str, Any], reader: Reader) -> list[str]:
    """Return when, in the session's zone; then the same by the clocks beside it, the event's and the office's too."""
    there = zone_of(facts.time_zone)
    home = zone_of(guest["time_zone"]) if guest["time_zone"] else None
    others = [
        reader.span_beside(facts.starts_at, facts.ends_at, zone, there)
        for zone in beside(facts.starts_at, there, reader.zone, home)
    ]
    lines = [span_of(facts, reader, facts.time_zone)]
    return [*lines, " · ".join(others)] if others else lines


@lru_cache(maxsize=4096)
def hours(
    starts_at: datetime, ends_at: datetime, time_zone: str, home: str, reader: Reader
) -> tuple[str, ...]:
    """Return from when to when, by the session's clock, and by that of the office (`home`, "" for none) if it differs.

    Kept, as a thousand offices are told the same sessions.
    """
    there, own = zone_of(time_zone), zone_of(home) if home else reader.zone
    spans = [reader.span(starts_at, ends_at, there)]
    if starts_at.astimezone(own).utcoffset() != starts_at.astimezone(there).utcoffset():
        spans.append(reader.span_beside(starts_at, ends_at, own, there))
    return tuple(spans)


def times_meant(facts: Facts, guest: dict[str, Any], reader: Reader) -> list[str]:
    """Return when, as `times` does; where that is by one clock alone, say which zone is meant."""
    told = times(facts, guest, reader)
    if len(told) > 1:
        return told
    zone = reader.zone_name(facts.starts_at, zone_of(facts.time_zone))
    return [*told, render(say("Times are in {zone}.", zone=zone), reader)]


def span_of(facts: Facts | Turn, reader: Reader, zone_name: str) -> str:
    zone = zone_of(zone_name)
    span = reader.span(facts.starts_at, facts.ends_at, zone)
    day = reader.day(facts.starts_at.astimezone(zone).date())
    return span if day in span else f"{day}, {span}"


def changes(before: Facts, after: Facts, reader: Reader) -> list[tuple[str, str]]:
    """Return what was said before of each thing that is different now."""
    found: list[tuple[Text, str]] = []
    if before.title != after.title:
        found.append((say("Title"), before.title))
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        found.append((say("When"), span_of(before, reader, before.time_zone)))
    if before.place != after.place and before.place:
        found.append((say("Where"), before.place))
    if before.attendance != after.attendance:
        found.append((say("You attend"), render(WAYS[before.attendance], reader)))
    if before.attendance == after.attendance and before.generation != after.generation:
        found.append((say("Link"), render(say("another one, which no longer opens"), reader)))
    if before.delegated_to and before.delegated_to != after.delegated_to:
        found.append((say("In your place"), before.delegated_to.name))
    return [(render(label, reader), was) for label, was in found]


def turn_line(turn: Turn, guest: dict[str, Any], reader: Reader) -> str:
    """Return what changed for somebody in one sentence, its times as `times` writes them."""
    when = " / ".join(times(turn, guest, reader))
    if turn.difference is Difference.MOVED:
        assert turn.before_starts_at is not None
        was = reader.moment(turn.before_starts_at, zone_of(turn.time_zone))
        return render(
            say("{title} moves to {when}. Until now: {was}.", title=turn.title, when=when, was=was),
            reader,
        )
    if turn.difference is Difference.TEXT and turn.before_title != turn.title:
        return render(
            say("“{before}” is now called “{title}”.", before=turn.before_title, title=turn.title),
            reader,
        )
    return render(_TURNS[turn.difference](turn.title, when), reader)


_TURNS: dict[Difference, Callable[[str, str], Text]] = {
    Difference.NEW: lambda title, when: say(
        "{title} is new for you: {when}.", title=title, when=when
    ),
    Difference.TEXT: lambda title, when: say(
        "The description of {title}, {when}, was revised.", title=title, when=when
    ),
    Difference.CANCELLED: lambda title, when: say(
        "{title} is cancelled; it was planned for {when}.", title=title, when=when
    ),
    Difference.OFF: lambda title, when: say(
        "{title}, {when}, is no longer in your agenda.", title=title, when=when
    ),
}
