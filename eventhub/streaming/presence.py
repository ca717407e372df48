"""Beats become intervals, intervals become minutes.

An open watch page beats once a minute. A beat that comes late or twice changes nothing, a single missing one
leaves no hole, and as an interval belongs to the participant and not to the device, several devices count once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .model import Interval

BEAT_SECONDS = 60

# Browsers slow timers of tabs in the background down to one a minute and networks delay a request: one missing
# beat and half a minute of delay are still one presence.
LONGEST_SILENCE = timedelta(seconds=150)


def extended(interval: Interval | None, beat_at: datetime) -> Interval | None:
    """Return the interval with the beat in it, or None when the beat begins another presence."""
    if interval is None:
        return None
    if (
        not interval.started_at - LONGEST_SILENCE
        <= beat_at
        <= interval.last_beat_at + LONGEST_SILENCE
    ):
        return None
    return Interval(min(interval.started_at, beat_at), max(interval.last_beat_at, beat_at))


def intervals_of(beats: Iterable[datetime]) -> list[Interval]:
    """Return the presences that beats in any order make, earliest first."""
    found: list[Interval] = []
    for beat_at in sorted(beats):
        longer = extended(found[-1] if found else None, beat_at)
        if longer is None:
            found.append(Interval(beat_at, beat_at))
        else:
            found[-1] = longer
    return found


def minutes_of(
    intervals: Iterable[Interval], since: datetime | None = None, until: datetime | None = None
) -> int:
    """Count the distinct clock minutes touched by any of the intervals, within the bounds given (both included)."""
    spans = sorted(
        (max(_minute(each.started_at), _minute(since) if since else 0), _last(each, until))
        for each in intervals
    )
    count, counted_to = 0, -1
    for first, last in spans:
        begin = max(first, counted_to + 1)
        if last >= begin:
            count += last - begin + 1
            counted_to = last
    return count


def peak_of(intervals: Iterable[Interval]) -> int:
    """Return the most presences there were at one moment, a single beat lasting its minute."""
    changes: list[tuple[datetime, int]] = []
    for each in intervals:
        changes.append((each.started_at, 1))
        changes.append((each.last_beat_at + timedelta(seconds=BEAT_SECONDS), -1))
    now = most = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _last(interval: Interval, until: datetime | None) -> int:
    last = _minute(interval.last_beat_at)
    return last if until is None else min(last, _minute(until))
