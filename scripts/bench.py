"""Measure what users wait for, on the sample event and a real server; write docs/figures.md.

Figures are medians of calls one after another over one connection from the same machine, so they hold
the server's whole work and a few tenths of a millisecond of loopback.
"""

import http.client
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from scripts.serving import ROOT, Server, served

FIGURES = ROOT / "docs" / "figures.md"
MORNING = "2021-03-01T09:30+07:00"
DESK_DAY = "2021-03-01"


@dataclass(frozen=True)
class Figure:
    """A measured value beside what it must stay under."""

    what: str
    value: float
    unit: str
    under: float

    def row(self) -> str:
        """Write it as a row of the table."""
        verdict = "" if self.value < self.under else " (**missed**)"
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        return f"| {self.what} | {self.value:.{digits}f} {self.unit}{verdict} | < {self.under:g} {self.unit} |"


@dataclass
class Caller:
    """One kept connection to the server."""

    base_url: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc)

    def call(self, method: str, url: str, body: Any = None) -> bytes:
        """Return the body of a good answer."""
        path = url.removeprefix(self.base_url)
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(
            method, path, json.dumps(body) if body is not None else None, headers
        )
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path} answered {answer.status}: {text[:300]!r}")
        return text

    def median_ms(self, calls: Iterable[Callable[[], object]]) -> float:
        """Return the median duration of calls."""
        spent = []
        for call in calls:
            began = time.perf_counter()
            call()
            spent.append((time.perf_counter() - began) * 1000)
        return statistics.median(spent)

    def page_ms(self, url: str, times: int = 60) -> float:
        """Return how long a page takes, warm."""
        for _ in range(5):
            self.call("GET", url)
        return self.median_ms([lambda: self.call("GET", url)] * times)


def measure(server: Server, started_in_s: float) -> list[Figure]:
    """Take every figure from a server of the sample event."""
    said = server.said
    public = Caller(server.base_url)
    event = f"{server.base_url}/{said['event']}/"
    people = said["people"]
    page = public.call("GET", f"{event}?day={DESK_DAY}")
    figures = [
        Figure("programme page of a desk day", public.page_ms(f"{event}?day={DESK_DAY}"), "ms", 50),
        Figure("the same page's size", len(page) / 1000, "kB", 300),
        Figure(
            "page of the whole event, size",
            len(public.call("GET", f"{event}?day=all")) / 1000,
            "kB",
            300,
        ),
        Figure("personal page, in the meeting", public.page_ms(people["meeting"]), "ms", 20),
        Figure("personal page, on site", public.page_ms(people["onsite"]), "ms", 20),
        Figure(
            "agenda.ics of one person", public.page_ms(f"{people['meeting']}agenda.ics"), "ms", 10
        ),
        Figure("one durable check-in at a time", check_in_ms(server), "ms", 5),
        Figure("start-up to first answer", started_in_s, "s", 1.5),
    ]
    figures.append(Figure("memory after all of this", memory_mb(server), "MB", 250))
    return figures


def check_in_ms(server: Server, times: int = 200) -> float:
    """Return the median of one scan in or out, sent alone, committed before it is answered."""
    said = server.said
    owner = Caller(server.base_url, {"Authorization": f"Bearer {said['tokens']['owner']}"})
    gate = Caller(server.base_url, {"Authorization": f"Bearer {said['tokens']['gate']}"})
    below = f"{server.base_url}/api/v1/events/{said['event']}"
    checkpoints = json.loads(owner.call("GET", f"{below}/checkpoints"))["items"]
    checkpoint = next(each["code"] for each in checkpoints if each["kind"] == "gate")
    people = json.loads(owner.call("GET", f"{below}/participants?limit=1000"))["items"]
    onsite = [each["id"] for each in people if each["attendance"] == "onsite"][:40]
    tickets = [
        json.loads(owner.call("GET", f"{below}/participants/{person}/ticket"))["text"]
        for person in onsite
    ]
    scans = cycle([(ticket, kind) for kind in ("entry", "exit") for ticket in tickets])
    now = datetime.fromisoformat(MORNING)

    def scan() -> None:
        ticket, kind = next(scans)
        passage = {
            "nonce": str(uuid4()),
            "secret": ticket,
            "checkpoint": checkpoint,
            "type": kind,
            "scanned_at": now.isoformat(),
            "health": {"temperature_c": 36.4, "mask": True},
        }
        answer = json.loads(gate.call("POST", f"{below}/passages", {"passages": [passage]}))
        statuses.add(answer["results"][0]["status"])

    statuses: set[str] = set()
    median = gate.median_ms([scan] * times)
    if "ok" not in statuses:
        sys.exit(f"no scan was let in: {statuses}")
    return median


def memory_mb(server: Server) -> float:
    """Return the resident memory of the server and what it started."""
    process = psutil.Process(server.process.pid)
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family) / 1e6


def start_up_s(data: Path) -> float:
    """Return the best of five starts on a seeded folder, until a page has been answered."""
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        with served("serve", "--data", str(data)) as server:
            Caller(server.base_url).call("GET", "/")
            spent.append(time.perf_counter() - began)
    return min(spent)


def written(figures: list[Figure], seeded_in_s: float) -> str:
    """Return docs/figures.md."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows = [*figures, Figure("making the sample event, first start", seeded_in_s, "s", 15)]
    return "\n".join(
        [
            "# Figures",
            "",
            (
                "Measured by `make bench` on the sample event (1,156 desk sessions, 1,703 people), SQLite, "
                "a real server process; medians of calls one after another. Timings differ between machines and "
                "runs by half; sizes do not."
            ),
            "",
            f"{datetime.now(UTC).date().isoformat()}, {machine}.",
            "",
            "| what | measured | must stay |",
            "|---|---|---|",
            *(figure.row() for figure in rows),
            "",
        ]
    )


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with served("demo", "--data", str(data), "--now", MORNING) as first:
            seeded_in_s = first.started_in_s
        started = start_up_s(data)
        with served("demo", "--data", str(data), "--now", MORNING) as server:
            figures = measure(server, started)
    text = written(figures, seeded_in_s)
    FIGURES.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
