"""From facts to visits, occupancy and conflicts, whatever the order in which they arrived."""

import itertools
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.checkin import facts
from eventhub.checkin.model import ConflictKind, Fact, PassageConflict, Reason, Status, Visit, Way
from tests.checkin import make


def at(minute: float) -> datetime:
    return make.NINE + make.minutes(minute)


def visit(room: int | None, start: float, end: float | None, person: int = 11) -> Visit:
    return Visit(person, room, make.DAY, at(start), None if end is None else at(end))


def door(number: int, room: int, **changes: Any) -> Fact:
    return make.fact(number, room_id=room, checkpoint=f"door-{room}", **changes)


def told(found: list[PassageConflict]) -> list[tuple[ConflictKind, int | None, tuple[str, ...]]]:
    return [(c.kind, c.participant_id, c.nonces) for c in found]


def test_an_entry_opens_a_visit_and_an_exit_closes_it() -> None:
    assert facts.visits([make.fact(0), make.fact(9, way=Way.EXIT)]) == [visit(None, 0, 9)]


def test_an_entry_to_room_b_closes_the_visit_in_room_a() -> None:
    assert facts.visits([door(0, 7), door(5, 8)]) == [visit(7, 0, 5), visit(8, 5, None)]


def test_a_door_needs_no_gate_and_a_gate_counts_apart() -> None:
    assert facts.visits([door(1, 7), make.fact(3)]) == [visit(7, 1, None), visit(None, 3, None)]


def test_leaving_the_event_leaves_the_room_too() -> None:
    found = facts.visits([make.fact(0), door(1, 7), make.fact(4, way=Way.EXIT)])

    assert found == [visit(None, 0, 4), visit(7, 1, 4)]


def test_an_exit_of_nobody_inside_is_recorded_and_changes_nothing() -> None:
    assert facts.visits([make.fact(0, way=Way.EXIT), door(1, 7, way=Way.EXIT)]) == []


def test_a_second_entry_keeps_the_first_visit() -> None:
    assert facts.visits([make.fact(0), make.fact(5)]) == [visit(None, 0, None)]


def test_a_refused_scan_is_no_visit() -> None:
    assert facts.visits([make.fact(0, status=Status.REFUSED, reason=Reason.FULL)]) == []


def test_every_event_day_stands_for_itself() -> None:
    tomorrow = make.fact(1440, day=date(2021, 2, 26))

    assert facts.visits([make.fact(0), tomorrow]) == [
        visit(None, 0, None),
        replace(visit(None, 1440, None), day=date(2021, 2, 26)),
    ]
    assert facts.conflicts([make.fact(0), tomorrow]) == []


def test_the_same_ticket_at_two_gates_is_in_two_places() -> None:
    pair = [make.fact(0, offline=True), make.fact(1, offline=True, checkpoint="gate-2")]

    assert told(facts.conflicts(pair)) == [
        (ConflictKind.TWO_PLACES, 11, (make.nonce(0), make.nonce(1)))
    ]


def test_the_same_ticket_twice_at_one_gate_is_already_in() -> None:
    pair = [make.fact(0), make.fact(1, offline=True)]

    assert told(facts.conflicts(pair)) == [
        (ConflictKind.ALREADY_IN, 11, (make.nonce(0), make.nonce(1)))
    ]


def test_who_left_in_between_comes_in_again() -> None:
    assert (
        facts.conflicts([make.fact(0), make.fact(1, way=Way.EXIT), make.fact(2, offline=True)])
        == []
    )


def test_one_too_many_is_over_the_limit() -> None:
    crowd = [door(n, 7, participant_id=n + 1, limit=2, offline=True) for n in range(3)]

    assert told(facts.conflicts(crowd)) == [(ConflictKind.OVER_LIMIT, 3, (make.nonce(2),))]


def test_a_room_that_emptied_takes_somebody_again() -> None:
    crowd = [
        door(0, 7, participant_id=1, limit=1, offline=True),
        door(1, 8, participant_id=1, offline=True),
        door(2, 7, participant_id=2, limit=1, offline=True),
    ]

    assert facts.conflicts(crowd) == []


def test_a_revoked_ticket_is_a_conflict_even_when_forced() -> None:
    fact = make.fact(0, offline=True, objection=Reason.REVOKED, forced=True)

    assert told(facts.conflicts([fact])) == [(ConflictKind.REVOKED, 11, (make.nonce(0),))]


def test_a_rightful_override_is_no_conflict() -> None:
    pair = [make.fact(0), make.fact(1, offline=True, forced=True, limit=1)]

    assert facts.conflicts(pair) == []


@pytest.mark.parametrize(
    "reason", [Reason.NOT_TODAY, Reason.NOT_ONSITE, Reason.CHECKPOINT_CLOSED, Reason.NOT_ALLOWED]
)
def test_what_the_server_would_have_refused_is_listed(reason: Reason) -> None:
    fact = make.fact(0, offline=True, objection=reason)

    assert told(facts.conflicts([fact])) == [(ConflictKind.REFUSED_ELSEWHERE, 11, (make.nonce(0),))]


