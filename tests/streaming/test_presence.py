"""Beats become intervals, intervals become minutes."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.streaming.model import Interval
from eventhub.streaming.presence import LONGEST_SILENCE, extended, intervals_of, minutes_of, peak_of

NINE = datetime(2021, 2, 25, 2, 0, tzinfo=UTC)

seconds = st.lists(st.integers(0, 4 * 3600), max_size=60)


def after(second: float) -> datetime:
    return NINE + timedelta(seconds=second)


def span(first: float, last: float) -> Interval:
    return Interval(after(first), after(last))


def test_one_beat_is_one_minute() -> None:
    assert intervals_of([NINE]) == [span(0, 0)]
    assert minutes_of([span(0, 0)]) == 1


def test_a_beat_a_minute_is_one_presence() -> None:
    assert intervals_of(after(60 * n) for n in range(10)) == [span(0, 540)]
    assert minutes_of([span(0, 540)]) == 10


def test_a_missing_beat_leaves_no_hole_and_two_begin_another_presence() -> None:
    assert intervals_of([after(0), after(120)]) == [span(0, 120)]
    assert intervals_of([after(0), after(180)]) == [span(0, 0), span(180, 180)]


def test_minutes_count_only_between_the_bounds() -> None:
    assert minutes_of([span(0, 540)], since=after(120), until=after(240)) == 3
    assert minutes_of([span(0, 60)], since=after(600)) == 0


def test_the_most_at_one_moment_counts_a_beat_for_its_minute() -> None:
    assert peak_of([]) == 0
    assert peak_of([span(0, 0), span(59, 59), span(300, 400)]) == 2
    assert peak_of([span(0, 0), span(60, 60)]) == 1


def test_a_beat_far_from_an_interval_does_not_belong_to_it() -> None:
    assert extended(None, NINE) is None
    assert extended(span(600, 700), after(0)) is None
    assert extended(span(600, 700), after(500)) == span(500, 700)


@given(seconds)
def test_order_and_repetition_of_beats_change_nothing(beats: list[int]) -> None:
    moments = [after(beat) for beat in beats]

    assert intervals_of(reversed(moments)) == intervals_of(moments)
    assert intervals_of(moments + moments) == intervals_of(moments)


@given(seconds)
def test_presences_lie_apart_and_hold_every_beat(beats: list[int]) -> None:
    found = intervals_of(after(beat) for beat in beats)

    assert all(
        later.started_at - earlier.last_beat_at > LONGEST_SILENCE
        for earlier, later in itertools.pairwise(found)
    )
    assert all(
        any(each.started_at <= after(beat) <= each.last_beat_at for each in found) for beat in beats
    )


@given(seconds)
def test_minutes_are_at_least_those_with_a_beat_and_never_more_than_the_span(
    beats: list[int],
) -> None:
    minutes = minutes_of(intervals_of(after(beat) for beat in beats))

    assert len({beat // 60 for beat in beats}) <= minutes
    assert minutes <= (max(beats) // 60 - min(beats) // 60 + 1 if beats else 0)


@given(seconds, seconds)
def test_two_devices_at_once_never_count_twice(phone: list[int], laptop: list[int]) -> None:
    each = [intervals_of(after(beat) for beat in beats) for beats in (phone, laptop)]
    together = minutes_of(each[0] + each[1])

    assert max(minutes_of(each[0]), minutes_of(each[1])) <= together
    assert together <= minutes_of(each[0]) + minutes_of(each[1])
