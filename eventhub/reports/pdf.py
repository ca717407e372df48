"""An attendance report on paper: a table for the sessions and one for the delegations, their heads repeated."""

from collections.abc import Sequence

from eventhub.participants.sheets import Cell, Sheet
from eventhub.participants.typesetting import typeset

SOURCE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set page(paper: "a4", flipped: true, margin: 1.5cm, numbering: "1 / 1")
#set text(size: 8pt, lang: data.language)
#show heading.where(level: 1): set text(size: 14pt)
#show heading.where(level: 2): set text(size: 11pt)
= #data.title
#for sheet in data.sheets [
  == #sheet.title
  #table(
    columns: sheet.shares.map(share => if share == 0 { 1.55cm } else { share * 1fr }),
    align: (column, row) => if sheet.shares.at(column) == 0 { right } else { left },
    stroke: (x, y) => (bottom: 0.4pt + luma(200)),
    inset: (x: 3pt, y: 2.5pt),
    table.header(..sheet.header.map(cell => strong(cell))),
    ..sheet.rows.flatten(),
  )
]
"""


async def write_pdf(title: str, sheets: Sequence[Sheet], language: str) -> bytes:
    """Return sheets as tables of a landscape A4 document."""
    return await typeset(
        SOURCE,
        {"title": title, "language": language, "sheets": [_table(sheet) for sheet in sheets]},
    )


def _table(sheet: Sheet) -> dict[str, object]:
    return {
        "title": sheet.title,
        "header": list(sheet.header),
        "shares": [_share([row[i] for row in sheet.rows]) for i in range(len(sheet.header))],
        "rows": [["" if cell is None else str(cell) for cell in row] for row in sheet.rows],
    }


def _share(cells: Sequence[Cell]) -> int:
    """Return a column's share of the width by its longer texts; 0 for numbers, whose width is fixed."""
    if cells and all(isinstance(cell, int | float) for cell in cells):
        return 0
    lengths = sorted(len(str(cell or "")) for cell in cells) or [1]
    return min(max(lengths[len(lengths) * 9 // 10], 8), 40)
