"""What stands in the way of a session."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.events.model import Attendance
from eventhub.events.scheduling import Hours, Scheduling
from eventhub.sessions import rules
from eventhub.sessions.model import (
    Format,
    Kind,
    Office,
    Person,
    Place,
    ProgrammeConflict,
    Session,
    SessionState,
    Severity,
    Subject,
    Surroundings,
)
from tests import make

EVENT = make.event()


AROUND = Surroundings(
    rooms={
        1: Place("room-1", "Ruang 1", 25, parallel=False, building="Gedung C"),
        2: Place("room-2", "Aula", 500, parallel=True, building="Gedung C"),
        3: Place("room-3", "Ruang 3", 25, parallel=False, building="Gedung H"),
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


def test_a_session_without_length_lies_on_its_day() -> None:
    event = make.event(scheduling=Scheduling(day_hours=Hours(time(7), time(18))))
    dawn = make.session(1, starts_at=make.at("04:00"), ends_at=make.at("04:00"))

    assert kinds(rules.conflicts(dawn, [], event, AROUND)) == [("outside_days", Severity.BLOCK)]


def test_somebody_who_leaves_a_room_for_the_meeting_or_another_building_needs_time() -> None:
    on_stage = make.session(1, speakers=(1,))
    from_afar = make.session(
        2, room_id=None, format=Format.ONLINE, speakers=(1,),
        starts_at=make.at("10:05"), ends_at=make.at("11:00"),
    )  # fmt: skip
    across = replace(from_afar, format=Format.ONSITE, room_id=3)
    same_building = replace(from_afar, format=Format.ONSITE, room_id=2)
    later = replace(from_afar, starts_at=make.at("10:15"))

    found = rules.conflicts(from_afar, [on_stage], EVENT, AROUND)

    assert kinds(found) == [("travel", Severity.BLOCK_RELEASE)]
    assert found[0].subject == Subject("participant", "1", "Kepala Bappeda Provinsi 1")
    assert str(found[0].explanation) == (
        "Between Sidang 1 and Sidang 2 there are 5 minutes, and Kepala Bappeda Provinsi 1 would need 15."
    )
    assert kinds(rules.conflicts(on_stage, [from_afar], EVENT, AROUND)) == kinds(found)
    assert kinds(rules.conflicts(across, [on_stage], EVENT, AROUND)) == kinds(found)
    assert rules.conflicts(same_building, [on_stage], EVENT, AROUND) == []
    assert rules.conflicts(later, [on_stage], EVENT, AROUND) == []


def test_an_office_goes_from_one_meeting_to_the_next_in_no_time() -> None:
    called = (make.audience(Attendance.MEETING, delegation_id=1),)
    one = make.session(1, format=Format.HYBRID, audience=called)
    other = make.session(
        2, format=Format.HYBRID, room_id=3, audience=called,
        starts_at=make.at("10:00"), ends_at=make.at("11:00"),
    )  # fmt: skip
    on_site = replace(other, audience=(make.audience(delegation_id=1),))

    assert rules.conflicts(other, [one], EVENT, AROUND) == []
    assert [
        (conflict.kind, conflict.subject.code)
        for conflict in rules.conflicts(on_site, [one], EVENT, AROUND)
    ] == [("travel", "office-1")]


def test_two_streams_of_one_encoder_at_once_are_told_and_two_of_different_ones_are_not() -> None:
    streamed = {"room_id": None, "format": Format.ONLINE, "stream": True}
    in_the_hall = make.session(1, room_id=2, stream=True)

    hall = rules.conflicts(make.session(2, room_id=2, stream=True), [in_the_hall], EVENT, AROUND)
    track = rules.conflicts(
        make.session(3, track="Desk 1", **streamed),
        [make.session(4, track="Desk 1", **streamed), make.session(5, track="Desk 2", **streamed)],
        EVENT, AROUND,
    )  # fmt: skip

    assert kinds(hall) == [("encoder", Severity.BLOCK_RELEASE)]
    assert hall[0].subject == Subject("encoder", "room:room-2", "Aula")
    assert str(hall[0].explanation).startswith("The encoder of Aula is taken by Sidang 1, ")
    assert [(c.sessions, c.subject.code) for c in track] == [
        (("session-3", "session-4"), "track:Desk 1")
    ]
    assert rules.conflicts(make.session(6, room_id=2), [in_the_hall], EVENT, AROUND) == []


def test_an_hour_unfit_for_those_far_away_names_them_and_their_clocks() -> None:
    east = {id: Office(f"papua-{id}", f"Dinas {id}", 1, "Asia/Jayapura") for id in (11, 12, 13, 14)}
    around = replace(AROUND, offices={**AROUND.offices, **east})
    rows = [make.audience(Attendance.STREAM, delegation_id=id) for id in east]
    late = make.session(
        1, room_id=None, format=Format.ONLINE, starts_at=make.at("15:00"), ends_at=make.at("16:30"),
        audience=(make.audience(Attendance.MEETING, delegation_id=2), *rows),
    )  # fmt: skip

    found = rules.conflicts(late, [], EVENT, around)

    assert kinds(found) == [("local_hour", Severity.WARN)]
    assert str(found[0].explanation) == (
        "Sidang 1 runs from 17:00 WIT to 18:30 WIT for Dinas 11, Dinas 12, Dinas 13 and 1 more, outside 07:00–18:00."
    )
    assert (found[0].count, [each.code for each in found[0].further]) == (
        4,
        ["papua-12", "papua-13"],
    )
    on_time = replace(late, ends_at=make.at("16:00"))
    assert rules.conflicts(on_time, [], EVENT, around) == []


def test_a_weekend_a_holiday_and_the_friday_break_warn_and_a_break_may_lie_in_it() -> None:
    event = make.event(scheduling=Scheduling(holidays=(date(2021, 2, 25),)))
    thursday = make.session(1)
    saturday = make.session(
        2, starts_at=make.at("09:00", "2021-02-27"), ends_at=make.at("10:00", "2021-02-27")
    )
    friday = make.session(
        3, starts_at=make.at("11:00", "2021-02-26"), ends_at=make.at("12:00", "2021-02-26")
    )

    found = [rules.conflicts(each, [], event, AROUND) for each in (thursday, saturday, friday)]

    assert [str(each[0].explanation) for each in found] == [
        "Sidang 1 lies on 2021-02-25, a public holiday.",
        "Sidang 2 lies on 2021-02-27, at the weekend.",
        "Sidang 3 lies in the break for Friday prayer, 11:30 WIB to 13:00 WIB.",
    ]
    assert [kinds(each) for each in found] == [
        [("holiday", Severity.WARN)], [("holiday", Severity.WARN)], [("friday_break", Severity.WARN)],
    ]  # fmt: skip
    assert rules.conflicts(replace(friday, kind=Kind.BREAK), [], event, AROUND) == []


def test_a_session_outside_a_days_hours_is_refused_also_where_the_clocks_change() -> None:
    event = make.event(
        time_zone="Europe/Berlin", starts_on=date(2021, 3, 27),
        scheduling=Scheduling(day_hours=Hours(time(7), time(1)), weekend=()),
    )  # fmt: skip

    def at(wall: str, day: str, zone: str) -> dict[str, datetime]:
        starts_at = make.at(wall, day, zone)
        return {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}

    fitting = [
        make.session(1, **at("07:00", "2021-03-28", "+02:00")),
        make.session(2, **at("00:00", "2021-03-28", "+01:00")),
    ]
    early = make.session(3, **at("06:30", "2021-03-28", "+02:00"))
    late = make.session(4, **at("00:30", "2021-03-29", "+02:00"))

    assert [rules.conflicts(each, [], event, AROUND) for each in fitting] == [[], []]
    assert str(rules.conflicts(early, [], event, AROUND)[0].explanation) == (
        "Sidang 3 lies outside the hours of 2021-03-28, 07:00 CEST to 01:00 CEST."
    )
    assert kinds(rules.conflicts(late, [], event, AROUND)) == [("outside_days", Severity.BLOCK)]


def test_three_sessions_at_once_are_too_many_for_an_office_of_two() -> None:
    event = make.event(severities={"office": "ignore"})
    around = replace(
        AROUND,
        offices={1: Office("office-1", "Bappeda Provinsi 1", 2)},
        severities=rules.severities(event),
    )
    called = (make.audience(Attendance.MEETING, delegation_id=1),)
    one, two, three = (make.session(n, room_id=None, audience=called) for n in (1, 2, 3))

    assert rules.conflicts(two, [one], event, around) == []
    found = rules.conflicts(three, [one, two], event, around)
    assert kinds(found) == [("delegation_overstretched", Severity.BLOCK_RELEASE)]
    assert found[0].sessions == ("session-1", "session-2", "session-3")
    assert str(found[0].explanation) == (
        "Bappeda Provinsi 1 needs 3 people at once, for Sidang 1, Sidang 2 and Sidang 3, and has 2."
    )


def test_somebody_named_elsewhere_is_not_free_for_their_office() -> None:
    called = make.session(1, room_id=None, audience=(make.audience(delegation_id=1),))
    speaking = make.session(2, room_id=None, speakers=(1,))
    both = replace(called, speakers=(1,))

    assert kinds(rules.conflicts(speaking, [called], EVENT, AROUND)) == [
        ("delegation_overstretched", Severity.BLOCK_RELEASE)
    ]
    assert rules.conflicts(both, [], EVENT, AROUND) == []


def test_who_is_expected_in_a_room_counts_speakers_and_nobody_twice() -> None:
    audience = (
        make.audience(delegation_id=1),
        make.audience(participant_id=1),
        make.audience(Attendance.MEETING, participant_id=2),
        make.audience(delegation_id=2),
        make.audience(delegation_id=2),
    )
    session = make.session(1, audience=audience, speakers=(1, 3))

    # The one of office 1, the thirty of office 2 but the one who joins from afar, and the speaker of another office.
    assert rules.expected_onsite(session, AROUND) == 1 + 29 + 1


def test_many_alike_between_two_sessions_are_one_conflict_that_names_the_first() -> None:
    people = {id: Person(f"Kepala {id}", 2) for id in range(1, 6)}
    around = replace(AROUND, people=people)
    rows = tuple(make.audience(participant_id=id) for id in people)
    one, other = (make.session(n, room_id=None, audience=rows) for n in (1, 2))

    found = rules.conflicts(other, [one], EVENT, around)

    assert kinds(found) == [("participant", Severity.BLOCK)]
    assert str(found[0].explanation).startswith(
        "Kepala 1, Kepala 2, Kepala 3 and 2 more are needed at "
    )
    assert (found[0].subject.code, found[0].count) == ("1", 5)


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
