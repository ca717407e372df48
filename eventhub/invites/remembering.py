"""What somebody is reminded of before a day. Pure."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from eventhub.events.model import Attendance, Event

from . import rules
from .choices import Choices
from .choices import Told as Way
from .model import Facts, Guest, Item


@dataclass(frozen=True, slots=True)
class Told:
    """A session in a reminder, without its description."""

    session_id: int
    facts: Facts


def sessions_on(event: Event, items: Iterable[Item], day: date, at: datetime) -> list[Item]:
    """Return what is still to come of a day, earliest first."""
    coming = [
        item
        for item in items
        if not item.is_cancelled and item.starts_at > at and event.day_of(item.starts_at) == day
    ]
    return sorted(coming, key=lambda item: (item.starts_at, item.id))


def told_to(
    guest: Guest,
    coming: Iterable[Item],
    ways: Mapping[int, Attendance],
    declined: Container[int],
    choices: Choices,
) -> list[Told]:
    """Return what of it a guest is reminded of: not what they declined, and not what nobody is told."""
    return [
        Told(item.id, replace(rules.facts(item, guest, ways[item.id]), abstract=""))
        for item in coming
        if item.id in ways
        and item.id not in declined
        and choices.of(item.kind, ways[item.id]) is not Way.NOTHING
    ]
