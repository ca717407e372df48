"""Scans at the gate."""

import json
import sys
from datetime import datetime
from itertools import cycle
from uuid import uuid4

from scripts.serving import Server

from .figure import MORNING, Caller, Figure


def figures(server: Server) -> list[Figure]:
    """Measure check-ins of the sample event."""
    return [Figure("one durable check-in at a time", check_in_ms(server), "ms", 3)]


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
