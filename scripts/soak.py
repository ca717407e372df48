"""Scan tickets while the server is killed again and again; nothing acknowledged may be lost or doubled.

`python -m scripts.soak [KILLS]`, 50 on SQLite and 50 on PostgreSQL (four server processes) by default. Each scanner
sends a scan, or many at once as one that comes back does, until it is answered, as a phone with a bad line does. At the
end every scan is sent once more: each must be answered as a repetition of what was stored.
"""

import http.client
import json
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil

from scripts import postgres
from scripts.bench import crowd
from scripts.bench.figure import MORNING
from scripts.serving import Server, served

KILLS = 50
PEOPLE = 5_000
SCANNERS = 8
WORKERS = 4
# How many scans are answered between two kills.
BETWEEN = (5, 2_000)
ANSWERS_WITHIN_S = 60.0
AT_ONCE = (1, 1, 1, 1, 20)


@dataclass
class Gate:
    """Where scanners send to; the address changes with every restart."""

    token: str
    base_url: str = ""
    answered: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self, passages: Sequence[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """Return the results, or None when the line broke."""
        connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=10)
        try:
            connection.request(
                "POST",
                f"/api/v1/events/{crowd.SLUG}/passages",
                crowd.body(passages),
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        if answer.status == 200:
            results: list[dict[str, Any]] = body["results"]
            return results
        if answer.status != 503:
            raise AssertionError(f"scans were answered {answer.status}: {body}")
        return None


@dataclass(frozen=True)
class Outcome:
    """What a soaking showed: scans answered, kills, and what was not kept as it was answered."""

    answered: int
    kills: int
    faults: list[str]


def scans(seed: int, texts: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield one scanner's requests, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 -- a rehearsal, not a secret

    def passage() -> dict[str, Any]:
        nonce = str(UUID(int=chance.getrandbits(128), version=4))
        return crowd.passage(nonce, chance.choice(texts), chance.choice(["entry", "exit"]))

    while True:
        yield [passage() for _ in range(chance.choice(AT_ONCE))]


def scan(gate: Gate, seed: int, texts: Sequence[str]) -> None:
    """Send request after request until the time is over, each until it is answered."""
    for passages in scans(seed, texts):
        while not gate.over.is_set():
            results = gate.send(passages)
            if results is not None:
                for passage, result in zip(passages, results, strict=True):
                    gate.answered[passage["nonce"]] = passage, result["status"]
                break
            time.sleep(0.05)  # the server is dead: a scanner tries again
        if gate.over.is_set():
            return


@contextmanager
def running(data: Path, gate: Gate, url: str | None) -> Iterator[Server]:
    """Serve the folder and tell the scanners where."""
    workers = ("--workers", str(WORKERS)) if url else ()
    arguments = ("serve", "--data", str(data), "--now", MORNING, *workers)
    with served(*arguments, environment=crowd.environment(url), log=data / "soak.log") as server:
        gate.base_url = server.base_url
        yield server


def kill(server: Server) -> None:
    """Kill all processes of a server at one blow."""
    process = psutil.Process(server.process.pid)
    for each in [process, *process.children(recursive=True)]:
        each.send_signal(signal.SIGKILL)
    server.process.wait()


def wait_for(gate: Gate, more: int) -> None:
    """Wait until so many more scans have been answered."""
    until, enough = time.monotonic() + ANSWERS_WITHIN_S, len(gate.answered) + more
    while len(gate.answered) < enough and time.monotonic() < until:
        time.sleep(0.005)  # the scanners are threads that tell nobody


def soak(
    data: Path,
    kills: int,
    url: str | None = None,
    *,
    people: int = PEOPLE,
    between: tuple[int, int] = BETWEEN,
) -> Outcome:
    """Scan while the folder's server is killed so often; then send all that was answered again."""
    made = crowd.made(data, people, texts=people, url=url)
    gate, chance = Gate(made.token), random.Random(7)  # noqa: S311 -- when, not what
    with ThreadPoolExecutor(SCANNERS) as scanners:
        work: list[Future[None]] = []
        try:
            for _ in range(kills):
                with running(data, gate, url) as server:
                    work = work or [
                        scanners.submit(scan, gate, n, made.texts) for n in range(SCANNERS)
                    ]
                    wait_for(gate, chance.randint(*between))
                    kill(server)
        finally:
            gate.over.set()
        for each in work:
            each.result()
    with running(data, gate, url):
        faults = check(gate)
    return Outcome(len(gate.answered), kills, faults)


def check(gate: Gate) -> list[str]:
    """Send every answered scan once more; return what was not kept as it was answered."""
    faults = []
    told = list(gate.answered.values())
    for start in range(0, len(told), 500):
        part = told[start : start + 500]
        again = gate.send([passage for passage, _ in part])
        if again is None:
            raise AssertionError("the server did not answer at the end")
        faults += [
            f"{passage['nonce']}: answered {status}, now {result}"
            for (passage, status), result in zip(part, again, strict=True)
            if (result["status"], result["replayed"]) != (status, True)
        ]
    return faults


def main() -> None:
    """Soak on both engines."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    lost = False
    with tempfile.TemporaryDirectory() as folder, postgres.running() as url:
        for engine, address in (("SQLite", None), ("PostgreSQL", url)):
            outcome = soak(Path(folder) / engine, kills, address)
            print(
                f"{engine}: {outcome.answered} scans answered over {outcome.kills} kills, "
                f"{len(outcome.faults)} lost or changed",
                flush=True,
            )
            for fault in outcome.faults[:20]:
                print(fault)
            lost = lost or bool(outcome.faults)
    sys.exit(lost)


if __name__ == "__main__":
    main()
