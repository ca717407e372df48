"""Answers per second, as wrk counts them: it costs so little that the server's core is what is measured."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

SECONDS = 5
CONNECTIONS = 16


def answers_per_s(
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    script: str | None = None,
    arguments: Sequence[str] = (),
) -> float:
    """Return how many answers per second one address gives; ends the run when any is an error."""
    command = [os.environ.get("EVENTHUB_WRK", "wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if script is not None:
        command += ["-s", script]
    command += [url, "--", *arguments] if arguments else [url]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx or 3xx" in told or "Socket errors" in told:
        sys.exit(f"{url} answered errors:\n{told}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert found is not None
    return float(found[1])
