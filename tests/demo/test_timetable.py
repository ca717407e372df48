"""The sample programme, counted and checked pair by pair without the product's own conflict rules."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from eventhub.demo.desks import desks
from eventhub.demo.offices import agencies, every_office, governments, ministries, provinces
from eventhub.demo.people import everybody
from eventhub.demo.plan import WIB, Planned, Seat, desk_days
from eventhub.demo.plenaries import programme
from eventhub.demo.rooms import rooms
from eventhub.demo.timetable import TURNS, desk_sessions, province_days
from eventhub.events.model import Attendance, Protocol, room_limit

DESK_DAYS = [
    date(2021, 2, 26),
    date(2021, 3, 1),
    date(2021, 3, 2),
    date(2021, 3, 3),
    date(2021, 3, 4),
    date(2021, 3, 5),
    date(2021, 3, 8),
    date(2021, 3, 9),
]
ZONES = {office.code: ZoneInfo(office.time_zone) for office in every_office()}


def office_of(seat: Seat) -> str:
    by_email = {person.email: person.office for person in everybody()}
    return seat.office or by_email[seat.person or ""]


def overlapping(sessions: Iterable[Planned]) -> list[tuple[str, str]]:
    return [(a.code, b.code) for a, b in combinations(sessions, 2) if a.overlaps(b)]


def test_every_desk_meets_every_province_once() -> None:
    met = Counter((session.room, session.code.rsplit("-", 1)[1]) for session in desk_sessions())

    assert met == Counter(
        (desk.code, province.code) for desk in desks() for province in provinces()
    )
    assert len(desk_sessions()) == 34 * 34 == 1156


def test_each_desk_day_has_four_or_five_provinces() -> None:
    days = {day.day: len(day.provinces) for day in province_days()}

    assert list(days) == DESK_DAYS == list(desk_days())
    assert Counter(days.values()) == {4: 6, 5: 2}
    assert {days[day] for day in DESK_DAYS if day.weekday() == 4} == {4}


def test_the_programme_has_its_sessions_and_46_broadcasts() -> None:
    kinds = Counter(session.kind.value for session in programme())

    assert kinds == {
        "desk": 1156,
        "pre_meeting": 2,
        "plenary": 2,
        "panel": 2,
        "coordination": 8,
        "break": 10,
    }
    assert Counter(session.kind.value for session in programme() if session.stream) == {
        "desk": 34,
        "pre_meeting": 2,
        "plenary": 2,
        "coordination": 8,
    }


def test_no_room_holds_two_sessions_at_once() -> None:
    by_room = defaultdict(list)
    for session in programme():
        by_room[session.room].append(session)

    assert {room: overlapping(sessions) for room, sessions in by_room.items()} == {
        room: [] for room in by_room
    }


def test_no_meeting_link_is_used_twice_at_once() -> None:
    by_link = defaultdict(list)
    for session in programme():
        by_link[session.meeting_url].append(session)
    by_link.pop("")

    assert [overlapping(sessions) for sessions in by_link.values()] == [[]] * 35


def test_no_office_is_called_twice_at_once() -> None:
    by_office = defaultdict(list)
    for session in programme():
        for seat in session.audience:
            if seat.office:
                by_office[seat.office].append(session)

    assert len(by_office) == 43 + 34 + 1394
    assert [pair for sessions in by_office.values() for pair in overlapping(sessions)] == []


def test_no_participant_is_expected_twice_at_once() -> None:
    members = defaultdict(list)
    for person in everybody():
        members[person.office].append(person.email)
    by_person: dict[str, dict[str, Planned]] = defaultdict(dict)
    for session in programme():
        expected = {
            email
            for seat in session.audience
            for email in (members[seat.office] if seat.office else [seat.person])
        }
        for email in expected | set(session.speakers):
            by_person[email or ""][session.code] = session

    assert set(by_person) == {person.email for person in everybody()}
    assert [
        pair for sessions in by_person.values() for pair in overlapping(sessions.values())
    ] == []


def test_an_office_with_several_affairs_goes_from_desk_to_desk() -> None:
    called = [
        session
        for session in desk_sessions()
        if Seat(Attendance.MEETING, office="91-DISKOMINFO") in session.audience
    ]

    assert [session.code for session in sorted(called, key=lambda session: session.starts_at)] == [
        "desk-2-16-91",
        "desk-2-20-91",
        "desk-2-21-91",
    ]


def test_desks_keep_their_hours_and_the_friday_break() -> None:
    for session in desk_sessions():
        begin, end = session.starts_at.astimezone(WIB), session.ends_at.astimezone(WIB)
        morning_end = time(11, 30) if begin.weekday() == 4 else time(12)
        assert begin.date() == end.date()
        assert time(9) <= begin.time() < end.time() <= morning_end or time(
            13
        ) <= begin.time() < end.time() <= time(16)


def test_nothing_but_the_break_lies_in_the_friday_break() -> None:
    fridays = [date(2021, 2, 26), date(2021, 3, 5)]
    breaks = [
        (datetime.combine(day, time(11, 30), WIB), datetime.combine(day, time(13), WIB))
        for day in fridays
    ]
    inside = [
        s.code
        for begin, end in breaks
        for s in programme()
        if s.starts_at < end and begin < s.ends_at
    ]

    assert inside == ["ishoma-0226", "ishoma-0305"]


def test_eastern_provinces_meet_their_desks_before_noon_in_jakarta() -> None:
    latest: dict[timedelta, time] = {}
    for session in desk_sessions():
        zone = ZONES[f"PROV-{session.code.rsplit('-', 1)[1]}"]
        end = session.ends_at.astimezone(zone)
        offset = end.utcoffset() or timedelta()
        latest[offset] = max(latest.get(offset, time.min), end.time())

    assert latest == {
        timedelta(hours=7): time(15),
        timedelta(hours=8): time(13),
        timedelta(hours=9): time(14),
    }


def test_no_turn_meets_a_province_while_another_does() -> None:
    assert [len(set(slots)) for slots in zip(*TURNS, strict=True)] == [3] * 5
    assert [sorted(turn) for turn in TURNS] == [[0, 1, 2, 3, 4]] * 3


def test_rooms_under_the_protocol_hold_all_who_are_expected_on_site() -> None:
    limits = {room.code: room_limit(room.capacity, None, Protocol()) for room in rooms()}
    members = Counter(person.office for person in everybody())
    for session in programme():
        expected = sum(
            members[seat.office] if seat.office else 1
            for seat in session.audience
            if seat.attendance is Attendance.ONSITE
        )
        assert expected <= limits[session.room or ""]


def test_a_hybrid_session_has_room_and_link_and_lies_on_a_day_of_the_event() -> None:
    for session in programme():
        assert session.room
        assert bool(session.meeting_url) == (session.format.value == "hybrid")
        assert session.starts_at.tzinfo is UTC
        assert max(len(session.title), len(session.track)) <= 200


def test_the_offices_are_those_of_the_data() -> None:
    counts = {
        "ministry": len(ministries()),
        "province": len(governments()),
        "agency": len(agencies()),
    }

    assert counts == {"ministry": 43, "province": 34, "agency": 1394}
    assert len({office.code for office in every_office()}) == 1471
    assert len({office.email for office in every_office()}) == 1471
    assert {office.parent for office in agencies()} == {office.code for office in governments()}


def test_people_are_named_by_function_and_reachable_only_under_example_org() -> None:
    people = everybody()

    assert Counter(person.attendance.value for person in people) == {
        "onsite": 241,
        "meeting": 68,
        "stream": 1394,
    }
    assert (
        len({person.email for person in people})
        == len({person.name for person in people})
        == len(people)
    )
    assert {person.email.split("@")[1] for person in people} == {"example.org"}


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("gubernur.papua@example.org", "Gubernur Papua"),
        ("sekda.papua@example.org", "Sekretaris Daerah Provinsi Papua"),
        ("kepala.bappeda.papua@example.org", "Kepala Bappeda Provinsi Papua"),
        ("kepala.dinkes.papua@example.org", "Kepala Dinas Kesehatan Provinsi Papua"),
        (
            "kepala.bpbd.aceh@example.org",
            "Kepala Pelaksana Badan Penanggulangan Bencana Daerah Provinsi Aceh",
        ),
        ("sekretaris.kemendagri@example.org", "Sekretaris Jenderal Kementerian Dalam Negeri"),
        ("sekretaris.bps@example.org", "Sekretaris Utama Badan Pusat Statistik"),
    ],
)
def test_an_office_is_represented_by_its_head(email: str, name: str) -> None:
    assert {person.email: person.name for person in everybody()}[email] == name
