"""Files that go out: in the shape of frab's published schemas, and read back as they were.

The checks state the rules of c3voc's `schedule.xml.xsd` and `schema.json` in our own words: their licence
(EUPL) keeps the files themselves out of this repository.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unicodedata import normalize
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventhub.language import zone_of
from eventhub.sessions.exchange.frab_writing import Publication
from eventhub.sessions.exchange.item import Frame, Item
from eventhub.sessions.exchange.reading import read_file
from eventhub.sessions.exchange.writing import Form, publication, write
from eventhub.sessions.model import Format, Kind, Released, SessionState
from tests import make

AT = make.at("08:00", "2021-02-20")
EVENT = make.event()
FRAME = Frame("", EVENT.day_starts_at, EVENT.day_bounds(EVENT.ends_on)[1])


def released(id: int = 1, **changes: Any) -> Released:
    """Make a released panel of an hour in room A."""
    usual: dict[str, Any] = {
        "session_id": id,
        "code": f"sesi-{id}",
        "title": f"Sidang {id}",
        "abstract": "",
        "kind": Kind.PANEL,
        "format": Format.ONSITE,
        "starts_at": make.at("09:00"),
        "ends_at": make.at("10:00"),
        "time_zone": "Asia/Jakarta",
        "room_code": "a",
        "room_name": "Ruang A",
        "building": "Gedung C",
        "meeting_url": "",
        "stream": False,
        "track": "",
        "speakers": (),
        "audience": (),
        "state": SessionState.PUBLISHED,
        "sequence": 0,
    }
    return Released(**{**usual, **changes})


def told(*sessions: Released, private: bool = True) -> Publication:
    """Return what is written of some sessions."""
    return publication(
        EVENT, sessions, [make.room(name="Ruang A")], base="https://example.org", version="1", at=AT, private=private
    )  # fmt: skip


def item(session: Released, row: int, **changes: Any) -> Item:
    """Return a session as a file that carries everything would tell it."""
    item = Item(
        row=row,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        code=session.code,
        abstract=session.abstract,
        kind=session.kind,
        time_zone=session.time_zone,
        room=session.room_name,
        meeting_url=session.meeting_url,
        stream=True if session.stream else None,
        track=session.track,
        speakers=tuple(name for _, name in session.speakers),
    )
    return replace(item, **changes)


LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="<>&;'=+-@")
LINE = st.text(LETTERS, min_size=1, max_size=20).map(lambda text: normalize("NFC", f"Judul {text}"))


@st.composite
def programmes(draw: st.DrawFn) -> list[Released]:
    """Make programmes of sessions on the event's days, in rooms and zones of all kinds."""
    sessions = []
    for n in range(1, draw(st.integers(1, 6)) + 1):
        start = EVENT.day_bounds(EVENT.starts_on)[0] + timedelta(
            minutes=draw(st.integers(0, 3 * 1440))
        )
        stream = draw(st.booleans())
        link = draw(st.sampled_from(["", "https://meet.example.org/a?b=c&d=e"]))
        room = (
            draw(st.sampled_from(["Ruang A", "3", "Aula & Balai"]))
            if not (stream or link) or draw(st.booleans())
            else ""
        )
        sessions.append(
            released(
                n,
                code=draw(st.sampled_from(["A.", "b-", "c_"])) + str(n),
                title=draw(LINE),
                abstract=draw(st.sampled_from(["", 'Satu, dua; tiga\nempat <5> & "enam"'])),
                kind=draw(st.sampled_from(list(Kind))),
                starts_at=start,
                ends_at=start + timedelta(minutes=draw(st.integers(1, 40 * 60))),
                time_zone=draw(st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])),
                room_name=room,
                building="Gedung C" if room else "",
                meeting_url=link,
                stream=stream,
                track=draw(st.sampled_from(["", "Air & Sanitasi"])),
                speakers=tuple((i, f"{draw(LINE)} {i}, M.Si") for i in range(draw(st.integers(0, 2)))),
                format=Format.HYBRID if room and (stream or link) else Format.ONSITE if room else Format.ONLINE,
            )
        )  # fmt: skip
    return sorted(sessions, key=lambda each: each.starts_at)


def read_back(form: Form, sessions: list[Released]) -> list[Item]:
    """Return what reading a written file says, by code."""
    listed = read_file(write(told(*sessions), form), FRAME)
    assert listed.faulty == []
    items = [
        replace(each, row=0, starts_at=each.starts_at, ends_at=each.ends_at)
        for each in listed.items
    ]
    return sorted(items, key=lambda each: each.code)


