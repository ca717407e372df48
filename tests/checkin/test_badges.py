"""Badges on paper: everybody on site, with a code that the scanner reads."""

import asyncio
import io
import json
from pathlib import Path

import pytest
import typst
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from eventhub.checkin import actions, sheets
from eventhub.cli import main
from eventhub.db.engine import Database
from eventhub.events.model import Attendance
from eventhub.language import Reader, zone_of
from tests import make
from tests.checkin import gate

SECRET = "a secret that lives as long as one test"
LONG = "Dinas Pengendalian Penduduk dan Keluarga Berencana Provinsi Kepulauan Bangka Belitung"


def drawn(badges: list[sheets.Badge]) -> Image.Image:
    """Set the first page as a picture, through the very data that the PDF is made of."""
    data = sheets.data_of(make.event(), badges, Reader("id", zone_of("Asia/Jakarta")))
    picture = typst.compile(
        sheets.SOURCE.encode(),
        format="png",
        ppi=200.0,
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True,
    )
    assert isinstance(picture, bytes)
    return Image.open(io.BytesIO(picture))


async def test_eight_badges_with_long_names_stand_on_a_page_and_their_codes_are_read(
    database: Database,
) -> None:
    hall = await gate.built(database, people=8)
    badges = [
        sheets.Badge(f"Kepala {LONG}", f"Kepala {LONG} #panic() $x$", LONG, text)
        for text in hall.texts.values()
    ]

    page = drawn(badges)

    read = {code.text for code in zxingcpp.read_barcodes(page.convert("L"))}
    assert read == set(hall.texts.values())


async def test_badges_are_those_of_who_attends_on_site(database: Database) -> None:
    abroad = make.participant(9, attendance=Attendance.STREAM)
    other = make.participant(10, delegation_id=2, name="Kepala Biro")
    hall = await gate.built(database, people=1, things=(abroad, other))
    async with database.transaction() as tx:
        waiting = await sheets.list_without_ticket(tx, 1, sheets.EVERYBODY)
        await actions.issue_tickets(tx, hall.event, waiting, secrets=gate.SECRETS, at=hall.now)
        everybody = await sheets.read_badges(tx, hall.event, sheets.EVERYBODY, secrets=gate.SECRETS)
        office = await sheets.read_badges(
            tx, hall.event, sheets.Whose("office-2"), secrets=gate.SECRETS
        )
        person = await sheets.read_badges(
            tx, hall.event, sheets.Whose(participant_id=1), secrets=gate.SECRETS
        )
        offices = await sheets.list_offices(tx, 1)

    assert waiting == [10]
    assert [(b.name, b.delegation) for b in everybody] == [
        ("Kepala Bappeda Provinsi 1", "Bappeda Provinsi 1"),
        ("Kepala Biro", "Bappeda Provinsi 2"),
    ]
    assert (everybody[0].ticket, office, person) == (hall.texts[1], everybody[1:], everybody[:1])
    assert offices == [
        ("office-1", "Bappeda Provinsi 1", 1),
        ("office-2", "Bappeda Provinsi 2", 1),
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_command_writes_a_pdf_or_says_why_not(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await gate.built(database)
    await database.close()
    environment = {"EVENTHUB_DATABASE_URL": database_url, "EVENTHUB_SECRET": SECRET}

    async def badges(*more: str) -> tuple[int, str, str]:
        command = ["--data", str(tmp_path), "badges", "--event", "rakortek", *more]
        done = await asyncio.to_thread(CliRunner(env=environment).invoke, main, command)
        return done.exit_code, done.stdout, done.stderr

    file = f"{tmp_path}/badges.pdf"
    written = await badges("-o", file)
    nobody = await badges("-o", file, "--delegation", "office-2")
    unknown = await badges("-o", file, "--delegation", "nowhere")
    nowhere = await badges("-o", f"{tmp_path}/no/such/folder.pdf")

    assert written == (0, f"{file}: 3 badges.\n", "")
    assert nobody == (1, "", "Nobody attends on site, so there are no badges to write.\n")
    assert unknown == (1, "", "There is no delegation nowhere.\n")
    assert (nowhere[0], "cannot be written" in nowhere[2]) == (1, True)
    assert Path(file).read_bytes()[:5] == b"%PDF-"  # noqa: ASYNC240 -- nobody waits for a test
