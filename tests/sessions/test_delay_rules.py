"""What a delay moves: order, room and breaks hold, whatever the day looks like."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventhub.errors import Conflict, Invalid, Refusal
from eventhub.sessions.delay_rules import (
    SHORTEST_BREAK,
    Gaps,
    Move,
    Slot,
    Span,
    has_begun,
    kept,
    moves,
    planned,
)
from tests import make

NINE = make.at("09:00")


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def slot(code: str, start: str, end: str, *, is_break: bool = False) -> Slot:
    span = Span(make.at(start), make.at(end))
    return Slot(code, code, span, span, is_break)


DAY = [
    slot("opening", "09:00", "10:00"),
    slot("coffee", "10:00", "10:20", is_break=True),
    slot("panel", "10:30", "11:30"),
    slot("lunch", "11:30", "12:30", is_break=True),
    slot("closing", "12:30", "13:00"),
]


def times(found: list[Move]) -> dict[str, str]:
    clock = "{:%H:%M}-{:%H:%M}"
    return {
        move.code: clock.format(*(moment + minutes(7 * 60) for moment in move.new))
        for move in found
    }


def test_a_running_session_ends_later_and_all_that_follows_moves_alike() -> None:
    found = moves(DAY, DAY[0], 15, Gaps.KEEP, at=make.at("09:40"), begun=True)

    assert times(found) == {
        "opening": "09:00-10:15",
        "coffee": "10:15-10:35",
        "panel": "10:45-11:45",
        "lunch": "11:45-12:45",
        "closing": "12:45-13:15",
    }


def test_gaps_and_breaks_take_a_delay_where_they_are_to_be_used() -> None:
    small = moves(DAY, DAY[0], 15, Gaps.USE, at=make.at("09:40"), begun=True)
    large = moves(DAY, DAY[0], 45, Gaps.USE, at=make.at("09:40"), begun=True)

    assert times(small) == {"opening": "09:00-10:15", "coffee": "10:15-10:20"}
    assert times(large) == {
        "opening": "09:00-10:45",
        "coffee": "10:45-10:50",
        "panel": "10:50-11:50",
        "lunch": "11:50-12:30",
    }


def test_a_session_that_has_not_begun_starts_later() -> None:
    found = moves(DAY, DAY[2], 10, Gaps.USE, at=make.at("10:31"), begun=False)

    assert times(found) == {"panel": "10:40-11:40", "lunch": "11:40-12:30"}


def test_what_is_beside_a_session_in_a_shared_room_stays() -> None:
    beside = slot("beside", "09:30", "10:30")

    found = moves([*DAY, beside], DAY[0], 15, Gaps.KEEP, at=NINE, begun=True)

    assert "beside" not in times(found)


def test_a_session_that_overran_its_time_still_pushes_what_has_not_begun() -> None:
    day = [DAY[0], slot("next", "10:00", "11:00")]

    found = moves(day, day[0], 15, Gaps.KEEP, at=make.at("10:03"), begun=True)

    assert times(found) == {"opening": "09:00-10:15", "next": "10:15-11:15"}


@pytest.mark.parametrize(
    ("at", "count", "begun", "refusal"),
    [
        ("10:20", 15, True, "It would still have ended before now. Choose at least 21 min."),
        ("09:20", 15, False, "It would still begin before now. Choose at least 21 min."),
    ],
)
def test_a_delay_that_lies_in_the_past_is_refused_with_the_least_that_helps(
    at: str, count: int, begun: bool, refusal: str
) -> None:
    with pytest.raises(Invalid) as raised:
        moves(DAY[:1], DAY[0], count, Gaps.KEEP, at=make.at(at), begun=begun)

    assert [str(fault.text) for fault in raised.value.fields] == [refusal]


@pytest.mark.parametrize(("on_air", "over"), [(True, False), (False, True)])
def test_nothing_is_pushed_over_a_session_that_is_on_or_was(on_air: bool, over: bool) -> None:
    day = [DAY[0], replace(DAY[1], on_air=on_air, over=over)]

    with pytest.raises(Conflict, match="coffee is on already in this room"):
        moves(day, day[0], 15, Gaps.KEEP, at=make.at("09:58"), begun=True)


def test_what_is_over_cannot_be_delayed() -> None:
    with pytest.raises(Conflict, match="opening is over: coffee came after it"):
        moves(DAY, DAY[0], 60, Gaps.KEEP, at=make.at("10:25"), begun=True)
    with pytest.raises(Conflict, match="opening is over"):
        moves(DAY, replace(DAY[0], over=True), 60, Gaps.KEEP, at=make.at("09:55"), begun=True)


def test_a_session_has_begun_as_planned_unless_somebody_knows_better() -> None:
    late = make.at("09:05")

    assert has_begun(DAY[0], late, None)
    assert not has_begun(DAY[0], late, told=False)
    assert has_begun(replace(DAY[0], on_air=True), make.at("08:55"), told=False)
    assert not has_begun(DAY[0], make.at("08:55"), told=True)


def test_the_plan_is_found_through_delays_that_join_and_no_further() -> None:
    was, then, now = (Span(NINE + minutes(n), NINE + minutes(n + 60)) for n in (0, 15, 30))
    history = [kept(Move("a", "A", old, new)) for old, new in ((then, now), (was, then))]

    assert planned(now, history) == was
    assert planned(then, history) == then
    assert planned(was, []) == was


@st.composite
def days(draw: st.DrawFn) -> list[Slot]:
    """Draw a room's day: sessions and breaks one after the other, with gaps or none."""
    found: list[Slot] = []
    start = NINE
    for n in range(draw(st.integers(1, 7))):
        start += minutes(draw(st.sampled_from([0, 0, 5, 10, 30])))
        end = start + minutes(draw(st.sampled_from([3, 10, 15, 60, 90])))
        found.append(
            Slot(f"s{n}", f"S{n}", Span(start, end), Span(start, end), draw(st.booleans()))
        )
        start = end
    return found


