"""Measure what users wait for, on the sample event and a real server; write docs/figures.md.

`python -m scripts.bench pages checkin` measures these subjects alone and writes nothing.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from scripts.serving import ROOT, Server, served

from . import (
    badges,
    board,
    broadcasts,
    checkin,
    exchange,
    feeds,
    live,
    mail,
    pages,
    planner,
    programme,
    scanner,
)
from .figure import MORNING, Caller, Figure

FIGURES = ROOT / "docs" / "figures.md"

# Each is given a fresh server of the sample event, so that none measures what another left behind.
SUBJECTS: dict[str, Callable[[Server], Iterable[Figure]]] = {
    "pages": lambda server: [*pages.figures(server), pages.memory(server)],
    "checkin": checkin.figures,
    "badges": badges.figures,
    "broadcasts": broadcasts.figures,
    "board": board.figures,
    "exchange": exchange.figures,
    "feeds": feeds.figures,
    "live": live.figures,
    "mail": mail.figures,
    "planner": planner.figures,
    "programme": programme.figures,
    "scanner": scanner.figures,
}

# When the sample event's clock stands elsewhere than at a busy morning of desks.
MOMENTS = {"live": live.OPENING}

PREFACE = (
    "Measured by `make bench` on the sample event (1,156 desk sessions, 1,703 people), SQLite, a real server "
    "process on the same machine. Timings differ between machines and runs by half; sizes do not."
)


def measure(subject: str) -> list[Figure]:
    """Take a subject's figures from a server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(
            "demo", "--data", str(Path(folder) / "data"), "--now", MOMENTS.get(subject, MORNING)
        ) as server,
    ):
        return list(SUBJECTS[subject](server))


def starting() -> list[Figure]:
    """Measure the first start, which makes the sample event, and the best of five later ones."""
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with served("demo", "--data", str(data), "--now", MORNING) as first:
            seeded_in_s = first.started_in_s
        for _ in range(5):
            began = time.perf_counter()
            with served("serve", "--data", str(data)) as server:
                Caller(server.base_url).call("GET", "/")
                spent.append(time.perf_counter() - began)
    return [
        Figure("making the sample event, first start", seeded_in_s, "s", 15),
        Figure("start-up to first answer", min(spent), "s", 1.5),
    ]


def written(sections: dict[str, list[Figure]]) -> str:
    """Return docs/figures.md."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# Figures",
        "",
        PREFACE,
        "",
        f"{datetime.now(UTC).date().isoformat()}, {machine}.",
        "",
    ]
    for subject, figures in sections.items():
        lines += [
            f"## {subject.capitalize()}",
            "",
            "| what | measured | must stay |",
            "|---|---|---|",
        ]
        lines += [*(figure.row() for figure in figures), ""]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    named = sys.argv[1:]
    if unknown := set(named) - SUBJECTS.keys():
        sys.exit(
            f"There is no subject {', '.join(sorted(unknown))}: choose from {', '.join(SUBJECTS)}."
        )
    sections = {} if named else {"start": starting()}
    for subject in named or SUBJECTS:
        sections[subject] = measure(subject)
        print("\n".join(figure.row() for figure in sections[subject]), flush=True)
    if not named:
        FIGURES.write_text(written(sections), "utf-8")


if __name__ == "__main__":
    main()
