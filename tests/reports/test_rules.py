"""Who was present and who attended, decided without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.events.model import Attendance, PresenceRule
from eventhub.reports.model import (
    Came,
    Count,
    DelegationFigures,
    Heard,
    ReportedSession,
    SessionFigures,
    Stay,
)
from eventhub.reports.rules import (
    attendance,
    delegation_figures,
    distinct_minutes,
    needed_minutes,
    province_figures,
    session_figures,
    total,
)
from tests import make

PANEL = ReportedSession(1, "panel", "Panel", make.at("09:00"), make.at("10:00"), "Asia/Jakarta")
START = PANEL.first_minute
RULE = PresenceRule(minutes=10, percent=50)


def stay(first: int, last: int, way: Attendance = Attendance.STREAM, person: int = 1) -> Stay:
    """Make a stay by minutes from the session's beginning."""
    return Stay(1, person, way, START + first, START + last)


@pytest.mark.parametrize(
    ("rule", "minutes", "needed"),
    [
        (PresenceRule(10, 50), 60, 10),
        (PresenceRule(10, 50), 15, 8),
        (PresenceRule(60, 50), 60, 30),
        (PresenceRule(0, 50), 60, 0),
        (PresenceRule(10, 0), 60, 0),
        (PresenceRule(90, 100), 60, 60),
    ],
)
def test_attending_asks_minutes_or_a_share_whichever_is_reached_first(
    rule: PresenceRule, minutes: int, needed: int
) -> None:
    assert needed_minutes(rule, minutes) == needed


def test_the_minute_in_which_a_session_ends_on_the_dot_is_not_its_own() -> None:
    assert PANEL.minutes == 60


@pytest.mark.parametrize(
    ("stays", "came"),
    [
        ([stay(0, 9)], (Attendance.STREAM, 10, True)),
        ([stay(0, 8)], (Attendance.STREAM, 9, False)),
        ([stay(-15, -3)], (Attendance.STREAM, 0, False)),
        ([stay(-15, 4)], (Attendance.STREAM, 5, False)),
        ([stay(55, 90)], (Attendance.STREAM, 5, False)),
        ([stay(0, 5), stay(3, 8), stay(20, 20)], (Attendance.STREAM, 10, True)),
        ([stay(0, 5), stay(0, 5, Attendance.ONSITE)], (Attendance.ONSITE, 6, False)),
        ([stay(0, 5), stay(10, 13, Attendance.MEETING)], (Attendance.MEETING, 10, True)),
    ],
)
def test_distinct_minutes_of_the_session_decide(
    stays: list[Stay], came: tuple[Attendance, int, bool]
) -> None:
    assert attendance(stays, {1: PANEL}, RULE) == [Came(1, 1, *came)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8))
def test_minutes_are_counted_as_a_set_of_them_would_be(spans: list[tuple[int, int]]) -> None:
    assert distinct_minutes(spans) == len({m for a, b in spans for m in range(a, b + 1)})


@given(
    st.lists(
        st.builds(
            stay,
            st.integers(-40, 70),
            st.integers(-40, 70),
            st.sampled_from(Attendance),
            st.integers(1, 3),
        ),
        max_size=12,
    ).flatmap(lambda stays: st.tuples(st.just(stays), st.permutations(stays)))
)
def test_the_order_of_stays_changes_nothing(stays: tuple[list[Stay], list[Stay]]) -> None:
    ordered, mixed = (sorted(attendance(s, {1: PANEL}, RULE), key=str) for s in stays)

    assert ordered == mixed


def test_people_are_counted_per_session_and_per_delegation() -> None:
    came = [
        Came(1, 1, Attendance.ONSITE, 60, attended=True),
        Came(1, 2, Attendance.STREAM, 3, attended=False),
        Came(2, 1, Attendance.STREAM, 20, attended=True),
    ]
    closing = ReportedSession(2, "closing", "Closing", make.at("11:00"), make.at("12:00"), "")
    office, other = Heard(7, "papua", "Papua"), Heard(8, "bali", "Bali")

    by_session = session_figures(
        [PANEL, closing], {(1, Attendance.ONSITE): 4, (1, Attendance.STREAM): 2}, came
    )
    by_delegation = delegation_figures(
        [office, other], {7: 5, 8: 1}, [(came[0], 7), (came[1], 7), (came[2], 7)]
    )

    assert by_session == [
        SessionFigures(PANEL, Count(4, 0, 2), Count(1, 0, 1), Count(1, 0, 0)),
        SessionFigures(closing, Count(), Count(0, 0, 1), Count(0, 0, 1)),
    ]
    assert by_delegation == [
        DelegationFigures(office, invited=5, present=2, attended=1, minutes=83),
        DelegationFigures(other, invited=1, present=0, attended=0, minutes=0),
    ]
    assert total(each.present for each in by_session) == Count(1, 0, 2)


def test_a_province_is_the_sum_of_its_offices() -> None:
    papua, bali = Heard(1, "papua", "Papua"), Heard(2, "bali", "Bali")
    figures = [
        DelegationFigures(papua, 2, 1, 1, 60),
        DelegationFigures(Heard(3, "dinas", "Dinas"), 3, 2, 0, 9),
        DelegationFigures(Heard(4, "ministry", "Kementerian"), 9, 9, 9, 900),
        DelegationFigures(bali, 1, 0, 0, 0),
    ]

    assert province_figures(figures, {1: papua, 3: papua, 2: bali}) == [
        DelegationFigures(bali, 1, 0, 0, 0),
        DelegationFigures(papua, 5, 3, 1, 69),
    ]


SPANS = st.lists(
    st.tuples(st.integers(-30, 90), st.integers(0, 60)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=8,
)


@given(SPANS, st.integers(0, 90), st.integers(0, 100))
def test_minutes_and_attended_are_those_of_counting_each_minute_by_hand(
    spans: list[tuple[int, int]], minutes: int, percent: int
) -> None:
    rule = PresenceRule(minutes, percent)
    stays = [stay(first, last) for first, last in spans]
    present = {minute for minute in range(60) if any(a <= minute <= b for a, b in spans)}

    (came,) = attendance(stays, {1: PANEL}, rule)

    reached = len(present) >= minutes or len(present) * 100 >= percent * 60
    assert (came.minutes, came.attended) == (len(present), reached)