@settings(deadline=None, max_examples=40)
@given(programmes())
def test_frab_xml_keeps_all_but_format_and_building(sessions: list[Released]) -> None:
    expected = [item(each, 0) for each in sorted(sessions, key=lambda each: each.code)]

    assert read_back(Form.FRAB_XML, sessions) == expected


@settings(deadline=None, max_examples=40)
@given(programmes())
def test_frab_json_keeps_all_but_format(sessions: list[Released]) -> None:
    expected = [
        item(each, 0, building=each.building)
        for each in sorted(sessions, key=lambda each: each.code)
    ]

    assert read_back(Form.FRAB_JSON, sessions) == expected


@settings(deadline=None, max_examples=40)
@given(programmes())
def test_a_calendar_keeps_all_but_format_and_speakers(sessions: list[Released]) -> None:
    expected = [
        item(each, 0, building=each.building, speakers=())
        for each in sorted(sessions, key=lambda each: each.code)
    ]

    assert read_back(Form.ICS, sessions) == expected


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
@settings(deadline=None, max_examples=25)
@given(sessions=programmes())
def test_a_table_keeps_everything(form: Form, sessions: list[Released]) -> None:
    expected = [
        item(each, 0, building=each.building, format=each.format, stream=each.stream)
        for each in sorted(sessions, key=lambda each: each.code)
    ]

    assert read_back(form, sessions) == expected


@pytest.mark.parametrize("form", list(Form))
def test_over_a_change_of_the_clock_every_moment_stays_what_it_is(form: Form) -> None:
    berlin = make.event(
        time_zone="Europe/Berlin", starts_on=date(2021, 3, 27), ends_on=date(2021, 10, 31)
    )
    hours = [datetime(2021, month, day, 23, tzinfo=UTC) for month, day in ((3, 27), (10, 30))]
    sessions = [
        released(n, starts_at=start, ends_at=start + timedelta(minutes=45), time_zone="Europe/Berlin")
        for n, start in enumerate(
            (hour + timedelta(minutes=30 * half) for hour in hours for half in range(8)), start=1
        )
    ]  # fmt: skip
    told_there = publication(berlin, sessions, [], base="https://example.org", version="1", at=AT)

    listed = read_file(write(told_there, form), FRAME)

    assert listed.faulty == []
    assert sorted((each.starts_at, each.ends_at) for each in listed.items) == [
        (each.starts_at, each.ends_at) for each in sessions
    ]


def test_cells_that_would_be_formulas_come_back_as_they_were() -> None:
    session = released(title="=1+1", abstract="-dua", speakers=((1, "@tiga"),))

    for form in (Form.CSV, Form.XLSX):
        (back,) = read_back(form, [session])
        assert (back.title, back.abstract, back.speakers) == ("=1+1", "-dua", ("@tiga",))


@pytest.mark.parametrize("form", list(Form))
def test_public_files_carry_no_link_of_a_meeting(form: Form) -> None:
    session = released(format=Format.HYBRID, meeting_url="https://meet.example.org/rahasia")

    body = write(told(session, private=False), form)

    assert b"rahasia" not in body.replace(b"\r\n ", b"")
    if form is not Form.XLSX:
        assert b"rahasia" in write(told(session), form).replace(b"\r\n ", b"")


def test_a_cancelled_session_stands_in_tables_and_calendars_only() -> None:
    session = released(state=SessionState.CANCELLED)

    assert [
        read_back(form, [session])[0].cancelled for form in (Form.ICS, Form.CSV, Form.XLSX)
    ] == [True] * 3
    assert fromstring(write(told(session), Form.FRAB_XML)).findall("day/room") == []


def test_a_session_outside_the_events_days_stands_under_its_own() -> None:
    start = make.at("09:00", "2021-04-01")
    session = released(starts_at=start, ends_at=start + timedelta(hours=1))

    assert [back.starts_at for back in read_back(Form.FRAB_XML, [session])] == [start]


NIGHT = make.at("02:00", "2021-02-26")
HARD = (
    released(1, code="A", title="Malam", starts_at=make.at("23:30"), ends_at=NIGHT, stream=True),
    released(
        2, code="a.b_C-", room_name="", format=Format.ONLINE, stream=True, speakers=((7, "Kepala"),)
    ),
    released(3, starts_at=NIGHT, ends_at=NIGHT + timedelta(hours=1), time_zone="Asia/Jayapura"),
    released(4, abstract="\u0001\ufffe", ends_at=make.at("09:00", "2021-03-05")),
)

