"""Damaged files are read as far as they go, or refused in a sentence; nothing else ever happens."""

import json
from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventhub.errors import Refusal
from eventhub.sessions.exchange.item import Frame
from eventhub.sessions.exchange.reading import read_file

FRAME = Frame("Asia/Jakarta", time(4, 0), datetime(2021, 3, 10, 21, tzinfo=UTC))
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
X-WR-TIMEZONE:Asia/Jakarta
BEGIN:VEVENT
UID:a@example.org
SEQUENCE:1
SUMMARY:Sidang
DTSTART;TZID=Asia/Jakarta:20210225T090000
DTEND;TZID=Asia/Jakarta:20210225T100000
RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=TH,FR
EXDATE;TZID=Asia/Jakarta:20210226T090000
RDATE;VALUE=PERIOD:20210301T020000Z/PT1H
CATEGORIES:Pleno,Air
CONFERENCE;VALUE=URI:https://meet.example.org/a
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
UID:a@example.org
SUMMARY:Sidang
RECURRENCE-ID;TZID=Asia/Jakarta:20210304T090000
DTSTART;TZID=Asia/Jakarta:20210304T110000
DURATION:PT1H
END:VEVENT
END:VCALENDAR
"""
SHEET = """code;title;Hari/Tanggal;Waktu;mulai;selesai;durasi;zona;ruang;stream;narasumber
a;Sidang;Kamis, 25 Februari 2021;09.00 - 10.30 WIB;09:00 AM;10.00;1:30;WIB;A;ya;Kepala; Deputi
b;Panel;02/25/2021;s.d. selesai;2021-02-25T09:00+07:00;2021-02-25 10:00;PT1H;Asia/Jakarta;3;https://a;
"""
EVENT: dict[str, Any] = {
    "guid": "8079583e-8321-506c-95af-fd2903a5f075",
    "id": 25,
    "date": "2021-02-25T09:00:00+07:00",
    "start": "09:00",
    "duration": "1:02:30",
    "title": "Sidang",
    "persons": [{"name": "Kepala"}],
    "links": [{"title": "stream", "url": "https://a"}],
}
JSON = json.dumps(
    {
        "schedule": {
            "conference": {
                "time_zone_name": "Asia/Jakarta",
                "rooms": [{"name": "A", "capacity": 3}],
                "days": [{"date": "2021-02-25", "day_start": "2021-02-25T04:00+07:00", "rooms": {"A": [EVENT]}}],
            }
        }
    }
)  # fmt: skip
XML = """<schedule><generator name="eventhub"/><version>1</version><conference><title>R</title>
<time_zone_name>Asia/Jakarta</time_zone_name></conference>
<day date="2021-02-25" start="2021-02-25T04:00:00+07:00"><room name="A">
<event guid="8079583e-8321-506c-95af-fd2903a5f075" id="1"><title>Sidang</title><date></date><start>01:00</start>
<duration>01:00</duration><url>https://example.org/sessions/a</url><persons><person>K</person></persons>
<links><link href="https://a">meeting</link></links></event></room></day></schedule>"""

BITS = st.text(max_size=6) | st.sampled_from(
    [
        "\n",
        ":",
        ";",
        "=",
        "9999",
        "0",
        "-1",
        "T",
        "Z",
        "/",
        "null",
        "[]",
        "{}",
        "1e400",
        "<p>",
        "&amp;",
        "]]>",
    ]
)


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from([CALENDAR, SHEET, JSON, XML]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), BITS), max_size=4),
)
@example(CALENDAR, [])
@example(SHEET, [])
@example(JSON, [])
@example(XML, [])
@example(XML.replace("//example.org", "//["), [])
@example(XML.replace("//example.org", "//[]"), [])
def test_a_damaged_file_is_read_or_refused(
    text: str, damages: list[tuple[float, int, str]]
) -> None:
    for where, length, bit in damages:
        at = int(where * len(text))
        text = text[:at] + bit + text[at + length :]

    try:
        listed = read_file(text.encode("utf-8", "surrogatepass"), FRAME)
    except Refusal:
        return
    assert listed.items or listed.faulty


VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just([])
    | st.just({})
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(sorted(EVENT)), VALUES, max_size=4), VALUES, VALUES)
def test_values_of_wrong_kinds_in_json_are_read_or_refused(
    changes: dict[str, Any], rooms: Any, persons: Any
) -> None:
    day = {"date": "2021-02-25", "rooms": {"A": [EVENT | changes | {"persons": [persons]}]}}
    whole = {"schedule": {"conference": {"rooms": [rooms], "days": [day, rooms]}}}

    listed = read_file(json.dumps(whole).encode(), FRAME)

    assert len(listed.items) + len(listed.faulty) == 1


def xml(inside: str) -> bytes:
    return f"<schedule><conference><title>R</title></conference>{inside}".encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (xml("<a>x" * 2_000_000), "nested too deeply"),
        (xml("<a/>" * 2_000_000), "more than 20000 sessions"),
        (xml("<a " + "b" * 9_000_000), "a tag does not end"),
        (xml("<a " + " ".join(f"b{n}='1'" for n in range(600_000)) + ">"), "a tag does not end"),
        (b"<rss>" + b"<a/>" * 2_000_000, "another shape (<rss>)"),
        (b"[" * 9_000_000, "broken"),
        (b"BEGIN:VCALENDAR\r\n" + b"X:1\r\n" * 2_000_000, "no event (VEVENT)"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 500_000, "no event (VEVENT)"),
        (
            b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 300_000,
            "more than 20000 sessions",
        ),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;" + b"a=b;" * 3_000_000, "no event (VEVENT)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_made_to_keep_the_server_busy_is_refused_as_soon_as_it_shows(
    content: bytes, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_file(content, FRAME)

    assert reason in str(refused.value.text)
