"""Files as pretalx, frab, Indico, Google, Outlook and offices write them, read with all their habits."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from eventhub.errors import Invalid
from eventhub.sessions.exchange.item import Frame, Item, Listed
from eventhub.sessions.exchange.reading import read_file
from eventhub.sessions.model import Kind
from tests.make import at

FILES = Path(__file__).parent / "files"
UNTIL = datetime(2021, 2, 26, 21, tzinfo=UTC)
ZONELESS = Frame("", time(4), UNTIL)
JAKARTA = Frame("Asia/Jakarta", time(4), UNTIL)


def read(name: str, frame: Frame = ZONELESS) -> Listed:
    return read_file((FILES / name).read_bytes(), frame)


def told(item: Item) -> tuple[str, datetime | None, datetime | None, str]:
    return item.title, item.starts_at, item.ends_at, item.room


def test_pretalx_tells_rooms_by_number_people_tracks_and_a_night() -> None:
    listed = read("pretalx.json")

    assert [told(item) for item in listed.items] == [
        ("Satu peta, satu data", at("09:00"), at("10:30"), "101"),
        ("Malam keakraban & musik", at("22:00"), at("01:30", "2021-02-26"), "Aula"),
        ("Istirahat", at("12:00", "2021-02-26"), at("13:00", "2021-02-26"), "101"),
    ]
    panel, night, pause = listed.items
    assert (panel.code, panel.track, panel.kind) == ("XKQ3ZT", "Data", Kind.PANEL)
    assert panel.speakers == ("Kepala Bappeda Provinsi Papua",)
    assert panel.abstract == "Bagaimana 34 provinsi berbagi peta."
    assert (night.speakers, night.abstract, pause.kind) == ((), "", Kind.BREAK)
    assert {item.time_zone for item in listed.items} == {"Asia/Jakarta"}
    assert (listed.seats, listed.faulty) == ({"101": 40}, [])


def test_a_frab_file_without_zone_demands_one() -> None:
    with pytest.raises(Invalid) as refused:
        read("frab.xml")

    assert [fault.field for fault in refused.value.fields] == ["zone"]


def test_frab_tells_nights_under_their_day_and_two_events_with_one_guid() -> None:
    listed = read("frab.xml", JAKARTA)

    assert [told(item) for item in listed.items] == [
        ("Membuka jaringan", at("10:00"), at("10:45"), "1"),
        ("Pertunjukan cahaya", at("23:30"), at("00:45", "2021-02-26"), "1"),
        ("Penutup malam", at("00:45", "2021-02-26"), at("01:15", "2021-02-26"), "1"),
        ("Lokakarya dengan guid yang sama", at("10:00"), at("10:45"), "2"),
    ]
    first, *_, last = listed.items
    assert first.abstract == "Untuk siapa saja.\n\n- Satu\n- Dua"
    assert first.speakers == ("Kepala Dinas Komunikasi dan Informatika",)
    assert (last.speakers, first.origin == last.origin) == ((), False)
    assert listed.faulty == []


def test_indico_ends_lines_with_line_feeds_and_repeats_titles() -> None:
    listed = read("indico.ics")

    assert [told(item) for item in listed.items] == [
        ("Rapat tim data", at("09:00"), at("10:30"), "503/1-001 - Council Chamber"),
        ("Rapat tim data", at("09:00", "2021-02-26"), at("10:30", "2021-02-26"), ""),
    ]
    assert listed.items[0].abstract == (
        "Speakers: Kepala Bagian Perencanaan\n\nPembahasan data dasar.\n\n"
        "https://indico.example.org/event/7/contributions/31/"
    )


def test_google_repeats_leaves_out_cancels_and_fills_whole_days() -> None:
    listed = read("google.ics", JAKARTA)

    assert [(*told(item), item.cancelled) for item in listed.items] == [
        ("Apel pagi", at("07:00"), at("07:30"), "Ruang Mawar, Jl. Contoh 1, Makassar", False),
        ("Kunjungan lapangan", at("03:00", "2021-02-26"), at("03:00", "2021-02-27"), "", False),
        ("Rapat yang batal", at("17:00"), at("18:00"), "", True),
    ]
    morning = listed.items[0]
    assert morning.abstract.startswith("Tautan: masuk\nHarap tepat waktu.")
    assert morning.time_zone == "Asia/Makassar"


def test_outlook_begins_with_a_mark_names_windows_zones_and_shares_uids() -> None:
    listed = read("outlook.ics")

    assert [told(item) for item in listed.items] == [
        ("Koordinasi, tahap satu", at("09:00"), at("10:00"), "Microsoft Teams Meeting"),
        ("Koordinasi, tahap dua", at("23:00"), at("00:30", "2021-02-26"), "12"),
    ]
    assert len({item.origin for item in listed.items}) == 2
    # "SE Asia" is Bangkok's to Windows; the moment counts, and the session is told in the event's zone.
    assert {item.time_zone for item in listed.items} == {""}


def test_an_offices_sheet_has_a_heading_letters_behind_times_and_an_open_end() -> None:
    listed = read("jadwal.csv")

    assert [told(item) for item in listed.items] == [
        ("Registrasi", at("08:00"), at("09:00"), "Lobi"),
        ("Pembukaan", at("09:00"), at("10:30"), "101"),
        ("Ramah tamah", at("21:00"), at("00:30", "2021-02-26"), "101"),
    ]
    assert [(fault.row, fault.field) for fault in listed.faulty] == [(7, "ends_at")]
    assert listed.items[1].speakers == ("Kepala Bappeda Provinsi Papua, M.Si.",)
