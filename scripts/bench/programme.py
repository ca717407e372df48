"""Building the programme: what an organizer waits for while a session is dragged."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from scripts.serving import Server

from .figure import DESK_DAY, Caller, Figure

DESK = "desk-1-01-91"
PLENARY = "pembukaan"
FOUR_WEEKS = timedelta(days=28)

Body = dict[str, Any]


def figures(server: Server) -> Iterable[Figure]:
    """Measure building the programme of the sample event."""
    return check_figures(server)


def check_figures(server: Server) -> list[Figure]:
    """Measure checks of moves: of the sample event, then with twice the sessions on other days and on that day."""
    owner = Caller(server.base_url, {"Authorization": f"Bearer {server.said['tokens']['owner']}"})
    event = f"{server.base_url}/api/v1/events/{server.said['event']}"
    desk, plenary = (_check_ms(owner, event, code) for code in (DESK, PLENARY))
    every = _desks(owner, event)
    starts = (datetime.fromisoformat(each["starts_at"]) for each in every)
    _open(owner, event, ((start + FOUR_WEEKS).date() for start in starts))
    _twins(owner, event, every, FOUR_WEEKS)
    elsewhere = _check_ms(owner, event, DESK)
    that_day = [each for each in every if each["starts_at"].startswith(DESK_DAY)]
    _twins(owner, event, that_day, timedelta())
    there = _check_ms(owner, event, DESK)
    return [
        Figure("check of a moved desk session", desk, "ms", 30),
        Figure("check of a moved plenary, 1,471 offices called", plenary, "ms", 30),
        Figure("the desk's check, event doubled on other days", elsewhere, "ms", 30),
        Figure("the desk's check, its day doubled as well", there, "ms", 30),
    ]


def _check_ms(owner: Caller, event: str, code: str) -> float:
    """Return the median of trying a session at half past each morning hour of a desk day."""
    url = f"{event}/sessions/{code}/check"
    trials = [partial(owner.call, "POST", url, _place(hour)) for hour in (8, 9, 10)]
    for trial in trials:
        trial()
    return owner.median_ms(trials * 20)


def _place(hour: int) -> Body:
    start = datetime.fromisoformat(f"{DESK_DAY}T{hour:02d}:30+07:00")
    return {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}


def _desks(owner: Caller, event: str) -> list[Body]:
    found: list[Body] = []
    cursor = ""
    while True:
        answer = json.loads(owner.call("GET", f"{event}/sessions?limit=1000{cursor}"))
        found += [each for each in answer["items"] if each["kind"] == "desk"]
        if answer["next"] is None:
            return found
        cursor = f"&cursor={answer['next']}"


def _open(owner: Caller, event: str, days: Iterable[date]) -> None:
    """Let sessions lie on further days."""
    shown = json.loads(owner.call("GET", event))
    every = sorted({*shown["days"], *(day.isoformat() for day in days)})
    Caller(owner.base_url, owner.headers | {"If-Match": "*"}).call("PATCH", event, {"days": every})


def _twins(owner: Caller, event: str, sessions: list[Body], later: timedelta) -> None:
    """Add each session again: with all its people some weeks later, or in the same hours, online and for nobody."""
    for each in sessions:
        twin = {name: value for name, value in each.items() if name not in {"state", "sequence"}}
        twin["code"] = f"{each['code']}-{later.days}"
        for end in ("starts_at", "ends_at"):
            twin[end] = (datetime.fromisoformat(each[end]) + later).isoformat()
        if not later:
            twin |= {
                "format": "online",
                "room": None,
                "stream": False,
                "speakers": [],
                "audience": [],
            }
        owner.call("POST", f"{event}/sessions", twin)
