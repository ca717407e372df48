"""Attendance on pages, as files and from the command line, on both engines."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from eventhub.cli import main
from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.participants.spreadsheet import read_spreadsheet
from tests import make
from tests.callers import Client, signed_in
from tests.reports import world

HERE = "/manage/rakortek/reports"


async def shown(client: Client, path: str) -> str:
    answer = await client.get(path)
    assert answer.status == 200, await answer.text()
    return " ".join((await answer.text()).split())


async def test_each_session_of_the_day_shows_how_many_came_of_how_many(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)
    async with database.transaction() as tx:
        await world.visited(tx, 1, make.at("08:40"), make.at("09:20"))
        await world.watched(tx, 3, make.at("09:00"), make.at("09:05"), "meeting")
    await signed_in(client, installation, "viewer")

    today = await shown(client, f"{HERE}?lang=en")
    other = await shown(client, f"{HERE}?lang=en&day=2021-02-26")
    every = await shown(client, f"{HERE}?lang=en&day=all")
    strange = await shown(client, f"{HERE}?lang=en&day=never&start=x")

    assert ("1 of 1" in today, "1 of 2" in today, "0 of 1" in today) == (True, True, True)
    assert ("sessions/opening" in today, "sessions/closing" in today) == (True, False)
    assert ("sessions/opening" in other, "sessions/closing" in other) == (False, True)
    assert ("sessions/opening" in every, "sessions/closing" in every) == (True, True)
    assert "sessions/opening" in strange


async def test_a_session_shows_who_was_invited_and_who_came(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)
    await make.stored(database, make.participant(5, name="Tamu", delegation_id=2))
    async with database.transaction() as tx:
        await world.visited(tx, 1, make.at("08:40"), make.at("09:20"))
        await world.watched(tx, 4, make.at("09:00"), make.at("09:02"))
    await signed_in(client, installation, "viewer")

    page = await shown(client, f"{HERE}/sessions/opening?lang=en")
    missing = await client.get(f"{HERE}/sessions/nowhere")

    assert "5 of 5" in page
    assert page.count("Present</span>") == 1
    assert page.count("Attended</span>") - page.count("<span>Attended</span>") == 1
    assert missing.status == 404


async def test_delegations_are_searched_and_paged(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database)
    await make.stored(
        database, *(make.delegation(id, name=f"Dinas {id:03d}") for id in range(10, 62))
    )
    await signed_in(client, installation, "viewer")

    first = await shown(client, f"{HERE}/delegations?lang=en")
    rest = await shown(client, f"{HERE}/delegations?lang=en&start=50")
    found = await shown(client, f"{HERE}/delegations?lang=en&q=papua")
    none = await shown(client, f"{HERE}/delegations?lang=en&q=atlantis")

    assert "50 of 54" in first
    assert ("Dinas 061" in first, "Dinas 061" in rest) == (False, True)
    assert "1 of 1" in found
    assert "No delegation matches" in none


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
async def test_a_report_is_given_as_a_file(
    client: Client, installation: Installation, database: Database, form: str
) -> None:
    await world.stored(database)
    await signed_in(client, installation, "viewer")

    answer = await client.get(f"{HERE}/attendance.{form}?lang=en&day=2021-02-25")
    content = await answer.read()

    assert answer.status == 200
    assert (
        answer.headers["Content-Disposition"]
        == f'attachment; filename="rakortek-attendance-2021-02-25.{form}"'
    )
    if form == "pdf":
        assert content.startswith(b"%PDF-")
    else:
        assert read_spreadsheet(content)[1].cells[0] == "opening"


def test_the_command_writes_what_its_file_is_called(tmp_path: Path) -> None:
    folder = tmp_path
    data = ["--data", str(folder)]
    runner = CliRunner()
    days = ["--starts", "2021-02-25", "--ends", "2021-02-26", "--zone", "Asia/Jakarta"]
    runner.invoke(main, [*data, "events", "add", "rakor", "--title", "Rakor", *days])
    people = folder / "people.csv"
    people.write_text("Nama,Instansi,Surel\nKepala,Bappeda,kepala@example.org\nA,,\n", "utf-8")

    imported = runner.invoke(
        main, [*data, "people", "import", str(people), "--event", "rakor", "--json"]
    )
    again = runner.invoke(main, [*data, "people", "import", str(people), "--event", "rakor"])
    target = folder / "report.csv"
    command = [*data, "report", "attendance", "--event", "rakor", "-o"]
    report = runner.invoke(main, [*command, str(target)])
    refused = runner.invoke(main, [*command, str(folder / "report.doc")])
    unknown = runner.invoke(
        main, [*data, "people", "import", str(people), "--event", "nowhere", "--json"]
    )

    assert (imported.exit_code, json.loads(imported.stdout)) == (
        1,
        {
            "created": 1,
            "updated": 0,
            "unchanged": 0,
            "faulty": [
                {"row": 3, "field": "delegation", "reason": "Write the person's delegation."}
            ],
        },
    )
    assert (again.exit_code, again.stdout) == (
        1,
        "0 created, 0 updated, 1 unchanged, 1 faulty.\n",
    )
    assert (report.exit_code, refused.exit_code) == (0, 2)
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    rows = list(csv.reader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Sesi", "", "Delegasi", "bappeda"]


async def test_the_default_day_is_the_last_that_has_begun(
    client: Client, installation: Installation, database: Database
) -> None:
    await world.stored(database, days=(date(2021, 2, 26), date(2021, 2, 27)))
    await signed_in(client, installation, "viewer")

    page = await shown(client, f"{HERE}?lang=en")

    assert "sessions/closing" in page
