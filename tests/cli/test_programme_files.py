"""`eventhub programme import` and `export`, run as organizers run them."""

import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.running import eventhub

FILE = "title,date,start,end,room\nSatu,2021-02-25,09:00,10:00,A\nDua,2021-02-25,09:30,10:00,A\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a folder with an event."""
    folder = tmp_path / "data"
    made = eventhub(
        folder, "events", "add", "rakor", "--title", "Rakor", "--starts", "2021-02-25", "--ends", "2021-02-26",
        "--zone", "Asia/Jakarta",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


def test_a_programme_comes_in_with_its_conflicts_and_goes_out_again(
    data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "jadwal.csv"
    file.write_text(FILE, "utf-8")
    call = (
        "programme",
        "import",
        str(file),
        "--event",
        "rakor",
        "--zone",
        "Asia/Jakarta",
        "--json",
    )

    tried = eventhub(data, *call, "--dry-run")
    done = eventhub(data, *call)
    again = eventhub(data, *call)

    assert (tried.returncode, done.returncode, tried.stdout) == (0, 0, done.stdout)
    answer = json.loads(done.stdout)
    assert {name: answer[name] for name in ("created", "updated", "unchanged", "faulty")} == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "faulty": [],
    }
    assert [(each["kind"], each["sessions"]) for each in answer["conflicts"]] == [
        ("room", ["dua", "satu"])
    ]
    assert json.loads(again.stdout)["unchanged"] == 2

    target = tmp_path / "keluar.xml"
    out = eventhub(
        data, "programme", "export", "--event", "rakor", "--format", "frab-xml", "--draft", "-o", str(target)
    )  # fmt: skip
    assert (out.returncode, out.stdout, out.stderr) == (0, "", "")
    assert "<title>Satu</title>" in target.read_text("utf-8")
    shown = eventhub(data, "programme", "export", "--event", "rakor", "--format", "ics", "--draft")
    assert shown.stdout.count("BEGIN:VEVENT") == 2


def test_the_draft_is_printed_in_the_language_asked_for(data: Path, tmp_path: Path) -> None:
    file, target = tmp_path / "jadwal.csv", tmp_path / "jadwal.pdf"
    file.write_text(FILE, "utf-8")
    eventhub(data, "programme", "import", str(file), "--event", "rakor", "--zone", "Asia/Jakarta")

    for language, word in (("id", "DRAF"), ("en", "DRAFT")):
        call = ("export", "--event", "rakor", "--format", "pdf", "--draft", "--language", language)
        eventhub(data, "programme", *call, "-o", str(target))
        words = " ".join(page.extract_text() for page in PdfReader(target).pages).split()
        assert word in words


def test_faulty_rows_are_told_and_end_with_one(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "jadwal.csv"
    file.write_text(FILE + "Tiga,2021-02-25,late,10:00,A\n", "utf-8")

    done = eventhub(
        data, "programme", "import", str(file), "--event", "rakor", "--zone", "Asia/Jakarta"
    )

    assert done.returncode == 1
    assert done.stdout == "2 created, 0 updated, 0 unchanged, 1 faulty, 1 conflicts.\n"
    assert "Row 4, starts_at: “late” is no day and time" in done.stderr


@pytest.mark.parametrize(
    ("content", "call", "code", "said"),
    [
        (FILE, ("import", "FILE"), 1, "--zone"),
        (FILE, ("import", "FILE", "--zone", "Asia/Atlantis"), 2, "Asia/Atlantis"),
        ("%PDF-1.7", ("import", "FILE"), 1, "PDF"),
        ("", ("export", "--format", "pdf"), 1, "--draft"),
        ("", ("export", "--format", "ics"), 1, "--draft"),
        ("", ("export", "--format", "csv", "--draft", "-o", "FILE/no"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    data: Path, tmp_path: Path, content: str, call: tuple[str, ...], code: int, said: str
) -> None:
    file = tmp_path / "file"
    file.write_text(content, "utf-8")
    arguments = [part.replace("FILE", str(file)) for part in call]

    done = eventhub(data, "programme", *arguments, "--event", "rakor")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert said in done.stderr
