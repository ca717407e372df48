"""A programme as a sheet: columns in two languages, days and times as people write them."""

import io
import zipfile
from datetime import UTC, datetime, time

import pytest
import xlsxwriter

from eventhub.errors import Invalid, Refusal, TooLarge, Unreadable
from eventhub.sessions.exchange.item import Frame, Item, Listed
from eventhub.sessions.exchange.reading import read_file
from eventhub.sessions.model import Format, Kind
from tests import make

FRAME = Frame("", time(4, 0), datetime(2021, 3, 10, 21, tzinfo=UTC))
JAKARTA = Frame("Asia/Jakarta", FRAME.day_starts_at, FRAME.until)


def read(text: str, frame: Frame = JAKARTA) -> Listed:
    """Read a CSV file."""
    return read_file(text.encode(), frame)


def only(listed: Listed) -> Item:
    """Return the one session of a file without faults."""
    assert listed.faulty == []
    (item,) = listed.items
    return item


def test_an_indonesian_rundown_is_read_with_its_zone_letters() -> None:
    item = only(
        read(
            "No;Hari/Tanggal;Waktu;Acara;Ruangan;Narasumber\n"
            '1;Kamis, 25 Februari 2021;09.00 - 10.30 WIT;Pembukaan;Ruang 1;"Gubernur Papua, S.E.; Kepala Bappeda"\n',
            FRAME,
        )
    )

    assert item == Item(
        row=2,
        title="Pembukaan",
        starts_at=make.at("07:00"),
        ends_at=make.at("08:30"),
        time_zone="Asia/Jayapura",
        room="Ruang 1",
        speakers=("Gubernur Papua, S.E.", "Kepala Bappeda"),
    )


def test_our_own_columns_are_read_by_their_names() -> None:
    item = only(
        read(
            "code,title,kind,format,track,starts_at,ends_at,time_zone,room,building,stream,speakers,state,abstract,meeting_url\n"
            "desk-1,Desk,desk,hybrid,Air,2021-02-25T09:00+07:00,2021-02-25T10:00+07:00,Asia/Jakarta,A,Gedung C,yes,,"
            "cancelled,Uraian,https://meet.example.org/a\n",
            FRAME,
        )
    )

    assert item == Item(
        row=2,
        title="Desk",
        starts_at=make.at("09:00"),
        ends_at=make.at("10:00"),
        code="desk-1",
        abstract="Uraian",
        kind=Kind.DESK,
        format=Format.HYBRID,
        time_zone="Asia/Jakarta",
        room="A",
        building="Gedung C",
        meeting_url="https://meet.example.org/a",
        stream=True,
        track="Air",
        cancelled=True,
    )


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2021-02-25", "09:00", "10:00"),
        ("25/02/2021", "9.00", "10.00"),
        ("25-02-2021", "09:00 WIB", "10:00 WIB"),
        ("25 Feb 2021", "9:00 AM", "10:00 am"),
        ("February 25, 2021", "09:00:00", "10:00:00"),
        ("Kamis, 25 Pebruari 2021", "09.00", "10.00"),
        ("", "2021-02-25 09:00", "2021-02-25 10:00"),
        ("", "25 Februari 2021 pukul 09.00", "10.00"),
        ("", "2021-02-25T02:00:00Z", "2021-02-25T03:00:00Z"),
    ],
)
def test_days_and_times_are_read_as_people_write_them(day: str, start: str, end: str) -> None:
    item = only(read(f"Judul;Tanggal;Mulai;Selesai;Ruang\nSidang;{day};{start};{end};A\n"))

    assert (item.starts_at, item.ends_at) == (make.at("09:00"), make.at("10:00"))


def test_one_impossible_month_shows_that_months_come_first() -> None:
    listed = read(
        "title,date,start,end,room\nA,02/03/2021,09:00,10:00,X\nB,02/25/2021,09:00,10:00,X\n"
    )

    assert [item.starts_at for item in listed.items] == [
        make.at("09:00", "2021-02-03"),
        make.at("09:00"),
    ]


def test_a_session_that_ends_before_it_starts_ends_on_the_next_day() -> None:
    item = only(read("title,date,start,end,room\nGala,2021-02-25,22:00,01:30,Aula\n"))

    assert item.ends_at == make.at("01:30", "2021-02-26")


def test_a_duration_stands_for_the_end() -> None:
    item = only(read("title,date,start,duration,room\nSidang,2021-02-25,09:00,1:00:00,A\n"))

    assert item.ends_at == make.at("10:00")


def test_moments_and_numbered_rooms_of_a_workbook_are_read() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_row(0, 0, ["Judul", "Mulai", "Selesai", "Ruang"])
        sheet.write_string(1, 0, "Sidang")
        sheet.write_datetime(1, 1, datetime.fromisoformat("2021-02-25T09:00"), moment)
        sheet.write_datetime(1, 2, datetime.fromisoformat("2021-02-25T10:00"), moment)
        sheet.write_number(1, 3, 3)

    item = only(read_file(buffer.getvalue(), JAKARTA))

    assert (item.starts_at, item.room) == (make.at("09:00"), "3")


