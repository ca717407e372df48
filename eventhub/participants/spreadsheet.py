"""Reads an uploaded CSV or XLSX file into rows of text, and names what it is instead when it is neither.

Blocks while it reads, so callers run it in a thread.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from eventhub.errors import TooLarge, Unreadable
from eventhub.wording import Text, say

from . import workbook

MAX_BYTES = 20_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
DELIMITERS = ",;\t"
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHERS = (
    (b"\x89PNG", say("a picture")),
    (b"\xff\xd8\xff", say("a picture")),
    (b"GIF8", say("a picture")),
    (b"RIFF", say("a picture")),
    (b"%PDF", say("a PDF document")),
    (b"{\\rtf", say("a text document")),
    (b"\x1f\x8b", say("a compressed archive")),
    (b"Rar!", say("a compressed archive")),
    (b"7z\xbc\xaf", say("a compressed archive")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet program shows it (from 1), and its cells as text."""

    number: int
    cells: tuple[str, ...]


def read_spreadsheet(content: bytes) -> list[Row]:
    """Return the rows that hold anything, of the first visible sheet.

    Raises Unreadable when the content is not what it should be, TooLarge beyond a limit.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(say("The file is larger than 20 MB. Split it and import the parts."))
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(say("The file is empty."))
    if content.startswith(b"PK"):
        numbered = workbook.read_xlsx(content, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)
    else:
        _refuse_other_formats(content)
        numbered = _read_csv(decode_text(content))
    rows = [Row(number, tuple(map(_text, cells))) for number, cells in numbered]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise Unreadable(say("The file is empty."))
    return rows


def decode_text(content: bytes) -> str:
    """Return the text of a file saved by any spreadsheet program: UTF-8, UTF-16 (by its mark) or Windows-1252."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in content or error.encoding != "utf-8":
            raise Unreadable(
                say("The file is no text. Save it as CSV or XLSX and try again.")
            ) from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable(
            say("The file is no text. Save it as CSV or XLSX and try again.")
        ) from error


def _refuse_other_formats(content: bytes) -> None:
    if content.startswith(COMPOUND_FILE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable(
                say("The workbook is protected by a password. Save it without one and try again.")
            )
        raise Unreadable(
            say("This is a workbook of an old form (.xls). Save it as XLSX or CSV and try again.")
        )
    for mark, what in OTHERS:
        if content.startswith(mark):
            raise _not_a_sheet(what)
    start = decode_text(content[:2000]).lstrip().lower() if b"<" in content[:200] else ""
    if re.match(r"<(!doctype html|html|head|body|table|meta)\b", start):
        raise _not_a_sheet(say("a web page"))
    if start.startswith("<?xml"):
        raise _not_a_sheet(say("an XML document"))


def _not_a_sheet(what: Text) -> Unreadable:
    return Unreadable(
        say("This is {what}, not a spreadsheet. Save it as XLSX or CSV and try again.", what=what)
    )


def _read_csv(text: str) -> Iterator[tuple[int, Iterable[object]]]:
    if "\x00" in text:
        raise Unreadable(say("The file is no text. Save it as CSV or XLSX and try again."))
    # Excel takes a first line `sep=;` as the delimiter and does not show it as a row.
    declared = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if declared:
        text = text[declared.end() :]
    delimiter = declared.group(1) if declared else _delimiter(text)
    # The reader would take everything after a lone quotation mark as one cell and lose its rows.
    if text.count('"') % 2:
        raise Unreadable(say("The CSV file is broken: a quotation mark may lack its partner."))
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1
        ):
            if number > MAX_ROWS:
                raise TooLarge(say("The sheet has more than {limit} rows.", limit=MAX_ROWS))
            if len(cells) > MAX_COLUMNS:
                raise TooLarge(say("The sheet has more than {limit} columns.", limit=MAX_COLUMNS))
            yield number, cells
    except csv.Error as error:
        raise Unreadable(
            say("The CSV file is broken: a quotation mark may lack its partner.")
        ) from error


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most cells."""
    sample = text.lstrip()[:8000]
    head = sample.splitlines()[:20]
    return max(
        DELIMITERS, key=lambda mark: max((len(_cut(line, mark)) for line in head), default=0)
    )


def _cut(line: str, delimiter: str) -> list[str]:
    return re.sub(r'"[^"]*"', "", line).split(delimiter)


def _text(cell: object) -> str:
    """Return a cell as text: whole numbers without a fraction, moments in ISO 8601, a guarded formula bare."""
    match cell:
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return bare(str(cell).strip(" \t\r\n\u00a0"))


def bare(text: str) -> str:
    """Take off the `'` that keeps a text from being a formula; the export puts it on."""
    if text.startswith("'") and text.lstrip("'").startswith(FORMULA_MARKS):
        return text[1:]
    return text


def guarded(text: str) -> str:
    """Put a `'` before a text that a spreadsheet program would take for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_MARKS) else text
