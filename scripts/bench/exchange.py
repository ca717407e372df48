"""What programs and the public fetch of the sample event's programme, and how long its files take to read."""

import contextlib
import http.client
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from datetime import time as clock
from urllib.parse import urlsplit

from eventhub.errors import Refusal
from eventhub.sessions.exchange.item import Frame
from eventhub.sessions.exchange.reading import read_file
from scripts.serving import Server

from .figure import DESK_DAY, Caller, Figure
from .wrk import answers_per_s

FILES = ("programme.ics", "programme.csv", "schedule.xml", "schedule.json")
FRAME = Frame("Asia/Jakarta", clock(4, 0), datetime(2021, 3, 11, tzinfo=UTC))
PACKED = {"Accept-Encoding": "gzip"}


def figures(server: Server) -> Iterator[Figure]:
    """Measure the public files and pages of the sample event, and reading its files back."""
    base = f"{server.base_url}/{server.said['event']}"
    first = first_ms(server, "programme.ics", 7)
    yield Figure("`programme.ics`, the first after each release", first, "ms", 150)
    yield Figure(
        "`programme.pdf`, the first after a release",
        first_ms(server, "programme.pdf", 1),
        "ms",
        6000,
    )
    for name in FILES:
        unchanged = {"If-None-Match": _etag(server, name)}
        yield _rate(f"`{name}`, “not modified”", f"{base}/{name}", unchanged, 1000)
    yield _rate("`programme.ics`, kept bytes", f"{base}/programme.ics", PACKED, 1000)
    yield _rate("public page of a desk day", f"{base}/?day={DESK_DAY}", PACKED, 300)
    yield _rate("public page of all days", f"{base}/?day=all", PACKED, 300)
    for name in FILES:
        body = Caller(server.base_url).call("GET", f"{base}/{name}")
        yield Figure(f"reading `{name}` for an import", _reading_ms(body), "ms", 5000)
    broken = b"<schedule><conference/>" + b"<a>x</a>" * 1_100_000
    yield Figure("refusing 9 MB of broken XML", _reading_ms(broken), "ms", 2000)


def first_ms(server: Server, name: str, times: int) -> float:
    """Return the median of the first answer after a release, when nothing of it has been written yet."""
    said, spent = server.said, []
    owner = Caller(server.base_url, {"Authorization": f"Bearer {said['tokens']['owner']}"})
    for _ in range(times):
        owner.call("POST", f"/api/v1/events/{said['event']}/releases", {"notify": "none"})
        connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc)
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", f"/{said['event']}/{name}")
        answer = connection.getresponse()
        body = answer.read()
        spent.append((time.perf_counter() - began) * 1000)
        connection.close()
        if answer.status != 200 or (name.endswith(".ics") and body.count(b"BEGIN:VEVENT") < 1156):
            sys.exit(f"{name} lacks sessions: {answer.status}")
    return statistics.median(spent)


def _rate(what: str, url: str, headers: dict[str, str], bound: float) -> Figure:
    return Figure(what, answers_per_s(url, headers), "answers/s", bound, at_least=True)


def _etag(server: Server, name: str) -> str:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc)
    connection.request("HEAD", f"/{server.said['event']}/{name}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return str(answer.headers["ETag"])


def _reading_ms(body: bytes) -> float:
    began = time.perf_counter()
    with contextlib.suppress(Refusal):
        read_file(body, FRAME)
    return (time.perf_counter() - began) * 1000
