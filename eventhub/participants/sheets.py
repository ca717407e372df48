"""Writes spreadsheets, CSV and XLSX, in which no text is ever a formula. The only module that imports xlsxwriter.

Blocks while it writes: call it in a thread, on plain values.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

from .spreadsheet import guarded

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_TITLE = 31
MAX_WIDTH = 60

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, its header and its rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return CSV (RFC 4180) in UTF-8 with the mark by which spreadsheet programs know it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([guarded(title) for title in header])
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook; texts are text cells, numbers are numbers."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_title(sheet.title)), sheet, bold)
    return buffer.getvalue()


def _write_sheet(
    page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, bold: xlsxwriter.format.Format
) -> None:
    page.freeze_panes(1, 1)
    for column, title in enumerate(sheet.header):
        page.write_string(0, column, title, bold)
        longest = max((len(str(row[column] or "")) for row in sheet.rows), default=0)
        page.set_column(column, column, min(max(longest, len(title)) + 2, MAX_WIDTH))
    for number, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, column, cell)
            elif cell is not None:
                page.write_number(number, column, cell)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)


def _title(title: str) -> str:
    """Return a sheet's title as Excel allows it: at most 31 characters, none of []:*?/\\."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:MAX_TITLE] or "1"
