"""How letters say when, and what is different now."""

from dataclasses import replace

import pytest

from eventhub.events.model import Attendance
from eventhub.invites import lines
from eventhub.invites.model import Facts
from eventhub.language import Reader, zone_of
from tests import make

FACTS = Facts(
    code="desk",
    title="Desk Papua",
    abstract="",
    starts_at=make.at("09:00"),
    ends_at=make.at("10:30"),
    time_zone="Asia/Jakarta",
    place="Ruang 1, Gedung C",
    attendance=Attendance.ONSITE,
    generation=0,
    address="papua@example.org",
)
ENGLISH = Reader("en", zone_of("Asia/Jakarta"))


@pytest.mark.parametrize(
    ("home", "others"),
    [
        ("", "10:00–11:30 WITA · 11:00–12:30 WIT"),
        ("Asia/Pontianak", "10:00–11:30 WITA · 11:00–12:30 WIT"),
        ("Asia/Jayapura", "10:00–11:30 WITA · 11:00–12:30 WIT"),
        ("Pacific/Kiritimati", "10:00–11:30 WITA · 11:00–12:30 WIT · 16:00–17:30 UTC+14:00"),
    ],
)
def test_the_three_clocks_of_indonesia_stand_side_by_side_and_the_offices_where_it_differs(
    home: str, others: str
) -> None:
    assert lines.times(FACTS, {"time_zone": home}, ENGLISH) == [
        "Thu 25 Feb 2021, 09:00–10:30 WIB",
        others,
    ]


def test_elsewhere_the_events_clock_stands_beside_the_sessions() -> None:
    berlin = ENGLISH.within(zone_of("Europe/Berlin"))
    london = replace(FACTS, time_zone="Europe/London")

    assert lines.times(london, {"time_zone": ""}, berlin) == [
        "Thu 25 Feb 2021, 02:00–03:30 GMT",
        "03:00–04:30 CET",
    ]


def test_a_session_past_midnight_names_both_days() -> None:
    long = replace(FACTS, ends_at=make.at("01:00", "2021-02-26"))

    assert lines.times(long, {"time_zone": ""}, ENGLISH)[0] == (
        "Thu 25 Feb 2021, 09:00 WIB – Fri 26 Feb 2021, 01:00 WIB"
    )


@pytest.mark.parametrize(
    ("before", "was"),
    [
        (replace(FACTS, title="Desk"), [("Title", "Desk")]),
        (
            replace(FACTS, starts_at=make.at("08:00")),
            [("When", "Thu 25 Feb 2021, 08:00–10:30 WIB")],
        ),
        (replace(FACTS, place="Ruang 2"), [("Where", "Ruang 2")]),
        (
            replace(FACTS, place="", attendance=Attendance.MEETING),
            [("You attend", "In the meeting, by video")],
        ),
        (replace(FACTS, generation=3), [("Link", "another one, which no longer opens")]),
        (replace(FACTS, abstract="another"), []),
    ],
)
def test_what_was_said_before_is_said_of_what_is_different(
    before: Facts, was: list[tuple[str, str]]
) -> None:
    assert lines.changes(before, FACTS, ENGLISH) == was
