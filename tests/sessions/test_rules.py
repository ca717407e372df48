"""What stands in the way of a session, and what changed between releases."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.events.model import Attendance
from eventhub.sessions import rules
from eventhub.sessions.model import (
    Change,
    Office,
    Person,
    Place,
    ProgrammeConflict,
    Released,
    Session,
    SessionState,
    Severity,
    Surroundings,
)
from tests import make

EVENT = make.event()
AROUND = Surroundings(
    rooms={
        1: Place("room-1", "Ruang 1", 25, parallel=False),
        2: Place("room-2", "Aula", 500, parallel=True),
    },
    offices={
        1: Office("office-1", "Bappeda Provinsi 1", 1),
        2: Office("office-2", "Bappeda Provinsi 2", 30),
    },
    people={
        1: Person("Kepala Bappeda Provinsi 1", 1),
        2: Person("Kepala Bappeda Provinsi 2", 2),
        3: Person("Kepala Dinas Provinsi 3", 3),
    },
    severities=rules.severities(EVENT),
)


def kinds(found: list[ProgrammeConflict]) -> list[tuple[str, Severity]]:
    return [(conflict.kind, conflict.severity) for conflict in found]


def test_a_session_in_a_taken_room_is_told_by_which_session() -> None:
    opening = make.session(1, title="Pembukaan")
    panel = make.session(2, starts_at=make.at("09:30"), ends_at=make.at("10:30"))

    found = rules.conflicts(panel, [opening], EVENT, AROUND)

    assert kinds(found) == [("room", Severity.BLOCK)]
    assert found[0].sessions == ("session-2", "session-1")
    assert str(found[0].explanation).startswith("Ruang 1 is taken by Pembukaan, ")


def test_a_session_that_starts_as_another_ends_is_free() -> None:
    panel = make.session(2, starts_at=make.at("10:00"), ends_at=make.at("11:00"))

    assert rules.conflicts(panel, [make.session(1)], EVENT, AROUND) == []


def test_a_room_for_parallel_sessions_and_a_cancelled_session_stand_in_nobodys_way() -> None:
    hall = make.session(1, room_id=2)
    cancelled = make.session(3, state=SessionState.CANCELLED)

    assert rules.conflicts(make.session(2, room_id=2), [hall, cancelled], EVENT, AROUND) == []


def test_a_speaker_on_two_stages_a_person_called_twice_and_an_office_called_twice_are_refused() -> (
    None
):
    called = (make.audience(participant_id=2), make.audience(delegation_id=2))
    one = make.session(1, room_id=None, speakers=(1,), audience=called)
    other = make.session(2, room_id=None, speakers=(1,), audience=called)

    found = rules.conflicts(other, [one], EVENT, AROUND)

    assert kinds(found) == [
        ("speaker", Severity.BLOCK),
        ("participant", Severity.BLOCK),
        ("office", Severity.BLOCK),
    ]
    assert [(c.subject.type, c.subject.code) for c in found] == [
        ("participant", "1"),
        ("participant", "2"),
        ("delegation", "office-2"),
    ]


def test_watching_a_stream_binds_nobody() -> None:
    watching = (make.audience(Attendance.STREAM, delegation_id=1),)
    one = make.session(1, room_id=None, audience=watching)

    assert (
        rules.conflicts(make.session(2, room_id=None, audience=watching), [one], EVENT, AROUND)
        == []
    )


def test_an_office_with_one_participant_is_overstretched_by_two_sessions() -> None:
    called = (make.audience(Attendance.MEETING, delegation_id=1),)
    one = make.session(1, room_id=None, audience=called)

    found = rules.conflicts(make.session(2, room_id=None, audience=called), [one], EVENT, AROUND)

    assert kinds(found) == [
        ("office", Severity.BLOCK),
        ("delegation_overstretched", Severity.BLOCK_RELEASE),
    ]


def test_more_people_than_the_room_takes_forbid_the_release() -> None:
    crowded = make.session(
        1, audience=(make.audience(delegation_id=2), make.audience(participant_id=1))
    )

    found = rules.conflicts(crowded, [], EVENT, AROUND)

    assert kinds(found) == [("capacity", Severity.BLOCK_RELEASE)]
    assert str(found[0].explanation) == "Sidang 1 expects 31 people, and Ruang 1 takes 25."


def test_a_session_outside_the_events_days_is_refused_and_one_after_midnight_belongs_to_the_day_before() -> (
    None
):
    outside = make.session(
        1, starts_at=make.at("09:00", "2021-03-01"), ends_at=make.at("10:00", "2021-03-01")
    )
    late = make.session(
        2, starts_at=make.at("23:00", "2021-02-26"), ends_at=make.at("03:00", "2021-02-27")
    )

    assert kinds(rules.conflicts(outside, [], EVENT, AROUND)) == [("outside_days", Severity.BLOCK)]
    assert rules.conflicts(late, [], EVENT, AROUND) == []


def test_the_event_decides_what_a_kind_of_conflict_does() -> None:
    event = make.event(severities={"room": "warn", "outside_days": "ignore"})
    around = replace(AROUND, severities=rules.severities(event))
    outside = make.session(
        2, starts_at=make.at("09:00", "2021-03-01"), ends_at=make.at("10:00", "2021-03-01")
    )

    assert kinds(rules.conflicts(make.session(3), [make.session(1)], event, around)) == [
        ("room", Severity.WARN)
    ]
    assert rules.conflicts(outside, [], event, around) == []


def sessions_at_random() -> st.SearchStrategy[list[Session]]:
    one = st.builds(
        lambda n, start, length, room, office, speaker: make.session(
            n,
            starts_at=make.at("08:00") + timedelta(minutes=15 * start),
            ends_at=make.at("08:00") + timedelta(minutes=15 * (start + length)),
            room_id=room,
            audience=(make.audience(delegation_id=office),),
            speakers=(speaker,),
        ),
        st.integers(1, 10_000),
        st.integers(0, 20),
        st.integers(1, 6),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([1, 2]),
        st.sampled_from([1, 2]),
    )
    return st.lists(one, max_size=8, unique_by=lambda session: session.id)


@given(sessions_at_random())
def test_the_whole_programme_has_exactly_the_conflicts_of_its_sessions(
    programme: list[Session],
) -> None:
    def pairs(found: list[ProgrammeConflict]) -> set[tuple[str, frozenset[str], str]]:
        return {(c.kind, frozenset(c.sessions), c.subject.code) for c in found}

    one_by_one = {
        pair
        for session in programme
        for pair in pairs(rules.conflicts(session, programme, EVENT, AROUND))
    }

    assert pairs(rules.all_conflicts(programme, EVENT, AROUND)) == one_by_one


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
