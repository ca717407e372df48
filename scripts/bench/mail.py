"""Sending to a mail server on the same machine, while tickets are scanned at the gate."""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import psutil

from scripts import posted, sink
from scripts.serving import Server

from . import crowd
from .figure import Caller, Figure

MAILS = 1_394
WITHIN_S = 120.0
# As often as three gates with a queue before them scan.
SCAN_EVERY_S = 0.02
# As many scans as while mail goes out, or the one in a hundred would be told by fewer.
IDLE_S = 20.0


def figures(server: Server) -> list[Figure]:
    """Measure a server of its own that is given a mail server and invitations that are due."""
    server.stop()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        made = posted.made(data, MAILS, is_held=True)
        with (
            sink.running(Path(folder) / "taken") as taking,
            posted.serving(data, None, taking, 0, 1) as serving,
        ):
            return _measured(serving, data, taking, made)


def _measured(server: Server, data: Path, taking: sink.Sink, made: crowd.Crowd) -> list[Figure]:
    scans = Scans(server, made)
    scans.during(lambda: False, at_most=2)
    idle = scans.during(lambda: False, at_most=IDLE_S)
    memory = Memory(server)
    posted.let_go(data)
    began = time.monotonic()
    busy = scans.during(lambda: len(taking.taken()) >= MAILS, at_most=WITHIN_S)
    spent = time.monotonic() - began
    if len(set(taking.taken())) != MAILS:
        sys.exit(f"{len(set(taking.taken()))} of {MAILS} mails arrived")
    return [
        Figure(f"{MAILS:,} invitations with ticket and calendar handed over", spent, "s", 20),
        Figure("memory meanwhile, all processes", memory.most_mb(), "MB", 300),
        Figure(
            f"check-in meanwhile, median (idle: {statistics.median(idle):.2f} ms)",
            statistics.median(busy),
            "ms",
            2 * statistics.median(idle),
        ),
        Figure(
            f"check-in meanwhile, 99 of 100 of {len(busy)} (idle: {_p99(idle):.1f} ms of {len(idle)})",
            _p99(busy),
            "ms",
            2 * _p99(idle),
        ),
    ]


class Scans:
    """One gate that scans on and on."""

    def __init__(self, server: Server, made: crowd.Crowd) -> None:
        self._gate = Caller(server.base_url, {"Authorization": f"Bearer {made.token}"})
        self._path = f"{server.base_url}/api/v1/events/{crowd.SLUG}/passages"
        self._scans = cycle([(text, way) for way in ("entry", "exit") for text in made.texts])

    def during(self, is_over: Callable[[], bool], *, at_most: float) -> list[float]:
        """Scan until it is over; return how long each answer took, in ms."""
        spent: list[float] = []
        end = time.monotonic() + at_most
        while time.monotonic() < end and not is_over():
            text, way = next(self._scans)
            passages = [crowd.passage(str(uuid4()), text, way)]
            began = time.monotonic()
            self._gate.call("POST", self._path, {"passages": passages})
            spent.append((time.monotonic() - began) * 1000)
            time.sleep(max(0.0, began + SCAN_EVERY_S - time.monotonic()))  # as people come
        return spent


class Memory:
    """Looks now and then at how much memory a server and the processes it began take together."""

    def __init__(self, server: Server) -> None:
        self._process = psutil.Process(server.process.pid)
        self._most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def most_mb(self) -> float:
        """Stop looking; return the most there was."""
        self._over.set()
        self._thread.join()
        return self._most / 1e6

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self._most = max(self._most, sum(map(self._memory, self._all())))

    def _all(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]

    def _memory(self, process: psutil.Process) -> int:
        try:
            # A process that was begun and runs no program yet shares the memory of who began it.
            is_new = process != self._process and process.cmdline() == self._process.cmdline()
            return 0 if is_new else int(process.memory_info().rss)
        except psutil.NoSuchProcess:
            return 0


def _p99(spent: Sequence[float]) -> float:
    return statistics.quantiles(spent, n=100)[98]