def test_an_unhealthy_first_entry_is_listed_and_a_later_one_is_not_asked() -> None:
    unasked: dict[str, Any] = {"offline": True, "health": Reason.TEMPERATURE_MISSING}
    day = [make.fact(0, **unasked), make.fact(1, way=Way.EXIT), make.fact(2, **unasked)]

    assert told(facts.conflicts(day)) == [(ConflictKind.REFUSED_ELSEWHERE, 11, (make.nonce(0),))]


def test_a_protocol_that_asks_once_remembers_over_days() -> None:
    unasked: dict[str, Any] = {"offline": True, "health": Reason.TEMPERATURE_MISSING}
    days = [make.fact(0), make.fact(1440, day=date(2021, 2, 26), **unasked)]

    assert facts.conflicts(days, recheck="once") == []
    assert len(facts.conflicts(days, recheck="daily")) == 1


def test_turned_away_at_one_gate_and_let_in_at_another_is_listed() -> None:
    away = make.fact(0, status=Status.REFUSED, reason=Reason.TEMPERATURE_HIGH)
    elsewhere = make.fact(1, offline=True, checkpoint="gate-2")

    assert told(facts.conflicts([away, elsewhere])) == [
        (ConflictKind.REFUSED_ELSEWHERE, 11, (make.nonce(0), make.nonce(1)))
    ]
    assert facts.conflicts([away, make.fact(1, offline=True)]) == []
    assert (
        facts.conflicts([away, make.fact(1, forced=True), replace(elsewhere, way=Way.EXIT)]) == []
    )


def test_a_text_that_is_no_ticket_is_listed_when_a_device_let_it_in() -> None:
    unknown = make.fact(
        0, participant_id=None, status=Status.REFUSED, reason=Reason.UNKNOWN, offline=True
    )

    assert told(facts.conflicts([replace(unknown, decided="ok")])) == [
        (ConflictKind.UNKNOWN_TICKET, None, (make.nonce(0),))
    ]
    assert (
        facts.conflicts([replace(unknown, decided="refused"), replace(unknown, offline=False)])
        == []
    )


def test_an_entry_whose_participant_was_taken_out_of_the_event_is_no_conflict() -> None:
    assert facts.conflicts([make.fact(0, participant_id=None, offline=True, decided="ok")]) == []


@st.composite
def some_facts(draw: st.DrawFn) -> list[Fact]:
    count = draw(st.integers(0, 25))
    made = []
    for number in range(count):
        room = draw(st.sampled_from([None, 7, 8]))
        minute = draw(st.integers(0, 6))
        way = draw(st.sampled_from(Way))
        person = draw(st.integers(1, 3))
        door = draw(st.sampled_from("ab"))
        limit = draw(st.sampled_from([None, 1, 2]))
        fact = make.fact(
            number,
            scanned_at=at(minute),
            participant_id=person,
            way=way,
            room_id=room,
            checkpoint=f"{door}-{room}",
            limit=limit,
            offline=draw(st.booleans()),
            health=draw(st.sampled_from([None, Reason.TEMPERATURE_MISSING])),
        )
        made.append(fact)
    return made


@given(some_facts(), st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_visits_or_conflicts(made: list[Fact], random: Random) -> None:
    shuffled = random.sample(made, len(made))

    assert facts.visits(shuffled) == facts.visits(made)
    assert facts.conflicts(shuffled) == facts.conflicts(made)


@given(some_facts())
def test_nobody_is_in_two_rooms_at_once(made: list[Fact]) -> None:
    stays = [v for v in facts.visits(made) if v.room_id is not None]

    for person in {v.participant_id for v in stays}:
        mine = sorted(
            (v.entered_at, v.left_at or at(99)) for v in stays if v.participant_id == person
        )
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(mine))


@pytest.mark.parametrize(
    ("scans", "entered"),
    [
        ([], False),
        ([make.fact(1)], True),
        ([make.fact(1, way=Way.EXIT), make.fact(2)], False),
        ([make.fact(1, status=Status.REFUSED), make.fact(2)], True),
        ([door(1, 7), make.fact(2)], True),
        ([door(1, 7, way=Way.EXIT), make.fact(2)], True),
    ],
)
def test_the_next_thing_at_the_gates_tells_whether_somebody_entered(
    scans: list[Fact], entered: bool
) -> None:
    assert facts.enters_next(reversed(scans), None) is entered


@pytest.mark.parametrize(
    ("scans", "entered"),
    [
        ([door(1, 7)], True),
        ([door(1, 8), door(2, 7)], False),
        ([make.fact(1), door(2, 7)], True),
        ([make.fact(1, way=Way.EXIT), door(2, 7)], False),
        ([door(1, 7, way=Way.EXIT), door(2, 7)], False),
        ([door(1, 8, way=Way.EXIT), door(2, 7)], True),
    ],
)
def test_the_next_thing_at_a_rooms_doors_tells_whether_somebody_entered(
    scans: list[Fact], entered: bool
) -> None:
    assert facts.enters_next(scans, 7) is entered