TZ_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d|Z)"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
EVENT_CHILDREN = {
    "room": r".*", "title": r"(?s).*", "subtitle": r".*", "type": r".*", "date": TZ_MOMENT, "start": r"[0-2]\d:[0-5]\d",
    "duration": r"\d{1,2}:\d\d(:\d{1,2})?", "abstract": r"(?s).*", "slug": r"[a-z0-9_]{4,}-[a-z0-9_-]{4,}",
    "track": r".*", "language": r".*", "description": r".*", "url": r"https?://.*",
}  # fmt: skip
CONFERENCE_CHILDREN = {
    "title": r".*", "acronym": r"[a-z0-9_]{4,}", "start": r"\d{4}-\d\d-\d\d", "end": r"\d{4}-\d\d-\d\d", "days": r"\d+",
    "timeslot_duration": r"\d\d:\d\d", "base_url": r"https?://.*", "time_zone_name": r".*",
}  # fmt: skip


def _fits(parent: Element, rules: dict[str, str], *, nested: tuple[str, ...] = ()) -> None:
    assert sorted(child.tag for child in parent) == sorted([*rules, *nested])
    for name, rule in rules.items():
        assert re.fullmatch(rule, parent.findtext(name, "")), (name, parent.findtext(name))


@settings(deadline=None, max_examples=40)
@given(programmes())
@example(list(HARD))
@example([])
def test_schedule_xml_has_the_shape_of_the_published_schema(sessions: list[Released]) -> None:
    root = fromstring(write(told(*sessions), Form.FRAB_XML))

    assert [child.tag for child in root][:3] == ["generator", "version", "conference"]
    assert {child.tag for child in root[3:]} == {"day"}
    conference = root.find("conference")
    assert conference is not None
    _fits(conference, CONFERENCE_CHILDREN)
    days = root.findall("day")
    assert [day.get("index") for day in days] == [str(n) for n in range(1, len(days) + 1)]
    for day in days:
        assert sorted(day.attrib) == ["date", "end", "index", "start"]
        assert re.fullmatch(TZ_MOMENT, day.get("start", ""))
        assert {room.tag for room in day} <= {"room"}
    events = root.findall("day/room/event")
    for event in events:
        assert sorted(event.attrib) == ["guid", "id"]
        assert re.fullmatch(UUID, event.get("guid", ""))
        _fits(event, EVENT_CHILDREN, nested=("persons", "links"))
    for unique in (
        [e.get("guid") for e in events],
        [e.get("id") for e in events],
        [e.findtext("slug") for e in events],
    ):
        assert len(set(unique)) == len(sessions)


EVENT_FIELDS = frozenset(
    "id guid logo date start duration room slug url title subtitle track type language abstract description"
    " recording_license do_not_record do_not_stream persons links attachments answers".split()
)
EVENT_NEEDS = frozenset(
    "abstract date duration guid id language links persons room slug start subtitle title track type url".split()
)


@settings(deadline=None, max_examples=40)
@given(programmes())
@example(list(HARD))
@example([])
def test_schedule_json_has_the_shape_of_the_published_schema(sessions: list[Released]) -> None:
    whole = json.loads(write(told(*sessions), Form.FRAB_JSON))

    assert set(whole) == {"$schema", "generator", "schedule"}
    assert set(whole["schedule"]) == {"version", "base_url", "conference"}
    conference = whole["schedule"]["conference"]
    assert set(conference) == {
        "acronym", "title", "start", "end", "daysCount", "timeslot_duration", "time_zone_name", "rooms", "days",
    }  # fmt: skip
    assert re.fullmatch(r"[a-z0-9_-][a-z0-9_]{3,}", conference["acronym"])
    for room in conference["rooms"]:
        assert set(room) == {"name", "guid", "description", "capacity"}
        assert re.fullmatch(UUID, room["guid"])
    for day in conference["days"]:
        assert set(day) == {"index", "date", "day_start", "day_end", "rooms"}
        assert datetime.fromisoformat(day["day_start"]).utcoffset() == timedelta(hours=7)
        date.fromisoformat(day["date"])
    events = [
        event for day in conference["days"] for room in day["rooms"].values() for event in room
    ]
    assert len(events) == len(sessions)
    for event in events:
        assert EVENT_NEEDS <= set(event) <= EVENT_FIELDS
        assert re.fullmatch(r"\d+:\d\d", event["duration"])
        assert re.fullmatch(r"[a-z0-9_-]+[a-z0-9]", event["slug"])
        assert re.fullmatch(TZ_MOMENT, event["date"])
        assert all(set(person) == {"id", "guid", "name"} for person in event["persons"])


def test_times_stand_in_each_sessions_own_zone() -> None:
    session = released(time_zone="Asia/Jayapura")

    root = fromstring(write(told(session), Form.FRAB_XML))

    told_at = root.findtext("day/room/event/date", "")
    assert datetime.fromisoformat(told_at) == session.starts_at.astimezone(zone_of("Asia/Jayapura"))
    assert told_at.endswith("+09:00")