def after(day: list[Slot], found: list[Move]) -> list[Slot]:
    """Return the day as it is once moves were made."""
    new = {move.code: move.new for move in found}
    return [replace(slot, span=new.get(slot.code, slot.span)) for slot in day]


def delayed(day: list[Slot], n: int, count: int, gaps: Gaps, at: datetime) -> list[Move]:
    begun = has_begun(day[n], at, None)
    try:
        return moves(day, day[n], count, gaps, at=at, begun=begun)
    except Refusal:
        assume(False)
        raise


def assert_sound(day: list[Slot]) -> None:
    assert [slot.code for slot in sorted(day, key=lambda slot: slot.span)] == [
        slot.code for slot in day
    ]
    assert all(one.span.ends_at <= two.span.starts_at for one, two in pairwise(day))


@given(
    day=days(),
    n=st.integers(0, 6),
    count=st.integers(1, 90),
    gaps=st.sampled_from(Gaps),
    at=st.integers(-30, 400).map(lambda n: NINE + minutes(n)),
)
def test_a_delay_keeps_order_overlaps_nothing_and_fades_along_the_day(
    day: list[Slot], n: int, count: int, gaps: Gaps, at: datetime
) -> None:
    n = min(n, len(day) - 1)
    found = delayed(day, n, count, gaps, at)
    then = after(day, found)
    late = [new.span.ends_at - old.span.ends_at for old, new in zip(day, then, strict=True)]

    assert_sound(then)
    assert all(new.span.starts_at >= old.span.starts_at for old, new in zip(day, then, strict=True))
    assert late[n:] == sorted(late[n:], reverse=True)
    assert late[:n] == [timedelta(0)] * n
    assert late[n] == minutes(count)
    for old, new in zip(day, then, strict=True):
        if old is not day[n] and not (old.is_break and gaps is Gaps.USE):
            assert new.span.length == old.span.length
        assert new.span.length >= min(old.span.length, SHORTEST_BREAK)
    for slot, other in zip(day[n + 1 :], then[n + 1 :], strict=True):
        assert other == slot or slot.span.ends_at > at


@given(
    day=days(),
    n=st.integers(0, 6),
    count=st.integers(1, 90),
    back=st.integers(1, 120),
    gaps=st.sampled_from(Gaps),
    at=st.integers(-30, 400).map(lambda n: NINE + minutes(n)),
    passes=st.integers(0, 60).map(minutes),
)
def test_bringing_forward_never_goes_before_the_plan_or_now_nor_out_of_order(
    day: list[Slot], n: int, count: int, back: int, gaps: Gaps, at: datetime, passes: timedelta
) -> None:
    n = min(n, len(day) - 1)
    late = after(day, delayed(day, n, count, gaps, at))
    now = at + passes
    found = delayed(late, n, -back, gaps, now)
    then = after(late, found)

    assert_sound(then)
    for plan, old, new in zip(day, late, then, strict=True):
        assert plan.span.starts_at <= new.span.starts_at <= old.span.starts_at
        assert plan.span.ends_at <= new.span.ends_at <= old.span.ends_at
        if new.span.starts_at != old.span.starts_at:
            assert new.span.starts_at >= now
    if passes == minutes(0) and back >= count and late[n].planned.ends_at > at:
        assert then == day
