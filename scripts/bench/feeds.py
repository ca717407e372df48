"""Calendars that are fetched again and again: each of another person, and one that its calendar has already."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from scripts.serving import Server

from .figure import Caller, Figure
from .wrk import answers_per_s

PEOPLE = 600
SCRIPT = Path(__file__).with_name("feeds.lua")


def figures(server: Server) -> Iterator[Figure]:
    """Measure the agendas of many people in turn, none asked for twice soon, and of one that is not modified."""
    said = server.said
    caller = Caller(server.base_url, {"Authorization": f"Bearer {said['tokens']['organizer']}"})
    base = f"/api/v1/events/{said['event']}/participants"
    people = json.loads(caller.call("GET", f"{base}?limit={PEOPLE}"))["items"]
    links = [
        json.loads(caller.call("GET", f"{base}/{person['id']}/links"))["page_url"]
        for person in people
    ]
    urls = [f"{link}agenda.ics" for link in links]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(urlsplit(url).path for url in urls) + "\n")
        file.flush()
        whole = answers_per_s(server.base_url, script=str(SCRIPT), arguments=[file.name])
    yield Figure(f"agenda.ics of {len(urls)} people in turn", whole, "/s", 500, at_least=True)
    with urllib.request.urlopen(urls[0], timeout=10) as answer:
        etag = answer.headers["ETag"]
    same = answers_per_s(urls[0], {"If-None-Match": etag})
    yield Figure("agenda.ics, not modified", same, "/s", 1500, at_least=True)
    with urllib.request.urlopen(
        f"{server.base_url}/{said['event']}/programme.ics", timeout=30
    ) as answer:
        etag = answer.headers["ETag"]
    programme = answers_per_s(
        f"{server.base_url}/{said['event']}/programme.ics", {"If-None-Match": etag}
    )
    yield Figure("programme.ics, not modified", programme, "/s", 1500, at_least=True)
