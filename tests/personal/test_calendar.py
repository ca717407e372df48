"""A person's agenda as a calendar file."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import icalendar

from eventhub.personal.calendar import Entry, Organizer, write

ORGANIZER = Organizer("Rapat Koordinasi Teknis", "panitia@example.org")
OPENING = Entry(
    uid="pembukaan.7@example.org",
    sequence=2,
    written_at=datetime(2021, 2, 20, 3, 4, 5, tzinfo=UTC),
    starts_at=datetime(2021, 2, 25, 2, 0, tzinfo=UTC),
    ends_at=datetime(2021, 2, 25, 4, 30, tzinfo=UTC),
    time_zone="Asia/Jakarta",
    summary="Pembukaan; laporan, arahan \\ sambutan",
    attendance="meeting",
    description="Baris satu\nBaris dua " + "é" * 80,
    join_url="https://example.org/j/token",
    join_label='Masuk "rapat"',
)


def read(*entries: Entry) -> Any:
    return icalendar.Calendar.from_ical(write("Agenda", ORGANIZER, entries))


def test_a_session_reads_back_as_it_was_written() -> None:
    event = read(OPENING).events[0]

    assert str(event["UID"]) == OPENING.uid
    assert event["SEQUENCE"] == 2
    assert event["DTSTAMP"].dt == OPENING.written_at
    assert event["DTSTART"].dt == OPENING.starts_at
    assert event["DTSTART"].params["TZID"] == "Asia/Jakarta"
    assert event["DTEND"].dt == OPENING.ends_at
    assert str(event["SUMMARY"]) == OPENING.summary
    assert str(event["DESCRIPTION"]) == OPENING.description
    assert str(event["STATUS"]) == "CONFIRMED"
    assert str(event["URL"]) == OPENING.join_url
    assert event["CONFERENCE"].params["LABEL"] == "Masuk 'rapat'"
    assert "LOCATION" not in event


def test_a_feed_asks_nobody_for_an_answer() -> None:
    calendar = read(OPENING)

    assert "METHOD" not in calendar
    assert "ATTENDEE" not in calendar.events[0]
    assert str(calendar.events[0]["ORGANIZER"]) == "mailto:panitia@example.org"
    assert str(calendar["NAME"]) == "Agenda"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"


def test_every_zone_used_is_explained_once() -> None:
    papua = replace(OPENING, uid="b@example.org", time_zone="Asia/Jayapura")
    new_york = replace(OPENING, uid="c@example.org", time_zone="America/New_York")

    calendar = read(OPENING, papua, new_york, OPENING)

    assert [zone.tz_name for zone in calendar.timezones] == [
        "Asia/Jakarta",
        "Asia/Jayapura",
        "America/New_York",
    ]
    assert [event["DTSTART"].dt for event in calendar.events] == [OPENING.starts_at] * 4


def test_lines_hold_at_most_75_octets_and_no_broken_character() -> None:
    written = write("Agenda", ORGANIZER, [OPENING])

    assert max(len(line) for line in written.split(b"\r\n")) == 75
    assert b"\n" not in written.replace(b"\r\n", b"")
    written.decode()


def test_answers_and_cancellations_show_in_the_calendar() -> None:
    def shown(entry: Entry) -> tuple[str, str]:
        event = read(entry).events[0]
        return str(event["STATUS"]), str(event.get("TRANSP", "OPAQUE"))

    assert shown(replace(OPENING, answer="accepted")) == ("CONFIRMED", "OPAQUE")
    assert shown(replace(OPENING, answer="tentative")) == ("TENTATIVE", "OPAQUE")
    assert shown(replace(OPENING, answer="declined")) == ("CONFIRMED", "TRANSPARENT")
    assert shown(replace(OPENING, answer="delegated")) == ("CONFIRMED", "TRANSPARENT")
    assert shown(replace(OPENING, is_cancelled=True)) == ("CANCELLED", "TRANSPARENT")


def test_somebody_in_the_room_gets_the_place_and_no_link() -> None:
    event = read(
        replace(OPENING, attendance="onsite", join_url="", place="Ruang 1, Gedung C")
    ).events[0]

    assert str(event["LOCATION"]) == "Ruang 1, Gedung C"
    assert "URL" not in event
    assert "CONFERENCE" not in event


def test_an_agenda_without_sessions_is_still_a_calendar() -> None:
    assert read().events == []
