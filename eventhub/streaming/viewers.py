"""Viewers minute by minute, from stays and samples. Pure.

A stay is a participant's presence from its first to its last clock minute, both counted since the epoch and included.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

# An open page beats once a minute and one beat may go missing: whoever was heard of so lately is still there.
STILL_THERE = 2

# What an axis can show; a session that was never ended must not make a page of days.
LONGEST = 24 * 60


class Stay(NamedTuple):
    participant: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Line:
    """Figures minute by minute; None where nothing is known, which is not nought."""

    values: tuple[int | None, ...]

    @property
    def peak(self) -> tuple[int, int] | None:
        """The most, and in which minute first."""
        known = [(value, -minute) for minute, value in enumerate(self.values) if value is not None]
        if not known:
            return None
        value, minute = max(known)
        return value, -minute

    def average(self, since: int = 0) -> float | None:
        """Return the mean of what is known from a minute on."""
        known = [value for value in self.values[since:] if value is not None]
        return sum(known) / len(known) if known else None

    def latest(self, within: int) -> int | None:
        """Return the last that is known of so many last minutes."""
        last = reversed(self.values[-within:])
        return next((value for value in last if value is not None), None)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see: nothing is known, or nobody ever came."""
        return not any(self.values)


@dataclass(frozen=True, slots=True)
class Course:
    """Viewers from a whole minute on (UTC), as YouTube told them, and participants known at stream and meeting.

    The lines end with what has passed; the axis goes on for `minutes`. `since` is the minute from which averages
    count, the planned start.
    """

    begin: datetime
    minutes: int
    since: int
    youtube: Line
    stream: Line
    meeting: Line
    watched: int = 0

    @property
    def is_empty(self) -> bool:
        return self.youtube.is_empty and self.stream.is_empty and self.meeting.is_empty

    def moment(self, minute: int) -> datetime:
        return self.begin + timedelta(minutes=minute)


@dataclass(frozen=True, slots=True)
class Found:
    """All that is known of a span: samples of YouTube by clock minute, and stays by their kind."""

    samples: Mapping[int, int]
    stream: tuple[Stay, ...]
    meeting: tuple[Stay, ...]

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The first and the last clock minute of which anything is known."""
        stays = (*self.stream, *self.meeting)
        firsts = [*self.samples, *(stay.first for stay in stays)]
        lasts = [*self.samples, *(stay.last for stay in stays)]
        return (min(firsts), max(lasts)) if firsts else None


def minute_of(moment: datetime) -> int:
    """Return a moment's clock minute since the epoch."""
    return int(moment.timestamp() // 60)


def course(found: Found, starts_at: datetime, ends_at: datetime, at: datetime) -> Course:
    """Return how viewers came and went, from the first of them or the start to the end, or as far as it has come."""
    now, start = minute_of(at), minute_of(starts_at)
    first, last = found.bounds or (start, start)
    begin = min(start, first)
    end = min(max(minute_of(ends_at), last + 1), begin + LONGEST)
    passed = max(0, min(end, now + 1) - begin)
    counted = (
        Line(present(_still_there(stays, now), begin, passed))
        for stays in (found.stream, found.meeting)
    )
    stream, meeting = counted
    return Course(
        begin=datetime.fromtimestamp(begin * 60, UTC),
        minutes=end - begin,
        since=start - begin,
        youtube=Line(tuple(found.samples.get(begin + minute) for minute in range(passed))),
        stream=stream,
        meeting=meeting,
        watched=sum(
            minutes_of_each(within((*found.stream, *found.meeting), starts_at, ends_at)).values()
        ),
    )


def _still_there(stays: Iterable[Stay], now: int) -> Iterable[Stay]:
    """Let those last until now who were heard of lately; their next beat is on its way."""
    return (
        stay._replace(last=now) if now - STILL_THERE <= stay.last < now else stay for stay in stays
    )


def present(stays: Iterable[Stay], begin: int, minutes: int) -> tuple[int, ...]:
    """Return how many different participants were there in each of the minutes from `begin` on."""
    changes = [0] * (minutes + 1)
    for stay in merged(stays):
        first, last = max(stay.first, begin), min(stay.last, begin + minutes - 1)
        if first <= last:
            changes[first - begin] += 1
            changes[last + 1 - begin] -= 1
    return tuple(accumulate(changes[:-1]))


def merged(stays: Iterable[Stay]) -> Iterable[Stay]:
    """Cut what a participant's stays share, so that each minute of theirs counts once."""
    until: dict[int, int] = {}
    for participant, first, last in sorted(stays):
        begin = max(first, until.get(participant, -1) + 1)
        if begin <= last:
            until[participant] = last
            yield Stay(participant, begin, last)


def within(stays: Iterable[Stay], starts_at: datetime, ends_at: datetime) -> Iterable[Stay]:
    """Cut stays to a session's own minutes, which are those that attendance counts."""
    begin, end = minute_of(starts_at), -int(-ends_at.timestamp() // 60) - 1
    for participant, first, last in stays:
        if max(first, begin) <= min(last, end):
            yield Stay(participant, max(first, begin), min(last, end))


def minutes_of_each(stays: Iterable[Stay]) -> dict[int, int]:
    """Return the different minutes each participant was there."""
    found: dict[int, int] = defaultdict(int)
    for stay in merged(stays):
        found[stay.participant] += stay.last - stay.first + 1
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """What an office has of a session's viewers: how many were expected from afar, how many came, their minutes."""

    name: str
    expected: int
    came: int
    minutes: int


def shares(people: Iterable[tuple[str, int, bool]], minutes: Mapping[int, int]) -> list[Share]:
    """Return offices by their minutes, the most first; `people` are office, participant, and whether expected.

    `minutes` are those of everybody who came, which may be none of the session's own.
    """
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for office, participant, is_expected in people:
        watched = minutes.get(participant, 0)
        figures = found[office]
        figures[0] += is_expected
        figures[1] += participant in minutes
        figures[2] += watched
    made = [Share(office, *figures) for office, figures in found.items() if office]
    return sorted(made, key=lambda each: (-each.minutes, -each.came, each.name))
