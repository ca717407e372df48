"""A real server in a process of its own, as a user starts it."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
STARTS_WITHIN_S = 90.0


@dataclass(frozen=True)
class Server:
    """A serving command: its process, what its JSON line said, and how long that took."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    started_in_s: float

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return str(self.said["base_url"])

    def stop(self) -> int:
        """Interrupt it as Ctrl-C does; return its exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()


@contextmanager
def served(
    *arguments: str,
    command: Sequence[str] = (sys.executable, "-m", "eventhub"),
    environment: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    log: Path | None = None,
) -> Iterator[Server]:
    """Run a serving command with `--port 0 --json` and stop it afterwards; its log goes to a file."""
    with log.open("w+") if log else tempfile.TemporaryFile("w+") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            [*command, *arguments, "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
        )
        try:
            said = json.loads(_first_line(process, errors))
            server = Server(process, said, time.monotonic() - began)
            yield server
            server.stop()
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _first_line(process: subprocess.Popen[str], errors: IO[str]) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        if not ready.select(STARTS_WITHIN_S):
            raise TimeoutError("the server said nothing")
    line = process.stdout.readline()
    if not line:
        process.wait()
        errors.seek(0)
        raise ChildProcessError(f"the server ended at once: {errors.read()[-2000:]}")
    return line


def eventhub(*arguments: str, command: Sequence[str] = (sys.executable, "-m", "eventhub")) -> str:
    """Run a command to its end; return what it printed."""
    done = subprocess.run(
        [*command, *arguments], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return done.stdout.strip()
