"""Content lines and zones of calendars, read back by readers that are not ours."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from eventhub import ical

ZONES = (
    "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Berlin", "America/New_York", "Europe/Dublin",
    "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns",
)  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], include_characters="\n"))


def offsets(rules: str) -> list[tuple[datetime, timedelta, str]]:
    """Read a VTIMEZONE as RFC 5545 (3.6.5) says: onsets are local times by the offset from which the clock changes."""
    zone = icalendar.Timezone.from_ical(rules)
    found = []
    for each in zone.subcomponents:
        onsets = [each.decoded("DTSTART")]
        more: Any = each.get("RDATE")
        onsets += [told.dt for told in more.dts] if more else []
        before, after = each.decoded("TZOFFSETFROM"), each.decoded("TZOFFSETTO")
        found += [
            ((onset - before).replace(tzinfo=UTC), after, str(each["TZNAME"])) for onset in onsets
        ]
    return sorted(found)


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_tells_every_hour_of_its_years_as_the_zone_itself_does(name: str) -> None:
    told = offsets(ical.zone_rules(name, 2011, 2021))
    onsets = [onset for onset, _, _ in told]
    at, end, wrong = datetime(2010, 1, 2, tzinfo=UTC), datetime(2022, 12, 31, tzinfo=UTC), []

    while at < end:
        _, offset, letters = told[bisect_right(onsets, at) - 1]
        local = at.astimezone(ZoneInfo(name))
        if (local.utcoffset(), local.tzname()) != (offset, letters):
            wrong.append(at)
        at += timedelta(hours=1)

    assert wrong == []


def test_the_clock_of_berlin_goes_forward_at_two_not_at_three() -> None:
    rules = ical.zone_rules("Europe/Berlin", 2021, 2021)

    assert rules.splitlines() == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:STANDARD",
        "DTSTART:20200101T010000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:20200329T020000",
        "RDATE:20210328T020000,20220327T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20201025T030000",
        "RDATE:20211031T030000,20221030T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Jayapura"])
def test_another_reader_of_calendars_finds_the_same_clock(name: str) -> None:
    whole = f"BEGIN:VCALENDAR\r\n{ical.zone_rules(name, 2021, 2021)}END:VCALENDAR\r\n"
    theirs, ours = tzical(StringIO(whole)).get(name), ZoneInfo(name)
    wall, wrong = datetime(2021, 1, 1), []  # noqa: DTZ001 -- a wall time, put into both zones

    while wall.year == 2021:
        here = wall.replace(tzinfo=ours)
        # Of a wall time that the clock leaves out, readers may think what they like.
        exists = here.astimezone(UTC).astimezone(ours).replace(tzinfo=None) == wall
        if exists and wall.replace(tzinfo=theirs).utcoffset() != here.utcoffset():
            wrong.append(wall)
        wall += timedelta(hours=1)

    assert wrong == []


def test_a_wall_time_that_comes_twice_is_written_so_that_it_means_one_moment() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2021, 10, 31, 0, 30, tzinfo=UTC)

    assert ical.moment("DTSTART", first, berlin) == "DTSTART;TZID=Europe/Berlin:20211031T023000"
    assert ical.moment("DTSTART", first + timedelta(hours=1), berlin) == "DTSTART:20211031T013000Z"


def test_utc_needs_no_rules() -> None:
    at = datetime(2021, 2, 25, 2, 0, tzinfo=timezone(timedelta(hours=7)))

    assert ical.moment("DTSTART", at, ZoneInfo("UTC")) == "DTSTART:20210224T190000Z"
    assert list(ical.zones([(at, ZoneInfo("UTC"))])) == []


@given(TEXT)
def test_a_text_is_read_as_it_was_written_and_no_line_is_longer_than_75_octets(value: str) -> None:
    whole = ical.folded(["BEGIN:VEVENT", f"SUMMARY:{ical.text(value)}", "END:VEVENT"])

    event = icalendar.Event.from_ical(whole)

    assert str(event["SUMMARY"]) == value
    assert all(len(line.encode()) <= 75 for line in whole.split("\r\n"))


@given(TEXT)
def test_a_parameter_can_end_neither_its_line_nor_its_quotes(value: str) -> None:
    line = f"ATTENDEE;CN={ical.parameter(value)}:mailto:a@example.org"
    whole = ical.folded(["BEGIN:VEVENT", line, "END:VEVENT"])

    event = icalendar.Event.from_ical(whole)

    assert str(event["ATTENDEE"]) == "mailto:a@example.org"
    assert list(event["ATTENDEE"].params) == ["CN"]
