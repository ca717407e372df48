"""What changed between two releases."""

from eventhub.sessions import rules
from eventhub.sessions.model import (
    Change,
    Released,
    SessionState,
)
from tests import make


def released(**changes: object) -> Released:
    session = make.session()
    values: dict[str, object] = {
        name: getattr(session, name)
        for name in Released.__slots__
        if hasattr(session, name) and name not in {"audience", "speakers"}
    }
    values |= {
        "session_id": 1,
        "room_code": "room-1",
        "room_name": "Ruang 1",
        "building": "",
        "speakers": (),
        "audience": (),
        "state": SessionState.PUBLISHED,
    }
    return Released(**{**values, **changes})  # type: ignore[arg-type]


def by_code(*sessions: Released) -> dict[str, Released]:
    return {session.code: session for session in sessions}


def test_each_kind_of_difference_between_two_releases_is_told_once() -> None:
    before = by_code(released(), released(code="gone", title="Hilang"))
    moved = released(
        starts_at=make.at("11:00"),
        ends_at=make.at("12:00"),
        room_code=None,
        stream=True,
        title="Sidang satu",
        audience=({"delegation": "office-1", "attendance": "onsite"},),
    )
    after = by_code(moved, released(code="new"))

    told = [(change.session, change.change) for change in rules.changes(before, after)]

    assert told == [
        ("new", "new"),
        ("session-1", "moved"),
        ("session-1", "room"),
        ("session-1", "link"),
        ("session-1", "text"),
        ("session-1", "audience"),
        ("gone", "cancelled"),
    ]


def test_nothing_is_told_of_a_session_that_stays_or_was_cancelled_before() -> None:
    cancelled = released(code="off", state=SessionState.CANCELLED)

    assert rules.changes(by_code(released(), cancelled), by_code(released(), cancelled)) == []


def test_a_cancelled_session_is_told_with_the_time_it_was_planned_for() -> None:
    off = released(state=SessionState.CANCELLED, sequence=1)
    when = {"starts_at": "2021-02-25T02:00:00+00:00", "ends_at": "2021-02-25T03:00:00+00:00"}

    assert rules.changes(by_code(released()), by_code(off)) == [
        Change("session-1", "Sidang 1", "cancelled", when, None)
    ]
    assert rules.changes(by_code(off), by_code(released()))[0].change == "new"
    assert rules.changes({}, by_code(off)) == []
    assert rules.changes(by_code(off), {}) == []


def test_the_revision_rises_for_time_place_and_cancellation_and_not_for_wording() -> None:
    old = released(sequence=3)

    assert rules.sequence(old, released(title="Lain", abstract="Lain")) == 3
    assert rules.sequence(old, released(starts_at=make.at("08:00"))) == 4
    assert rules.sequence(old, released(room_code="room-2")) == 4
    assert rules.sequence(old, released(meeting_url="https://meet.example.org/a")) == 4
    assert rules.sequence(old, released(state=SessionState.CANCELLED)) == 4
    assert rules.sequence(None, released()) == 0
