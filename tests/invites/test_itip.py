"""Each iTIP object holds what RFC 5546 demands of it, read by a reader of our own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from eventhub.events.model import Attendance
from eventhub.invites import itip
from eventhub.invites.model import Method
from eventhub.mail.message import Mailbox
from tests.invites import ical

OFFICE = "Dinas Pengendalian Penduduk dan Keluarga Berencana Provinsi Kepulauan Bangka Belitung"


def scheduled(**changes: Any) -> itip.Scheduled:
    values: dict[str, Any] = {
        "method": Method.REQUEST,
        "uid": "7d5b8e2c-8f5c-4b0e-9f43-9a3c1c5d2a10",
        "sequence": 2,
        "written_at": datetime(2021, 2, 1, 3, 4, 5, tzinfo=UTC),
        "organizer": Mailbox("jawaban@example.org", "Rakortekrenbang 2021"),
        "attendee": Mailbox("kantor@example.org", f"Kepala {OFFICE}"),
        "attendance": Attendance.ONSITE,
        "starts_at": datetime(2021, 2, 25, 2, tzinfo=UTC),
        "ends_at": datetime(2021, 2, 25, 3, 30, tzinfo=UTC),
        "time_zone": "Asia/Jakarta",
        "summary": "Pembukaan; arahan, laporan",
        "description": "Kam 25 Feb 2021, 09.00–10.30 WIB\nDi tempat",
        "place": "Gedung Sasana Bhakti Praja, Kemendagri",
    }
    return itip.Scheduled(**{**values, **changes})


def test_a_request_to_whoever_comes_on_site_holds_the_room() -> None:
    calendar = ical.read(itip.write(scheduled()))
    [event] = calendar.all("VEVENT")

    assert {name: one.value for name, [one] in calendar.properties.items()} == {
        "VERSION": "2.0",
        "PRODID": itip.PRODID,
        "CALSCALE": "GREGORIAN",
        "METHOD": "REQUEST",
    }
    assert {name: one.text for name, [one] in event.properties.items()} == {
        "UID": "7d5b8e2c-8f5c-4b0e-9f43-9a3c1c5d2a10",
        "SEQUENCE": "2",
        "DTSTAMP": "20210201T030405Z",
        "DTSTART": "20210225T090000",
        "DTEND": "20210225T103000",
        "SUMMARY": "Pembukaan; arahan, laporan",
        "STATUS": "CONFIRMED",
        "ORGANIZER": "mailto:jawaban@example.org",
        "ATTENDEE": "mailto:kantor@example.org",
        "DESCRIPTION": "Kam 25 Feb 2021, 09.00–10.30 WIB\nDi tempat",
        "LOCATION": "Gedung Sasana Bhakti Praja, Kemendagri",
    }
    assert event.one("ORGANIZER").parameters == {"CN": "Rakortekrenbang 2021"}
    assert event.one("ATTENDEE").parameters == {
        "CN": f"Kepala {OFFICE}",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }


@pytest.mark.parametrize(
    ("attendance", "role", "feature"),
    [
        (Attendance.MEETING, "REQ-PARTICIPANT", "AUDIO,VIDEO"),
        (Attendance.STREAM, "OPT-PARTICIPANT", "VIDEO"),
    ],
)
def test_a_request_to_whoever_joins_from_afar_holds_their_link_and_no_room(
    attendance: Attendance, role: str, feature: str
) -> None:
    link = "https://acara.example.org/j/AAAABQAAAAEAAAAHwD_oZnJkiZK4DUc8cyi5"

    [event] = ical.read(
        itip.write(
            scheduled(attendance=attendance, place="", join_url=link, join_label="Masuk ke rapat")
        )
    ).all("VEVENT")

    assert (event.one("URL").value, event.one("CONFERENCE").value) == (link, link)
    assert event.one("CONFERENCE").parameters == {
        "VALUE": "URI",
        "FEATURE": feature,
        "LABEL": "Masuk ke rapat",
    }
    assert event.one("ATTENDEE").parameters["ROLE"] == role
    assert "LOCATION" not in event.properties


def test_a_cancellation_names_the_same_event_and_asks_for_no_answer() -> None:
    calendar = ical.read(itip.write(scheduled(method=Method.CANCEL, sequence=3)))
    [event] = calendar.all("VEVENT")

    assert calendar.one("METHOD").value == "CANCEL"
    assert (event.one("STATUS").value, event.one("SEQUENCE").value) == ("CANCELLED", "3")
    assert set(event.one("ATTENDEE").parameters) == {"CN", "CUTYPE", "ROLE"}


@pytest.mark.parametrize(
    "zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Berlin", "America/New_York"]
)
@pytest.mark.parametrize("month", [1, 3, 7, 10, 12])
def test_the_times_mean_the_same_by_the_zone_rules_that_travel_along(zone: str, month: int) -> None:
    start = datetime(2021, month, 28, 6, tzinfo=UTC)

    calendar = ical.read(
        itip.write(scheduled(starts_at=start, ends_at=start + timedelta(hours=30), time_zone=zone))
    )

    [event] = calendar.all("VEVENT")
    assert ical.moment(calendar, event.one("DTSTART")) == start
    assert ical.moment(calendar, event.one("DTEND")) == start + timedelta(hours=30)
    assert event.one("DTSTART").parameters == {"TZID": zone}
    assert len(calendar.all("VTIMEZONE")) == 1


@given(
    summary=st.text(min_size=1, max_size=200),
    name=st.text(max_size=200),
    description=st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=400),
)
def test_whatever_is_typed_stays_one_event_with_one_guest(
    summary: str, name: str, description: str
) -> None:
    raw = itip.write(
        scheduled(
            summary=summary,
            attendee=Mailbox("kantor@example.org", name),
            description=f"{description}\nDTSTART:19700101T000000Z",
        )
    )

    [event] = ical.read(raw).all("VEVENT")
    assert event.one("ATTENDEE").value == "mailto:kantor@example.org"
    assert event.one("DTSTART").value == "20210225T090000"
    assert event.one("DESCRIPTION").text == f"{description}\nDTSTART:19700101T000000Z"


def test_the_library_reads_back_what_it_wrote() -> None:
    [event] = Calendar.from_ical(itip.write(scheduled())).walk("VEVENT")

    assert event.decoded("DTSTART") == datetime(2021, 2, 25, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert str(event["ATTENDEE"].params["CN"]) == f"Kepala {OFFICE}"
