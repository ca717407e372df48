"""Running eventhub's commands on a data folder: to their end, or as a process that serves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from eventhub.cli import main


def environment() -> dict[str, str]:
    """Return this process's environment without eventhub's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EVENTHUB_")}


@dataclass(frozen=True)
class Ended:
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


def eventhub(data: Path, *arguments: str, typed: str = "") -> Ended:
    """Run a command to its end, in this process."""
    unset = {name: None for name in os.environ if name.startswith("EVENTHUB_")}
    done = CliRunner(env=unset).invoke(main, ["--data", str(data), *arguments], input=typed)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(done.exit_code, done.stdout, done.stderr)


@contextmanager
def served(data: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Serve a folder on a free port; give the process and the JSON line it printed."""
    command = [sys.executable, "-m", "eventhub", "--data", str(data), *arguments]
    process = subprocess.Popen(
        [*command, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=40)
        assert process.stdout is not None
        process.stdout.close()
