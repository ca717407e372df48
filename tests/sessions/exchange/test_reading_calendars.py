"""A programme as iCalendar: repetitions, exceptions, zones, and what calendars in the wild get wrong."""

from datetime import UTC, datetime, time

import pytest

from eventhub.errors import Invalid, TooLarge, Unreadable
from eventhub.sessions.exchange.item import Frame, Item, Listed
from eventhub.sessions.exchange.reading import read_file
from tests import make

FRAME = Frame("", time(4, 0), datetime(2021, 3, 10, 21, tzinfo=UTC))
JAKARTA = Frame("Asia/Jakarta", FRAME.day_starts_at, FRAME.until)


def read(events: str, frame: Frame = FRAME, *, head: str = "", ends: str = "\r\n") -> Listed:
    """Read a calendar of events, each line as written."""
    text = (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{head}{events.strip()}\nEND:VCALENDAR\n"
    )
    return read_file(text.replace("\n", ends).encode(), frame)


def entry(*lines: str, uid: str = "a@example.org", title: str = "Sidang") -> str:
    """Write one event of an hour from 09:00 WIB on the opening day, with further lines."""
    usual = [f"UID:{uid}", f"SUMMARY:{title}", "LOCATION:Ruang A"]
    if not any(line.startswith("DTSTART") for line in lines):
        usual += [
            "DTSTART;TZID=Asia/Jakarta:20210225T090000",
            "DTEND;TZID=Asia/Jakarta:20210225T100000",
        ]
    return "\n".join(["BEGIN:VEVENT", *usual, *lines, "END:VEVENT"]) + "\n"


def starts(listed: Listed) -> list[datetime]:
    """Return when the sessions of a file without faults start."""
    assert listed.faulty == []
    return [item.starts_at for item in listed.items if item.starts_at]


def test_an_event_keeps_its_uid_zone_place_and_words() -> None:
    listed = read(
        entry("DESCRIPTION:Satu\\, dua\\nTiga", "CATEGORIES:Pleno", "URL:https://example.org/1")
    )

    assert listed.items == [
        Item(
            row=1,
            title="Sidang",
            starts_at=make.at("09:00"),
            ends_at=make.at("10:00"),
            origin="a@example.org",
            abstract="Satu, dua\nTiga",
            kind=listed.items[0].kind,
            time_zone="Asia/Jakarta",
            room="Ruang A",
            track="Pleno",
        )
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(ends: str) -> None:
    text = ends.join(("\ufeffBEGIN:VCALENDAR", *entry().split("\n")[:-1], "END:VCALENDAR", ""))

    assert starts(read_file(text.encode(), FRAME)) == [make.at("09:00")]


def test_times_without_a_zone_take_the_calendars_and_else_demand_one() -> None:
    floating = entry("DTSTART:20210225T090000", "DURATION:PT1H")

    assert starts(read(floating, head="X-WR-TIMEZONE:Asia/Jayapura\n")) == [make.at("07:00")]
    assert starts(read(floating, JAKARTA)) == [make.at("09:00")]
    with pytest.raises(Invalid, match="--zone"):
        read(floating)


def test_a_windows_zone_is_understood() -> None:
    listed = read(
        entry(
            "DTSTART;TZID=SE Asia Standard Time:20210225T090000",
            "DTEND;TZID=SE Asia Standard Time:20210225T100000",
        )
    )

    assert starts(listed) == [make.at("09:00")]


def test_a_whole_day_runs_as_the_events_days_do() -> None:
    listed = read(entry("DTSTART;VALUE=DATE:20210225"), JAKARTA)

    assert [(item.starts_at, item.ends_at) for item in listed.items] == [
        (make.at("04:00"), make.at("04:00", "2021-02-26"))
    ]


def test_repetitions_are_expanded_with_their_exceptions() -> None:
    listed = read(
        entry(
            "RRULE:FREQ=DAILY;COUNT=4",
            "EXDATE;TZID=Asia/Jakarta:20210226T090000",
            "RDATE;TZID=Asia/Jakarta:20210305T090000",
        )
        + entry(
            "RECURRENCE-ID;TZID=Asia/Jakarta:20210227T090000",
            "DTSTART;TZID=Asia/Jakarta:20210227T130000",
            "DTEND;TZID=Asia/Jakarta:20210227T140000",
            title="Sidang siang",
        )
    )

    assert [(item.title, item.starts_at, item.origin) for item in listed.items] == [
        ("Sidang", make.at("09:00"), "a@example.org#20210225T020000Z"),
        ("Sidang", make.at("09:00", "2021-02-28"), "a@example.org#20210228T020000Z"),
        ("Sidang", make.at("09:00", "2021-03-05"), "a@example.org#20210305T020000Z"),
        ("Sidang siang", make.at("13:00", "2021-02-27"), "a@example.org#20210227T020000Z"),
    ]


def test_a_repetition_keeps_its_wall_time_over_a_change_of_the_clock() -> None:
    listed = read(
        entry(
            "DTSTART;TZID=Europe/Berlin:20210327T090000",
            "DTEND;TZID=Europe/Berlin:20210327T100000",
            "RRULE:FREQ=DAILY;UNTIL=20210328T070000Z",
        )
    )

    assert starts(listed) == [
        datetime(2021, 3, 27, 8, tzinfo=UTC),
        datetime(2021, 3, 28, 7, tzinfo=UTC),
    ]


def test_a_repetition_without_end_runs_to_the_end_of_the_event() -> None:
    listed = read(entry("RRULE:FREQ=WEEKLY"))

    assert starts(listed) == [
        make.at("09:00"),
        make.at("09:00", "2021-03-04"),
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;UNTIL=20991231T000000Z",
        "FREQ=DAILY;COUNT=100000",
        "FREQ=DAILY;BYDAY=XX",
    ],
)
def test_a_repetition_out_of_bounds_is_a_fault_of_its_entry(rule: str) -> None:
    listed = read(entry(f"RRULE:{rule}") + entry(uid="b@example.org", title="Panel"))

    assert [item.title for item in listed.items if item.title == "Panel"] == ["Panel"]
    assert [fault.row for fault in listed.faulty] == [1]


