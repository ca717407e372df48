"""Load from wrk, which costs little beside the server it loads; a Python client would be measured instead."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCANS = Path(__file__).with_name("scans.lua")
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """What wrk saw: answers, their rate a second, median and 99th percentile in milliseconds, and the wrong ones."""

    count: int
    rate: float
    median_ms: float
    p99_ms: float
    wrong: int


def load(
    url: str, *, clients: int, seconds: int, script: Path | None = None, args: tuple[str, ...] = ()
) -> Load:
    """Load an address with so many kept connections."""
    wrk = os.environ.get("EVENTHUB_WRK") or shutil.which("wrk")
    if wrk is None:
        sys.exit("This needs wrk: sudo apt-get install wrk")
    lua = ["-s", str(script)] if script else []
    command = [wrk, "-t1", f"-c{clients}", f"-d{seconds}", "--latency", *lua, url, "--", *args]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    wrong = re.search(r"wrong answers: (\d+)", said)
    return Load(
        int(_found(r"(\d+) requests in", said)[0]),
        float(_found(r"Requests/sec:\s+([\d.]+)", said)[0]),
        _ms(r"50%\s+([\d.]+)(us|ms|s)\b", said),
        _ms(r"99%\s+([\d.]+)(us|ms|s)\b", said),
        sum(int(found[1]) for found in (failed, wrong) if found),
    )


def _ms(pattern: str, said: str) -> float:
    value, unit = _found(pattern, said)
    return float(value) * _UNITS[unit]


def _found(pattern: str, said: str) -> tuple[str, ...]:
    found = re.search(pattern, said)
    if found is None:
        sys.exit(f"wrk said something else than expected:\n{said}")
    return found.groups()
