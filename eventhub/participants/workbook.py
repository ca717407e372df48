"""Reads XLSX workbooks. The only module that imports python_calamine.

A workbook is a zip of XML. What it would grow to is measured before the reader unpacks it, because
the reader keeps a sheet as a full rectangle: two cells in far corners would fill the memory.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from eventhub.errors import TooLarge, Unreadable
from eventhub.wording import say

MAX_UNPACKED = 200_000_000
MAX_TEXT = 100_000_000
MAX_PARTS = 2_000
CHUNK = 1 << 16
# What zipfile and expat raise on bytes that are not what they say: LookupError for an unknown encoding.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    LookupError,
    OSError,
    expat.ExpatError,
)


def read_xlsx(
    content: bytes, *, max_rows: int, max_columns: int
) -> Iterator[tuple[int, Iterable[object]]]:
    """Yield number (from 1) and cells of each row of the first visible sheet.

    Raises Unreadable when this is no workbook, TooLarge beyond 200 MB unpacked or the limits given.
    """
    _measure(content, max_rows, max_columns)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        if not names:
            raise Unreadable(say("The workbook has no visible sheet."))
        rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise _protected() from error
    except (CalamineError, OSError, ValueError) as error:
        raise _broken() from error
    yield from enumerate(rows, start=1)


def _measure(content: bytes, max_rows: int, max_columns: int) -> None:
    """Unpack every part piece by piece, keeping nothing, and refuse what would grow too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _measure_parts(archive, (max_rows, max_columns))
    except BROKEN as error:
        raise _broken() from error
    except RuntimeError as error:
        # zipfile says so when a member is encrypted.
        raise _protected() from error


def _broken() -> Unreadable:
    return Unreadable(say("The workbook is broken. Save it again as XLSX or CSV and try again."))


def _protected() -> Unreadable:
    return Unreadable(
        say("The workbook is protected by a password. Save it without one and try again.")
    )


def _measure_parts(archive: zipfile.ZipFile, limits: tuple[int, int]) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise TooLarge(say("The workbook is larger than 200 MB when unpacked."))
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise _other_archive(names)
    strings: list[int] = []
    for root in ("sst", "worksheet"):
        for part in parts:
            gauge = _Gauge((part.filename, root), strings, limits)
            with archive.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    gauge.feed(chunk)


def _other_archive(names: set[str]) -> Unreadable:
    if "mimetype" in names and "content.xml" in names:
        return Unreadable(
            say("This is an OpenDocument file. Save it as XLSX or CSV and try again.")
        )
    if "xl/workbook.bin" in names:
        return Unreadable(
            say("This is a binary workbook (.xlsb). Save it as XLSX or CSV and try again.")
        )
    for part, program in (("word/document.xml", "Word"), ("ppt/presentation.xml", "PowerPoint")):
        if part in names:
            return Unreadable(
                say(
                    "This is a document of {program}. Put its table into a sheet and save that as XLSX or CSV.",
                    program=program,
                )
            )
    return Unreadable(
        say("This is an archive, but no XLSX workbook. Save it as XLSX or CSV and try again.")
    )


class _Gauge:
    """Measures one XML part, if its root is the one asked for: lengths of shared strings, or a sheet's extent."""

    def __init__(self, part: tuple[str, str], strings: list[int], limits: tuple[int, int]) -> None:
        name, self._root = part
        self._is_xml = name.endswith(".xml")
        self._strings = strings
        self._max_rows, self._max_columns = limits
        self._row = self._column = self._depth = self._text = 0
        self._shared = self._in_value = False
        self._value = ""
        self._parser: expat.XMLParserType | None = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; parts with another root, or that are no XML at all, are passed over."""
        if self._parser is None:
            return
        try:
            self._parser.Parse(chunk)
        except _OtherRoot:
            self._parser = None
        except expat.ExpatError:
            if self._depth or self._is_xml:
                raise
            self._parser = None

    def _refuse_doctype(self, *_: object) -> None:
        raise _broken()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._depth and local != self._root:
            raise _OtherRoot
        self._depth += 1
        if local == "si":
            self._strings.append(0)
        elif local == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif local == "c":
            self._column += 1
            if "r" in attributes:
                self._row, self._column = _place(attributes["r"])
            self._shared = attributes.get("t") == "s"
        elif local in {"v", "is", "f"}:
            self._take_cell(local)

    def _take_cell(self, local: str) -> None:
        if self._row > self._max_rows:
            raise TooLarge(say("The sheet has more than {limit} rows.", limit=self._max_rows))
        if self._column > self._max_columns:
            raise TooLarge(say("The sheet has more than {limit} columns.", limit=self._max_columns))
        self._in_value = self._shared and local == "v"
        self._value = ""

    def _characters(self, text: str) -> None:
        if self._root == "sst":
            if self._strings:
                self._strings[-1] += len(text)
        elif self._in_value:
            self._value += text

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._in_value and name.rpartition(" ")[2] == "v":
            self._in_value = False
            index = int(self._value)
            self._text += self._strings[index] if 0 <= index < len(self._strings) else 0
            if self._text > MAX_TEXT:
                raise TooLarge(say("The workbook is larger than 200 MB when unpacked."))


class _OtherRoot(Exception):
    """The part is not one that is measured."""


def _place(reference: str) -> tuple[int, int]:
    """Return row and column of a cell reference, from 1: "AB12" is 12, 28."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]), column
