"""frab's and pretalx's schedules, with what real ones hold."""

import json
from datetime import UTC, datetime, time
from typing import Any

import pytest

from eventhub.errors import Invalid, Unreadable
from eventhub.sessions.exchange.item import Frame, Item, Listed
from eventhub.sessions.exchange.reading import read_file
from eventhub.sessions.model import Kind
from tests import make

FRAME = Frame("", time(4, 0), datetime(2021, 3, 10, 21, tzinfo=UTC))
GUID = "8079583e-8321-506c-95af-fd2903a5f075"

XML = """<?xml version="1.0" encoding="utf-8"?>
<schedule>
  <generator name="pretalx" version="2024.1"/>
  <version>v1</version>
  <conference><title>Rakor</title><acronym>rakor</acronym>{zone}</conference>
  <day index="1" date="2021-02-25" start="2021-02-25T04:00:00+07:00" end="2021-02-26T03:59:00+07:00">
    <room name="3">{events}</room>
  </day>
</schedule>"""


def event_xml(guid: str = GUID, **fields: str) -> str:
    """Write one event of an hour from 09:00 WIB."""
    usual = {
        "room": "3",
        "title": "Sidang",
        "type": "Talk",
        "date": "2021-02-25T09:00:00+07:00",
        "start": "09:00",
        "duration": "01:00",
    }
    told = "".join(f"<{name}>{text}</{name}>" for name, text in {**usual, **fields}.items() if text)
    return f'<event guid="{guid}" id="25">{told}</event>'


def read_xml(events: str, *, zone: str = "", frame: Frame = FRAME) -> Listed:
    """Read a schedule.xml."""
    return read_file(XML.format(events=events, zone=zone).encode(), frame)


def read_json(*events: dict[str, Any], frame: Frame = FRAME, **conference: Any) -> Listed:
    """Read a schedule.json of events in room 3."""
    day = {"index": 1, "date": "2021-02-25", "rooms": {"3": list(events)}}
    whole = {"schedule": {"version": "1", "conference": {"days": [day], **conference}}}
    return read_file(json.dumps(whole).encode("utf-8-sig"), frame)


def event_json(**fields: Any) -> dict[str, Any]:
    """Make one event of an hour from 09:00 WIB."""
    usual = {
        "id": 25,
        "guid": GUID,
        "date": "2021-02-25T09:00:00+07:00",
        "start": "09:00",
        "duration": "01:00",
        "title": "Sidang",
        "type": "Panel discussion",
    }
    return {**usual, **fields}


def test_an_xml_event_is_read_with_its_persons_and_words() -> None:
    listed = read_xml(
        event_xml(
            abstract="Ringkas",
            description="&lt;p&gt;Panjang &amp;amp; lebar&lt;/p&gt;",
            track="Air",
            persons="<person id='1'>Kepala Bappeda</person><person/>",
        ),
        zone="<time_zone_name>Asia/Jakarta</time_zone_name>",
    )

    assert (listed.faulty, listed.items) == (
        [],
        [
            Item(
                row=1,
                title="Sidang",
                starts_at=make.at("09:00"),
                ends_at=make.at("10:00"),
                origin=GUID,
                abstract="Ringkas\n\nPanjang & lebar",
                time_zone="Asia/Jakarta",
                room="3",
                track="Air",
                speakers=("Kepala Bappeda",),
            )
        ],
    )


def test_a_json_event_is_read_with_pretalx_code_and_missing_persons() -> None:
    listed = read_json(
        event_json(
            code="G9JGWY",
            persons=[
                {"code": "X", "public_name": None, "name": "Kepala"},
                None,
                {"biography": "x"},
            ],
            track={"en": "Water"},
            abstract=None,
        ),
        event_json(guid="9079583e-8321-506c-95af-fd2903a5f075", title="Tanpa orang", persons=None),
        time_zone_name="Asia/Jakarta",
        rooms=[{"name": "3", "guid": GUID, "capacity": 40}],
    )

    assert listed.faulty == []
    assert listed.seats == {"3": 40}
    assert [(item.code, item.speakers, item.track, item.kind) for item in listed.items] == [
        ("G9JGWY", ("Kepala",), "Water", Kind.PANEL),
        ("", (), "", Kind.PANEL),
    ]


def test_what_starts_after_midnight_belongs_to_the_day_it_stands_under() -> None:
    listed = read_xml(
        event_xml(date="", start="00:30")
        + event_xml("b079583e-8321-506c-95af-fd2903a5f075", date="", start="23:30")
    )

    assert [item.starts_at for item in listed.items] == [
        make.at("00:30", "2021-02-26"),
        make.at("23:30", "2021-02-25"),
    ]


def test_an_offset_of_an_eastern_province_names_its_zone() -> None:
    listed = read_json(event_json(date="2021-02-25T11:00:00+09:00"), time_zone_name="Asia/Jakarta")

    assert [(item.starts_at, item.time_zone) for item in listed.items] == [
        (make.at("09:00"), "Asia/Jayapura")
    ]


def test_times_without_offset_take_the_files_zone_and_else_demand_one() -> None:
    naive = event_json(date="2021-02-25T09:00:00")

    listed = read_json(naive, time_zone_name="Asia/Jakarta")
    assert [item.starts_at for item in listed.items] == [make.at("09:00")]
    with pytest.raises(Invalid, match="--zone"):
        read_json(naive)


def test_different_events_with_one_guid_stay_different_and_the_same_twice_is_one() -> None:
    listed = read_xml(event_xml() + event_xml(title="Panel") + event_xml())

    assert [item.title for item in listed.items] == ["Sidang", "Panel"]
    assert len({item.origin for item in listed.items}) == 2


def test_faulty_events_are_named_by_their_number() -> None:
    listed = read_json(
        event_json(),
        event_json(duration="soon", guid="1"),
        event_json(title="", guid="2"),
        event_json(date="", start="", guid="3"),
        event_json(date="0001-01-01T00:00:00+14:00", guid="4"),
        event_json(duration="999:00", guid="5"),
        event_json(persons=[{"name": "x" * 201}], guid="6"),
        event_json(abstract="\u0007", guid="7"),
    )

    assert [item.title for item in listed.items] == ["Sidang"]
    assert [(fault.row, fault.field) for fault in listed.faulty] == [
        (2, "duration"),
        (3, "title"),
        (4, "starts_at"),
        (5, "starts_at"),
        (6, "ends_at"),
        (7, "speakers"),
        (8, "abstract"),
    ]


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused(declared: str) -> None:
    with pytest.raises(Unreadable, match="entities"):
        read_file(f"{declared}<schedule><conference/></schedule>".encode(), FRAME)


def test_a_thousand_events_are_read() -> None:
    events = [event_json(guid=f"g-{n}", title=f"Sidang {n}") for n in range(1200)]

    listed = read_json(*events)

    assert (len(listed.items), listed.faulty) == (1200, [])
