"""How a day of released sessions reads."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eventhub.events.model import Attendance
from eventhub.language import Reader
from eventhub.sessions import rundown
from eventhub.sessions.calling import (
    Directory,
    audience_text,
    read_audience,
    read_speakers,
    with_group,
)
from eventhub.sessions.model import Audience, Format, Kind, Released, SessionState
from eventhub.sessions.rundown import Beside, Viewing
from tests import make

EVENT = make.event()
ENGLISH = Reader("en", ZoneInfo("Asia/Jakarta"))


def released(code: str, start: str = "09:00", end: str = "10:00", **changes: Any) -> Released:
    values: dict[str, Any] = {
        "session_id": 1,
        "title": code.title(),
        "abstract": "",
        "kind": Kind.PANEL,
        "format": Format.ONSITE,
        "starts_at": make.at(start),
        "ends_at": make.at(end),
        "time_zone": "Asia/Jakarta",
        "room_code": "a",
        "room_name": "Ruang A",
        "building": "",
        "meeting_url": "",
        "stream": False,
        "track": "",
        "speakers": (),
        "audience": (),
        "state": SessionState.PUBLISHED,
        "sequence": 0,
    }
    return Released(code=code, **{**values, **changes})


def viewing(clock: str, own: str | None = None) -> Viewing:
    return Viewing(ENGLISH, EVENT, ZoneInfo(own) if own else None, make.at(clock))


def test_sessions_at_one_time_share_a_slot_and_slots_come_by_time() -> None:
    sessions = [
        released("a"),
        released("b", end="11:00"),
        released("c"),
        released("d", "13:00", "14:00"),
    ]

    block = rundown.block("", sessions, viewing("08:00"), marks_now=False)

    assert [(slot.time, [row.code for row in slot.rows]) for slot in block.slots] == [
        ("09:00–10:00 WIB", ["a", "c"]),
        ("09:00–11:00 WIB", ["b"]),
        ("13:00–14:00 WIB", ["d"]),
    ]


@pytest.mark.parametrize(
    ("clock", "before", "after"),
    [
        ("08:00", ["08:00 WIB", ""], ""),
        ("09:00", ["", "09:00 WIB"], ""),
        ("11:00", ["", "11:00 WIB"], ""),
        ("13:30", ["", ""], "13:30 WIB"),
        ("14:00", ["", ""], ""),
    ],
)
def test_now_lies_before_what_has_not_begun_and_nowhere_when_all_is_over(
    clock: str, before: list[str], after: str
) -> None:
    sessions = [released("a"), released("b", "13:00", "14:00")]

    block = rundown.block("", sessions, viewing(clock), marks_now=True)

    assert ([slot.now for slot in block.slots], block.now) == (before, after)


@pytest.mark.parametrize(
    ("clock", "state", "state_of_the_cancelled", "is_past"),
    [("08:59", "", "off", False), ("09:00", "now", "off", False), ("10:00", "", "off", True)],
)
def test_a_row_says_whether_it_is_on_or_cancelled(
    clock: str, state: str, state_of_the_cancelled: str, is_past: bool
) -> None:
    sessions = [released("a"), released("b", state=SessionState.CANCELLED)]

    slot = rundown.block("", sessions, viewing(clock), marks_now=True).slots[0]

    assert [row.state for row in slot.rows] == [state, state_of_the_cancelled]
    assert slot.is_past is is_past


def test_the_three_clocks_of_indonesia_stand_side_by_side() -> None:
    slot = rundown.block("", [released("a")], viewing("08:00"), marks_now=False).slots[0]

    assert slot.time == "09:00–10:00 WIB"
    assert slot.beside == (Beside("10:00–11:00 WITA", False), Beside("11:00–12:00 WIT", False))


def test_a_time_beside_names_its_day_where_that_is_another() -> None:
    assert viewing("08:00").beside(make.at("22:30"), make.at("22:45")) == (
        Beside("23:30–23:45 WITA", False),
        Beside("Fri 26 Feb 2021, 00:30–00:45 WIT", False),
    )


def test_the_viewers_clock_is_told_once_and_marked() -> None:
    start, end = make.at("09:00"), make.at("10:00")

    assert viewing("08:00", "Asia/Makassar").beside(start, end) == (
        Beside("10:00–11:00 WITA", True),
        Beside("11:00–12:00 WIT", False),
    )
    assert viewing("08:00", "Asia/Pontianak").beside(start, end) == viewing("08:00").beside(
        start, end
    )
    assert viewing("08:00", "Europe/Berlin").beside(start, end)[2:] == (
        Beside("03:00–04:00 CET", True),
    )


BERLIN = make.event(
    time_zone="Europe/Berlin", starts_on=date(2021, 3, 27), ends_on=date(2021, 3, 29)
)


def in_berlin(clock: str, own: str | None = None) -> Viewing:
    return Viewing(
        ENGLISH.within(BERLIN.zone),
        BERLIN,
        ZoneInfo(own) if own else None,
        make.at(clock, "2021-03-27"),
    )


def test_where_the_clock_goes_forward_each_time_carries_the_letters_it_is_meant_in() -> None:
    night = datetime(2021, 3, 28, 0, 30, tzinfo=UTC)
    seen = in_berlin("08:00", "Asia/Jakarta")

    assert seen.span(night, night + timedelta(hours=1)) == "01:30 CET – 03:30 CEST"
    assert seen.beside(night, night + timedelta(hours=1)) == (Beside("07:30–08:30 WIB", True),)
    assert seen.zones_on([date(2021, 3, 27)]) == ("CET", "WIB (yours)")
    assert seen.zones_on(BERLIN.days) == ("CET/CEST", "WIB (yours)")
    assert in_berlin("08:00").beside(night, night + timedelta(hours=1)) == ()


def test_the_day_of_the_change_has_twenty_three_hours() -> None:
    begin, end = BERLIN.day_bounds(date(2021, 3, 27))

    assert (end - begin, BERLIN.day_of(end)) == (timedelta(hours=23), date(2021, 3, 28))


def test_a_span_over_midnight_names_both_days() -> None:
    start, end = make.at("22:00"), make.at("01:00", "2021-02-26")

    assert (
        viewing("08:00").span(start, end)
        == "Thu 25 Feb 2021, 22:00 WIB – Fri 26 Feb 2021, 01:00 WIB"
    )


@pytest.mark.parametrize(
    ("asked", "today", "shown"),
    [
        ("2021-02-27", "2021-02-25", date(2021, 2, 27)),
        ("2021-03-27", "2021-02-26", date(2021, 2, 26)),
        ("", "2021-02-26", date(2021, 2, 26)),
        ("yesterday", "2021-01-01", date(2021, 2, 25)),
        ("", "2021-12-31", date(2021, 2, 25)),
    ],
)
def test_the_day_shown_is_the_one_asked_for_else_today_else_the_next(
    asked: str, today: str, shown: date
) -> None:
    assert rundown.chosen_day(EVENT, EVENT.days, asked, make.at("12:00", today)) == shown


def test_a_track_that_the_title_holds_is_not_repeated() -> None:
    sessions = [
        released("a", title="Desk Pangan: Papua", track="2.09 Desk Pangan"),
        released("b", track="Pleno"),
    ]

    rows = rundown.block("", sessions, viewing("08:00"), marks_now=False).slots[0].rows

    assert [row.track for row in rows] == ["", "Pleno"]


KNOWN = Directory(
    offices={
        "papua": (1, Attendance.MEETING),
        "provinsi papua": (1, Attendance.MEETING),
        "bali": (2, Attendance.STREAM),
    },
    people={"#7": (7, Attendance.ONSITE), "kepala@example.org": (7, Attendance.ONSITE)},
    office_codes={1: "papua", 2: "bali"},
    kinds={"province": [1, 2]},
)


def test_an_audience_is_read_by_code_name_number_or_mail_and_written_back() -> None:
    rows, faults = read_audience("Provinsi Papua onsite\nbali\n\n#7 stream\npapua meeting\n", KNOWN)

    assert faults == []
    assert rows == (
        Audience(Attendance.ONSITE, delegation_id=1),
        Audience(Attendance.STREAM, delegation_id=2),
        Audience(Attendance.STREAM, participant_id=7),
    )
    assert audience_text(rows, KNOWN) == "papua onsite\nbali stream\n#7 stream"


def test_who_is_unknown_is_named() -> None:
    _, in_audience = read_audience("Antah Berantah meeting", KNOWN)
    _, on_stage = read_speakers("kepala@example.org\nsiapa", KNOWN)

    assert [str(fault.text) for fault in in_audience + on_stage] == [
        "There is no delegation or participant “Antah Berantah”.",
        "There is no participant “siapa”.",
    ]


def test_a_group_adds_only_whom_the_audience_lacks() -> None:
    named = (Audience(Attendance.ONSITE, delegation_id=2),)

    assert with_group(named, "province", "meeting", KNOWN) == (
        *named,
        Audience(Attendance.MEETING, delegation_id=1),
    )
    assert with_group(named, "ministry", "meeting", KNOWN) == named
    assert with_group(named, "province", "by telepathy", KNOWN) == named
