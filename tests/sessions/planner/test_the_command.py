"""`eventhub programme plan`, run as organizers run it."""

import json
from pathlib import Path

from tests.cli.running import eventhub

FILE = "code,title,kind,date,start,end,room,track\n" + "".join(
    f"d{n},Desk {n},desk,2021-02-25,09:00,10:00,A,Desk\n" for n in range(3)
)


def test_sessions_on_top_of_each_other_are_planned_and_applied(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "jadwal.csv"
    file.write_text(FILE, "utf-8")
    eventhub(
        data, "events", "add", "rakor", "--title", "Rakor", "--starts", "2021-02-25",
        "--ends", "2021-02-26", "--zone", "Asia/Jakarta",
    )  # fmt: skip
    brought = eventhub(
        data,
        "programme",
        "import",
        str(file),
        "--event",
        "rakor",
        "--zone",
        "Asia/Jakarta",
        "--json",
    )
    assert len(json.loads(brought.stdout)["conflicts"]) == 3

    plan = eventhub(data, "programme", "plan", "--event", "rakor", "--seconds", "5", "--json")
    applied = eventhub(data, "programme", "plan", "--event", "rakor", "--seconds", "5", "--apply")

    found = json.loads(plan.stdout)
    assert (found["applied"], found["unplaced"], found["conflicts"]) == (False, [], [])
    assert len(found["moves"]) + found["kept"] == 3
    assert applied.returncode == 0, applied.stderr
    assert applied.stdout.startswith("Plan 2: ")
    assert applied.stdout.endswith(" stay, 0 have no place.\n")