def test_html_in_an_abstract_becomes_the_text_a_reader_would_see() -> None:
    item = only(
        read(
            "title,date,start,end,room,abstract\n"
            'A &amp; B,2021-02-25,09:00,10:00,X,"<p>Satu&nbsp;<b>dua</b></p><script>alert(1)</script>'
            '<ul><li>tiga</li></ul><img src=x onerror=alert(1)>"\n'
        )
    )

    assert (item.title, item.abstract) == ("A & B", "Satu dua\n\n- tiga")


def test_faulty_rows_are_named_as_the_sheet_shows_them_and_stop_no_others() -> None:
    listed = read(
        "code,title,date,start,end,room,format,zone\n"
        "a,A,2021-02-25,09:00,10:00,X,,\n"
        ",,2021-02-25,09:00,10:00,X,,\n"
        "\n"
        "c,C,tomorrow,09:00,10:00,X,,\n"
        "d,D,2021-02-25,late,10:00,X,,\n"
        "e e,E,2021-02-25,09:00,10:00,X,,\n"
        "f,F,2021-02-25,09:00,09:00,X,,\n"
        "g,G,2021-02-25,09:00,10:00,X,sometimes,\n"
        "h,H,2021-02-25,09:00,10:00,X,,Mars/Olympus\n"
        "i,I,2021-02-25,09:00,,X,,\n"
        f"j,{'J' * 201},2021-02-25,09:00,10:00,X,,\n"
    )

    assert [item.title for item in listed.items] == ["A"]
    assert [(fault.row, fault.field) for fault in listed.faulty] == [
        (3, "title"),
        (5, "starts_at"),
        (6, "starts_at"),
        (7, "code"),
        (8, "ends_at"),
        (9, "format"),
        (10, "time_zone"),
        (11, "ends_at"),
        (12, "title"),
    ]


def test_the_zone_is_demanded_where_nothing_tells_it() -> None:
    with pytest.raises(Invalid) as refused:
        read("title,date,start,end\nA,2021-02-25,09:00,10:00\n", FRAME)

    assert [fault.field for fault in refused.value.fields] == ["zone"]
    assert "--zone" in str(refused.value)


def zipped(*names: str) -> bytes:
    """Make an archive of files, as the programs of an office do."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "error", "named"),
    [
        (b"", Unreadable, "empty"),
        (b"%PDF-1.7", Unreadable, "PDF"),
        (b"\x89PNG\r\n", Unreadable, "picture"),
        (b"\xff\xd8\xff\xe0JFIF", Unreadable, "picture"),
        (zipped("word/document.xml"), Unreadable, "Word"),
        (zipped("ppt/presentation.xml"), Unreadable, "PowerPoint"),
        (zipped("mimetype", "content.xml"), Unreadable, "OpenDocument"),
        (zipped("jadwal.txt"), Unreadable, "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Unreadable, ".xls"),
        (b"\x1f\x8b\x08", Unreadable, "compressed"),
        (b"{\\rtf1", Unreadable, "text document"),
        (b"\x00\x01\x02\x03" * 9, Unreadable, "no text"),
        (b" \r\n\t\n", Unreadable, "empty"),
        (b"<!doctype html><p>Jadwal", Unreadable, "web page"),
        (b"\xef\xbb\xbf\n<HTML><body>Jadwal", Unreadable, "web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Unreadable, "svg"),
        (b"BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR\n", Unreadable, "VEVENT"),
        (b'{"type": "FeatureCollection", "features": []}', Unreadable, "JSON"),
        (b"null", Invalid, "title"),
        (b"BEGIN:VCARD\r\nFN:A\r\nEND:VCARD", Unreadable, "vcard"),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", Unreadable, "VEVENT"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", Unreadable, "calendar"),
        (b'{"results": []}', Unreadable, "JSON"),
        (b"[" * 100_000, Unreadable, "JSON"),
        (b'{"schedule": {"conference": {"days": []}}}', Unreadable, "no session"),
        (b"<rss><channel/></rss>", Unreadable, "rss"),
        (b"<schedule><day>", Unreadable, "broken"),
        (b"<schedule><version/></schedule>", Unreadable, "schedule"),
        (b"name,email\nA,a@example.org\n", Invalid, "title"),
        (b"title,room\nA,B\n", Invalid, "time"),
        (b"title,start,end\n", Unreadable, "no session"),
        (b"a" * 20_000_001, TooLarge, "20 MB"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_name(
    content: bytes, error: type[Refusal], named: str
) -> None:
    with pytest.raises(error) as refused:
        read_file(content, JAKARTA)

    assert named in str(refused.value)
