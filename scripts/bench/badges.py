"""Badges for everybody, made by the command."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.serving import Server

from .figure import Figure

BADGES = 1394


def figures(server: Server) -> list[Figure]:
    """Measure how long the badges of so many people on site take, from the command's start to its file."""
    people = "nama,instansi,kehadiran\n" + "".join(
        f"Kepala Bagian {n},Biro Umum {n % 40},onsite\n" for n in range(BADGES)
    )
    event = str(server.said["event"])
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data", str(Path(folder) / "data")]
        made = [event, "--title", "Badges", "--starts", "2021-02-25", "--ends", "2021-02-26"]
        _run("events", "add", *made, "--zone", "Asia/Jakarta", *data)
        (Path(folder) / "people.csv").write_text(people, "utf-8")
        _run("people", "import", str(Path(folder) / "people.csv"), "--event", event, *data)
        began = time.perf_counter()
        said = _run("badges", "--event", event, "-o", str(Path(folder) / "badges.pdf"), *data)
        spent = time.perf_counter() - began
    if f"{BADGES} badges" not in said:
        sys.exit(f"the command said: {said}")
    return [Figure(f"{BADGES:,} badges as a PDF, tickets signed", spent, "s", 10)]


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "eventhub", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout
