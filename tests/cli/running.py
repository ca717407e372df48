"""Running eventhub's commands as people do: as processes, on a data folder."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def environment() -> dict[str, str]:
    """Return this process's environment without eventhub's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EVENTHUB_")}


def eventhub(data: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "eventhub", "--data", str(data), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(),
    )


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
