"""Scans at the gate: alone, many at once, batches of a scanner that comes back, and in a crowd of any size."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import uuid4

from scripts.serving import Server, served

from . import crowd
from .figure import MORNING, Caller, Figure
from .load import SCANS, Load, load

CLIENTS = 64
ROUNDS = 3
SECONDS = 3
PEOPLE = 90_000
FEW, MANY = 1_000, 100_000
BATCH, BATCHES = 500, 30
ALONE = 300
# Seconds after nine at which the first scan happens; each load goes on a minute after the one before.
START_S = 1_800


@dataclass
class Gate:
    """A crowd's server and how many of its tickets have been shown."""

    base_url: str
    made: crowd.Crowd
    texts: Path
    shown: int = 0
    loads: int = 0

    @property
    def passages(self) -> str:
        """Where scans are sent."""
        return f"{self.base_url}/api/v1/events/{crowd.SLUG}/passages"

    def scan(self, clients: int, seconds: int) -> Load:
        """Let so many scanners send one scan after the other."""
        start = str(START_S + 60 * self.loads)
        day = MORNING.partition("T")[0]
        args = (str(self.texts), self.made.token, crowd.GATE, day, start, str(self.shown))
        seen = load(self.passages, clients=clients, seconds=seconds, script=SCANS, args=args)
        # Those on their way when time was up have been shown too.
        self.shown += seen.count + clients
        self.loads += 1
        if seen.wrong:
            sys.exit(f"{seen.wrong} scans were not let through")
        return seen

    def texts_left(self) -> Iterator[str]:
        """Yield tickets that were not shown yet."""
        while self.shown < len(self.made.texts):
            self.shown += 1
            yield self.made.texts[self.shown - 1]


@contextmanager
def gate(people: int) -> Iterator[Gate]:
    """Serve a crowd that is still outside."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        made = crowd.made(data, people, texts=min(people, PEOPLE))
        texts = Path(folder) / "texts"
        texts.write_text("\n".join(made.texts), "ascii")
        arguments = ("serve", "--data", str(data), "--now", MORNING)
        with served(*arguments, environment=crowd.environment()) as server:
            yield Gate(server.base_url, made, texts)


def figures(_server: Server) -> Iterator[Figure]:
    """Measure check-ins of crowds made for it, each beside `/healthz` of the same server."""
    with gate(PEOPLE) as crowded:
        yield from at_once(crowded)
        yield Figure("one durable check-in at a time, median", alone_ms(crowded), "ms", 3)
        yield Figure("scans in batches of 500", batched(crowded), "scans/s", 10_000, at_least=True)
    few, many = growth_ms()
    yield Figure(f"one check-in among {MANY:,} people over one among {FEW:,}", many / few, "x", 1.3)


def at_once(crowded: Gate) -> Iterator[Figure]:
    """Measure 64 scanners at once beside `/healthz`, in turns; the middle of each counts."""
    healthz = f"{crowded.base_url}/healthz"
    load(healthz, clients=CLIENTS, seconds=1)
    crowded.scan(CLIENTS, 1)
    rounds = [
        (load(healthz, clients=CLIENTS, seconds=SECONDS), crowded.scan(CLIENTS, SECONDS))
        for _ in range(ROUNDS)
    ]
    idle = statistics.median(alive.rate for alive, _ in rounds)
    rate = statistics.median(scans.rate for _, scans in rounds)
    p99 = statistics.median(scans.p99_ms for _, scans in rounds)
    name = f"durable check-ins, {CLIENTS} clients"
    yield Figure(f"/healthz, {CLIENTS} clients", idle, "answers/s", 1_000, at_least=True)
    yield Figure(name, rate, "scans/s", 1_000, at_least=True)
    yield Figure(f"{name}, of /healthz", rate / idle * 100, "%", 50, at_least=True)
    yield Figure(f"{name}, 99th percentile", p99, "ms", 50)


def alone_ms(crowded: Gate) -> float:
    """Return the median of one client that sends a scan when the one before is answered."""
    return crowded.scan(1, 3).median_ms


def batched(crowded: Gate) -> float:
    """Return how many scans a second one scanner gets rid of that sends 500 at a time."""
    headers = {"Authorization": f"Bearer {crowded.made.token}"}
    caller = Caller(crowded.base_url, headers)
    left = crowded.texts_left()
    batches = [
        {"passages": [crowd.passage(str(uuid4()), text) for text in islice(left, BATCH)]}
        for _ in range(BATCHES)
    ]
    # What arrives late was decided by the scanner.
    for batch in batches:
        for passage in batch["passages"]:
            passage.update(offline=True, decided="ok")
    spent = []
    for batch in batches:
        began = time.perf_counter()
        caller.call("POST", crowded.passages, batch)
        spent.append(time.perf_counter() - began)
    return BATCH / statistics.median(spent)


def growth_ms() -> tuple[float, float]:
    """Return the medians of scans sent alone among few and among many people, in turns."""
    with gate(FEW) as small, gate(MANY) as large:
        spent: tuple[list[float], list[float]] = ([], [])
        callers = [
            Caller(g.base_url, {"Authorization": f"Bearer {g.made.token}"}) for g in (small, large)
        ]
        left = [g.texts_left() for g in (small, large)]
        for _ in range(ALONE):
            for place, one in enumerate((small, large)):
                body = {"passages": [crowd.passage(str(uuid4()), next(left[place]))]}
                began = time.perf_counter()
                callers[place].call("POST", one.passages, body)
                spent[place].append((time.perf_counter() - began) * 1000)
    return statistics.median(spent[0]), statistics.median(spent[1])