def test_a_rule_that_never_comes_true_leaves_its_first_time() -> None:
    listed = read(entry("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))

    assert starts(listed) == [make.at("09:00")]


def test_different_events_with_one_uid_stay_different_and_a_revision_replaces() -> None:
    listed = read(
        entry(title="Satu")
        + entry(title="Dua")
        + entry("SEQUENCE:0", uid="b@example.org", title="Tiga")
        + entry("SEQUENCE:1", "DESCRIPTION:baru", uid="b@example.org", title="Tiga")
        + entry(title="Satu")
    )

    assert [(item.title, item.abstract) for item in listed.items] == [
        ("Satu", ""),
        ("Dua", ""),
        ("Tiga", "baru"),
    ]
    assert len({item.origin for item in listed.items}) == 3


def test_a_calendar_that_gives_every_event_the_same_uid_is_read_in_time() -> None:
    listed = read("".join(entry(title=f"Sidang {n}") for n in range(1500)))

    assert (len({item.origin for item in listed.items}), listed.faulty) == (1500, [])


def test_a_file_of_too_many_sessions_is_refused() -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=1000"

    with pytest.raises(TooLarge, match="sessions"):
        read("".join(entry(rule, uid=str(n)) for n in range(21)))


def test_entries_that_cannot_be_taken_are_named_by_their_number() -> None:
    listed = read(
        entry()
        + "BEGIN:VEVENT\nUID:c\nSUMMARY:Tanpa waktu\nEND:VEVENT\n"
        + entry("DTSTART;TZID=Asia/Jakarta:20210225T090000", uid="d")
        + entry("DTSTART:nonsense", "DTEND:20210225T100000Z", uid="e")
        + entry(uid="f", title="")
    )

    assert [item.starts_at for item in listed.items] == [make.at("09:00")]
    assert [(fault.row, fault.field) for fault in listed.faulty] == [
        (2, "starts_at"),
        (3, "ends_at"),
        (4, "starts_at"),
        (5, "title"),
    ]


def test_a_link_in_the_location_or_a_conference_is_the_meeting() -> None:
    listed = read(
        "BEGIN:VEVENT\nUID:1\nSUMMARY:A\nDTSTART:20210225T020000Z\nDTEND:20210225T030000Z\n"
        "LOCATION:Zoom https://meet.example.org/1\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:2\nSUMMARY:B\nDTSTART:20210225T020000Z\nDTEND:20210225T030000Z\n"
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.example.org/2\nEND:VEVENT\n"
    )

    assert [(item.room, item.meeting_url) for item in listed.items] == [
        ("", "https://meet.example.org/1"),
        ("", "https://meet.example.org/2"),
    ]


def test_a_calendar_whose_zone_is_the_name_of_a_continent_is_refused() -> None:
    with pytest.raises(Unreadable):
        read(entry("DTSTART;TZID=Asia:20210225T090000"))
