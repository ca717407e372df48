"""CSV and XLSX uploads become rows of text; what is neither is refused by name."""

import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from eventhub.errors import Refusal, TooLarge, Unreadable
from eventhub.participants.spreadsheet import Row, bare, guarded, read_spreadsheet


def workbook(rows: dict[tuple[int, int], object]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for (row, column), value in rows.items():
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, moment)
        elif isinstance(value, float):
            sheet.write_number(row, column, value)
        else:
            sheet.write_string(row, column, str(value))
    book.close()
    return buffer.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """Return a workbook with parts put in or replaced; "__" in a name stands for "/"."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    whole |= {name.replace("__", "/") + ".xml": part for name, part in parts.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in whole.items():
            archive.writestr(name, part)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_csv_file_of_any_spreadsheet_program_is_read(
    encoding: str, delimiter: str, newline: str
) -> None:
    lines = [["Nama", "Jabatan"], ["André", '"Kepala\nBidang"'], [], ["Sekda", "x"]]
    text = newline.join(delimiter.join(line) for line in lines)

    rows = read_spreadsheet(text.encode(encoding))

    assert rows == [
        Row(1, ("Nama", "Jabatan")),
        Row(2, ("André", "Kepala\nBidang")),
        Row(4, ("Sekda", "x")),
    ]


def test_a_first_line_that_declares_the_delimiter_is_no_row() -> None:
    assert read_spreadsheet(b"sep=;\r\nnama;a,b,c\r\n") == [Row(1, ("nama", "a,b,c"))]


def test_a_workbook_is_read_with_the_row_numbers_it_shows() -> None:
    content = workbook(
        {
            (2, 1): "Nama",
            (3, 1): 8.12e9,
            (3, 2): 36.5,
            (3, 3): datetime(2021, 2, 25, 8, 30),  # noqa: DTZ001 -- a sheet knows no zone  # noqa: DTZ001 -- a cell has no zone
            (5, 1): "x",
        }
    )

    assert read_spreadsheet(content) == [
        Row(3, ("", "Nama", "", "")),
        Row(4, ("", "8120000000", "36.5", "2021-02-25T08:30:00")),
        Row(6, ("", "x", "", "")),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n\r\n", "The file is empty."),
        (b",,\n,,\n", "The file is empty."),
        (workbook({}), "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00", "This is a picture, not a spreadsheet."),
        (b"\xff\xd8\xff\xe0", "This is a picture, not a spreadsheet."),
        (b"%PDF-1.7", "This is a PDF document, not a spreadsheet."),
        (b"<html><table><tr><td>nama</td></tr></table>", "This is a web page, not a spreadsheet."),
        (b"<?xml version='1.0'?><Workbook/>", "This is an XML document, not a spreadsheet."),
        (b"PK\x03\x04 broken", "The workbook is broken."),
        (workbook({(0, 0): "nama"})[:-40], "The workbook is broken."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 biff", "This is a workbook of an old form (.xls)."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "The workbook is protected by a password.",
        ),
        (b"nama,\x00\x01\x02", "The file is no text."),
        (b"\xff\xfea", "The file is no text."),
        (b'"' + b"a" * 200_000, "The CSV file is broken"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_name(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_spreadsheet(content)

    assert str(refusal.value).startswith(sentence)


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("letter.txt", "hello")

    with pytest.raises(Unreadable, match="This is an archive, but no XLSX workbook"):
        read_spreadsheet(buffer.getvalue())


def test_an_open_document_sheet_is_refused_by_name() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")

    with pytest.raises(Unreadable, match="This is an OpenDocument file"):
        read_spreadsheet(buffer.getvalue())


def test_a_workbook_that_would_unpack_to_more_than_200_mb_is_refused() -> None:
    content = repacked(workbook({(0, 0): "nama"}), xl__extra=b"0" * 200_000_001)

    with pytest.raises(TooLarge, match="larger than 200 MB when unpacked"):
        read_spreadsheet(content)


def test_two_cells_in_far_corners_do_not_fill_the_memory() -> None:
    content = workbook({(0, 0): "nama", (1_048_575, 16_383): "x"})

    with pytest.raises(TooLarge, match="The sheet has more than 20000 rows"):
        read_spreadsheet(content)


def test_more_rows_columns_or_bytes_than_the_limits_are_refused() -> None:
    for content in (b"a\n" * 20_001, b"," * 200, workbook({(0, 200): "x"}), b"a" * 20_000_001):
        with pytest.raises(TooLarge):
            read_spreadsheet(content)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"nama,surel\n", b"\xff\xfe", b"<"]),
)
def test_no_bytes_break_the_reader(content: bytes, start: bytes) -> None:
    try:
        rows = read_spreadsheet(start + content)
    except Refusal:
        return

    assert all(row.number >= 1 and any(row.cells) for row in rows)


@given(st.text(st.sampled_from("'=+-@ab\t"), max_size=6))
def test_a_guarded_text_is_no_formula_and_comes_back_bare(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert bare(guarded(text)) == text
