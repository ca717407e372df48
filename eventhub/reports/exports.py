"""An attendance report as a file: XLSX with a sheet each for sessions and delegations, CSV, or PDF."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.participants.sheets import Cell, Sheet, write_csv, write_xlsx
from eventhub.wording import Text, render, say

from .model import Count, DelegationFigures, Report
from .pdf import write_pdf

Format = Literal["csv", "xlsx", "pdf"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "pdf")
WAYS = (say("On site"), say("Meeting"), say("Stream"))
STEPS = (say("Invited"), say("Present"), say("Attended"))


async def export_report(report: Report, event: Event, form: Format, reader: Reader) -> bytes:
    """Return a report in the reader's language, made in a thread."""
    sheets = [
        _sessions(report, event, reader),
        _delegations(report.delegations, say("Delegations"), say("Delegation"), reader),
    ]
    if report.provinces:
        sheets.append(_delegations(report.provinces, say("Provinces"), say("Province"), reader))
    if form == "xlsx":
        return await asyncio.to_thread(write_xlsx, sheets)
    if form == "pdf":
        title = f"{event.title}: {render(say('Attendance'), reader)}"
        return await write_pdf(title, sheets, reader.language)
    return await asyncio.to_thread(_csv, sheets, reader)


def _csv(sheets: Sequence[Sheet], reader: Reader) -> bytes:
    """Return the lists one after the other, told apart by the first column."""
    width = max(len(sheet.header) for sheet in sheets)
    rows: list[list[Cell]] = []
    for sheet in sheets:
        rows.append([*sheet.header, *[None] * (width - len(sheet.header))])
        rows.extend([*row, *[None] * (width - len(row))] for row in sheet.rows)
        rows.append([None] * width)
    header, *rest = rows[:-1]
    return write_csv([str(cell or "") for cell in header], rest)


def _sessions(report: Report, event: Event, reader: Reader) -> Sheet:
    header = [
        _word(say("Session"), reader),
        _word(say("Title"), reader),
        _word(say("Start"), reader),
        *(f"{_word(step, reader)}: {_word(way, reader)}" for step in STEPS for way in WAYS),
    ]
    rows: list[Sequence[Cell]] = [
        (
            each.session.code,
            each.session.title,
            reader.moment(each.session.starts_at, event.zone),
            *_cells(each.invited),
            *_cells(each.present),
            *_cells(each.attended),
        )
        for each in report.sessions
    ]
    return Sheet(_word(say("Sessions"), reader), header, rows)


def _delegations(
    figures: Sequence[DelegationFigures], title: Text, first: Text, reader: Reader
) -> Sheet:
    texts = (first, say("Name"), *STEPS, say("Minutes"))
    rows: list[Sequence[Cell]] = [
        (
            each.delegation.code,
            each.delegation.name,
            each.invited,
            each.present,
            each.attended,
            each.minutes,
        )
        for each in figures
    ]
    header = [_word(text, reader) for text in texts]
    return Sheet(_word(title, reader), header, rows)


def _cells(count: Count) -> tuple[int, int, int]:
    return count.onsite, count.meeting, count.stream


def _word(text: Text, reader: Reader) -> str:
    return render(text, reader)
