"""Scan tickets while the server is killed again and again; nothing acknowledged may be lost or doubled.

`python -m scripts.soak [SECONDS]`, ten minutes by default. Each scanner sends a scan until it is
answered, as a phone with a bad line does. At the end every scan is sent once more: each must be
answered as a repetition of what was stored.
"""

import http.client
import json
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from scripts.serving import Server, served

MORNING = "2021-03-01T09:30+07:00"
SCANNERS = 4
ALIVE_S = (3.0, 12.0)


@dataclass
class Gate:
    """Where scanners send to; the address changes with every restart."""

    event: str
    token: str
    base_url: str = ""
    answered: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self, passage: dict[str, Any]) -> dict[str, Any] | None:
        """Return the result, or None when the line broke."""
        connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=10)
        try:
            connection.request(
                "POST",
                f"/api/v1/events/{self.event}/passages",
                json.dumps({"passages": [passage]}),
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        if answer.status == 200:
            result: dict[str, Any] = body["results"][0]
            return result
        if answer.status != 503:
            raise AssertionError(f"a scan was answered {answer.status}: {body}")
        return None


def scans(seed: int, tickets: list[str], checkpoint: str) -> Iterator[dict[str, Any]]:
    """Yield one scanner's scans, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 -- a rehearsal, not a secret
    while True:
        yield {
            "nonce": str(UUID(int=chance.getrandbits(128), version=4)),
            "secret": chance.choice(tickets),
            "checkpoint": checkpoint,
            "type": chance.choice(["entry", "exit"]),
            "scanned_at": MORNING,
            "health": {"temperature_c": 36.5, "mask": True},
        }


def scan(gate: Gate, seed: int, tickets: list[str], checkpoint: str) -> None:
    """Send scan after scan until the time is over, each until it is answered."""
    for passage in scans(seed, tickets, checkpoint):
        while not gate.over.is_set():
            result = gate.send(passage)
            if result is not None:
                gate.answered[passage["nonce"]] = (passage, result["status"])
                break
            time.sleep(0.2)
        if gate.over.is_set():
            return


@contextmanager
def running(data: Path, gate: Gate) -> Iterator[Server]:
    """Serve the folder and tell the scanners where."""
    with served("serve", "--data", str(data), log=data / "soak.log") as server:
        gate.base_url = server.base_url
        yield server


def kill_again_and_again(data: Path, gate: Gate, seconds: float) -> int:
    """Serve, kill, serve again; return how often it was killed."""
    until, kills, chance = time.monotonic() + seconds, 0, random.Random(7)  # noqa: S311 -- when, not what
    while time.monotonic() < until:
        with running(data, gate) as server:
            time.sleep(chance.uniform(*ALIVE_S))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            kills += 1
    return kills


def check(gate: Gate) -> list[str]:
    """Send every answered scan once more; return what was not kept as it was answered."""
    faults = []
    for nonce, (passage, status) in gate.answered.items():
        again = gate.send(passage)
        if again is None or (again["status"], again["replayed"]) != (status, True):
            faults.append(f"{nonce}: answered {status}, now {again}")
    return faults


def tickets_of(said: dict[str, Any], server: Server) -> tuple[list[str], str]:
    """Return ticket texts and the gate's code."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc)

    def get(path: str) -> Any:
        headers = {"Authorization": f"Bearer {said['tokens']['owner']}"}
        connection.request("GET", f"/api/v1/events/{said['event']}{path}", headers=headers)
        return json.loads(connection.getresponse().read())

    people = [
        p["id"] for p in get("/participants?limit=1000")["items"] if p["attendance"] == "onsite"
    ]
    gate = next(c["code"] for c in get("/checkpoints")["items"] if c["kind"] == "gate")
    return [get(f"/participants/{person}/ticket")["text"] for person in people[:60]], gate


def main() -> None:
    """Soak, then check."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with served("demo", "--data", str(data), "--now", MORNING) as server:
            said = server.said
            tickets, checkpoint = tickets_of(said, server)
        gate = Gate(said["event"], said["tokens"]["gate"], server.base_url)
        with ThreadPoolExecutor(SCANNERS) as scanners:
            work = [scanners.submit(scan, gate, n, tickets, checkpoint) for n in range(SCANNERS)]
            try:
                kills = kill_again_and_again(data, gate, seconds)
            finally:
                gate.over.set()
            for each in work:
                each.result()
        with running(data, gate):
            faults = check(gate)
    print(f"{len(gate.answered)} scans answered over {kills} kills, {len(faults)} lost or changed")
    for fault in faults[:20]:
        print(fault)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
