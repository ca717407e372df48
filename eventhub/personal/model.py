"""A participant's agenda, and what comes next in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from eventhub.events.model import Attendance, Event
from eventhub.participants.model import Rsvp

# The way in opens so long before a session starts, as `/j/` does.
OPENS_BEFORE = timedelta(minutes=15)
# What a person may answer on their page; the rest of the statuses is mail's.
ANSWERS = (Rsvp.ACCEPTED, Rsvp.TENTATIVE, Rsvp.DECLINED)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose page it is. `time_zone` is their office's (IANA), "" where that is the event's.

    `release_id` and `published_at` are those of the last release, None before the first.
    """

    id: int
    event_id: int
    name: str
    position: str
    office: str
    time_zone: str
    language: str
    attendance: Attendance
    in_place_of: str | None
    generation: int
    release_id: int | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """One session of a person's agenda, as the last release has it. Moments are UTC.

    `uid` is that of the invitation sent, "" when none was sent; `ways` how it can be attended. `place` is "" for those
    who attend from afar.
    """

    session_id: int
    code: str
    title: str
    abstract: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    attendance: Attendance
    answer: Rsvp = Rsvp.NEEDS_ACTION
    is_cancelled: bool = False
    sequence: int = 0
    uid: str = ""
    ways: tuple[Attendance, ...] = ()

    @property
    def opens_at(self) -> datetime:
        """When the way in opens."""
        return self.starts_at - OPENS_BEFORE

    def is_open(self, at: datetime) -> bool:
        """Whether one can go in."""
        return not self.is_cancelled and self.opens_at <= at < self.ends_at

    def is_over(self, at: datetime) -> bool:
        return self.ends_at <= at

    def may_be_answered(self, at: datetime) -> bool:
        """Whether it still matters if they come."""
        return not self.is_cancelled and not self.is_over(at)


def next_item(agenda: Iterable[Item], at: datetime) -> Item | None:
    """Return what the person should go to: the earliest session not over, called off, declined or delegated."""
    away = (Rsvp.DECLINED, Rsvp.DELEGATED)
    coming = [item for item in agenda if item.may_be_answered(at) and item.answer not in away]
    return min(coming, key=lambda item: (item.starts_at, item.session_id), default=None)


def by_day(event: Event, agenda: Iterable[Item]) -> list[tuple[date, list[Item]]]:
    """Return the agenda by the event's days, earliest first."""
    ordered = sorted(agenda, key=lambda item: (item.starts_at, item.session_id))
    days = groupby(ordered, key=lambda item: event.day_of(item.starts_at))
    return [(day, list(items)) for day, items in days]


def changes_at(agenda: Iterable[Item], at: datetime) -> datetime | None:
    """Return when the page next has something else to show: a way in opens or a session ends."""
    moments = [moment for item in agenda for moment in (item.opens_at, item.ends_at) if moment > at]
    return min(moments, default=None)
