"""The list of people as a spreadsheet that the import takes back."""

import asyncio
from collections.abc import Sequence

from eventhub.language import Reader
from eventhub.wording import Text, render, say

from .model import Participant
from .sheets import Cell, Sheet, write_csv, write_xlsx

COLUMNS: tuple[tuple[str, Text], ...] = (
    ("name", say("Name")),
    ("position", say("Position")),
    ("office", say("Delegation")),
    ("above", say("Province")),
    ("email", say("E-mail")),
    ("phone", say("Phone")),
    ("attendance", say("Attendance")),
    ("language", say("Language")),
    ("in_place_of", say("In place of")),
)
CONTACTS = frozenset({"email", "phone"})
WAYS = {"onsite": say("On site"), "meeting": say("Meeting"), "stream": say("Stream")}

Listed = tuple[Participant, str, str | None]


async def export_people(
    people: Sequence[Listed], form: str, reader: Reader, *, contacts: bool
) -> bytes:
    """Return people as `csv` or `xlsx` in the reader's language, in a thread; contacts only where allowed."""
    columns = [(name, text) for name, text in COLUMNS if contacts or name not in CONTACTS]
    header = [render(text, reader) for _, text in columns]
    ways = {way: render(text, reader) for way, text in WAYS.items()}
    rows = [_row(listed, [name for name, _ in columns], ways) for listed in people]
    if form == "csv":
        return await asyncio.to_thread(write_csv, header, rows)
    title = render(say("Participants"), reader)
    return await asyncio.to_thread(write_xlsx, [Sheet(title, header, rows)])


def _row(listed: Listed, names: Sequence[str], ways: dict[str, str]) -> list[Cell]:
    person, office, above = listed
    values: dict[str, Cell] = {
        "name": person.name,
        "position": person.position,
        "office": office,
        "above": above,
        "email": person.email,
        "phone": person.phone,
        "attendance": ways[person.attendance],
        "language": person.language,
        "in_place_of": person.in_place_of,
    }
    return [values[name] for name in names]
