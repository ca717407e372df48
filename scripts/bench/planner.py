"""Planning the desks: 34 desks, 34 provinces, eight days, and offices that answer for several affairs."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from scripts.serving import Server

from .figure import Caller, Figure

SESSIONS = 34 * 34


def figures(server: Server) -> Iterator[Figure]:
    """Plan the sample event's desks as the form proposes, then apply the plan."""
    organizer = Caller(
        server.base_url, {"Authorization": f"Bearer {server.said['tokens']['organizer']}"}
    )
    event = f"/api/v1/events/{server.said['event']}"
    began = time.perf_counter()
    plan = _searched(organizer, f"{event}/plans")
    spent = time.perf_counter() - began
    proposal, progress = plan["proposal"], plan["progress"]
    assert progress["of"] == SESSIONS
    yield Figure("first plan of 34 desks and 34 provinces on 8 days", progress["first_s"], "s", 15)
    yield Figure("the best plan found in the time given, from button to proposal", spent, "s", 60)
    yield Figure("sessions without a place in it", SESSIONS - progress["placed"], "", 1)
    yield Figure("hard conflicts in it", len(proposal["conflicts"]), "", 1)
    yield Figure(
        "provinces whose desks need more than one day", _torn(organizer, event, plan), "", 5
    )
    began = time.perf_counter()
    organizer.call("POST", f"{event}/plans/{plan['id']}/apply")
    yield Figure("applying it", (time.perf_counter() - began) * 1000, "ms", 3000)
    found = json.loads(organizer.call("GET", f"{event}/conflicts"))["items"]
    hard = [conflict for conflict in found if conflict["severity"].startswith("block")]
    yield Figure("hard conflicts of the programme afterwards", len(hard), "", 1)


def _searched(organizer: Caller, plans: str) -> dict[str, Any]:
    number = json.loads(organizer.call("POST", plans, {}))["id"]
    while True:
        time.sleep(0.5)  # programs ask again and again: a plan is no long answer
        plan: dict[str, Any] = json.loads(organizer.call("GET", f"{plans}/{number}"))
        if plan["status"] not in {"running", "finishing"}:
            return plan


def _torn(organizer: Caller, event: str, plan: dict[str, Any]) -> int:
    """Count the provinces, the ends of the sessions' codes, that meet their desks on more than one day."""
    days: dict[str, set[str]] = defaultdict(set)
    cursor: str | None = ""
    moved = {move["session"]: move["after"] for move in plan["proposal"]["moves"] if move["after"]}
    while cursor is not None:
        page = json.loads(
            organizer.call(
                "GET", f"{event}/sessions?limit=1000" + (f"&cursor={cursor}" if cursor else "")
            )
        )
        for session in page["items"]:
            if session["kind"] == "desk":
                place = moved.get(session["code"], session)
                days[session["code"].rpartition("-")[2]].add(place["starts_at"][:10])
        cursor = page["next"]
    return sum(len(of) > 1 for of in days.values())
