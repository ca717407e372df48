"""Open pages: what many viewers cost, how fast an announcement reaches them, how many idle lines hold."""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import cycle
from typing import Any, cast
from urllib.parse import urlsplit

import psutil

from eventhub.cli.serving import raise_open_files, run_loop
from eventhub.streaming.joining import WATCH_COOKIE
from scripts.serving import Server

from .figure import Caller, Figure

# The whole audience watches the opening.
OPENING = "2021-02-25T09:30+07:00"
VIEWERS = 2000
IDLE = 10_000
BEATING = 1000
GREETED_WITHIN_S = 30.0
BEAT_S = 60.0
WATCHED_S = 60.0
HELD_S = 40.0
ANNOUNCEMENTS = 10
# Connections that are opened at once; a crowd larger than the listening socket's queue is turned away by the kernel.
AT_ONCE = 200


class Viewer(asyncio.Protocol):
    """An open page: notes when announcements arrive, and whether the line still stands."""

    def __init__(self, path: str, host: str, cookie: str = "") -> None:
        known = f"Cookie: {cookie}\r\n" if cookie else ""
        self._request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{known}\r\n".encode()
        self.greeted = asyncio.get_running_loop().create_future()
        self.arrivals: list[float] = []
        self.pings = 0
        self.is_lost = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if b"event: hello" in data and not self.greeted.done():
            self.greeted.set_result(None)
        if b"event: announcement" in data:
            self.arrivals.append(time.perf_counter())
        if b"\n:\n" in data:
            self.pings += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError("turned away"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


@dataclass
class Crowd:
    """Many viewers of one server; `known` are watch pages of participants: line and cookie."""

    server: Server
    path: str
    known: list[tuple[str, str]] = field(default_factory=list)
    viewers: list[Viewer] = field(default_factory=list)

    async def grow(self, size: int) -> None:
        """Let more come, until there are so many."""
        host, port = _place(self.server)
        loop = asyncio.get_running_loop()
        while len(self.viewers) < size:
            size_now = min(AT_ONCE, size - len(self.viewers))
            numbers = range(len(self.viewers), len(self.viewers) + size_now)
            some = [Viewer(*self._page(number, f"{host}:{port}")) for number in numbers]
            opening = (loop.create_connection(partial(_same, one), host, port) for one in some)
            await asyncio.gather(*opening)
            async with asyncio.timeout(GREETED_WITHIN_S):
                await asyncio.gather(*(one.greeted for one in some))
            self.viewers += some

    def _page(self, number: int, host: str) -> tuple[str, str, str]:
        if number >= VIEWERS or not self.known:
            return self.path, host, ""
        line, cookie = self.known[number % len(self.known)]
        return line, host, cookie

    def leave(self) -> None:
        for viewer in self.viewers:
            viewer.close()
        self.viewers.clear()


def figures(server: Server) -> Iterator[Figure]:
    """Measure viewers of the sample event's opening hours."""
    raise_open_files()
    said = server.said
    owner = Caller(server.base_url, {"Authorization": f"Bearer {said['tokens']['owner']}"})
    people = joins(owner, server)
    path = f"/live/{said['event']}?kinds=announcement,programme,broadcast"
    yield from run_loop(_viewers(server, path, people))


async def _viewers(server: Server, path: str, people: list[tuple[str, str]]) -> list[Figure]:
    """`people` are session and join token of who watches now; an open line of theirs is presence too."""
    process = psutil.Process(server.process.pid)
    query = urlsplit(path).query
    lines = [
        (f"/{server.said['event']}/watch/{code}/live?{query}", f"{WATCH_COOKIE}={token}")
        for code, token in people
    ]
    beats = [f"/j/{token}/presence" for _, token in people]
    crowd = Crowd(server, path, lines)
    before = process.memory_info().rss
    await crowd.grow(VIEWERS)
    share = await _watch(process, server, beats)
    memory = (process.memory_info().rss - before) / 1e6
    latest = await _announce(server, crowd)
    await crowd.grow(IDLE)
    spent = process.cpu_times()
    await asyncio.sleep(HELD_S)
    idle_share = _share(process, spent, HELD_S)
    standing = sum(not viewer.is_lost and viewer.pings > 0 for viewer in crowd.viewers)
    crowd.leave()
    return [
        Figure(f"{VIEWERS:,} viewers with a beat a minute, of one core", share, "%", 25),
        Figure(f"{VIEWERS:,} viewers, more memory", memory, "MB", 200),
        Figure(f"an announcement reaches {VIEWERS:,} viewers, p99", latest, "ms", 1000),
        Figure(
            f"of {IDLE:,} idle lines still standing", standing, "lines", IDLE - 1, at_least=True
        ),
        Figure(f"{IDLE:,} idle lines, of one core", idle_share, "%", 25),
    ]


async def _watch(process: psutil.Process, server: Server, beats: list[str]) -> float:
    """Send every viewer's beat, evenly over a minute; return the share of one core that the server took."""
    spent, began = process.cpu_times(), time.perf_counter()
    tokens = cycle(beats)
    sent: list[asyncio.Task[int]] = []
    pause = BEAT_S / VIEWERS
    while (passed := time.perf_counter() - began) < WATCHED_S:
        if len(sent) * pause <= passed:
            sent.append(asyncio.create_task(_beat(server, next(tokens))))
        await asyncio.sleep(pause / 4)
    share = _share(process, spent, time.perf_counter() - began)
    statuses = set(await asyncio.gather(*sent))
    if statuses != {200}:
        sys.exit(f"beats were answered {statuses}")
    return share


def _same(viewer: Viewer) -> Viewer:
    return viewer


def _place(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.base_url)
    return parts.hostname or "", parts.port or 80


def _share(process: psutil.Process, before: Any, seconds: float) -> float:
    now = process.cpu_times()
    spent: float = now.user + now.system - before.user - before.system
    return 100 * spent / seconds


async def _beat(server: Server, path: str) -> int:
    """Post a beat on a connection of its own, as a browser does whose last one has timed out."""
    host, port = _place(server)
    reader, writer = await asyncio.open_connection(host, port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    status = int((await reader.readline()).split()[1])
    await reader.read()
    writer.close()
    return status


async def _announce(server: Server, crowd: Crowd) -> float:
    """Announce some times; return the 99th percentile of how long it took to reach a viewer, in ms."""
    headers = {"Authorization": f"Bearer {server.said['tokens']['streaming']}"}
    caller = Caller(server.base_url, headers)
    path = f"/api/v1/events/{server.said['event']}/announcements"
    spans: list[float] = []
    for number in range(1, ANNOUNCEMENTS + 1):
        began = time.perf_counter()
        await asyncio.to_thread(caller.call, "POST", path, {"text": f"Pengumuman {number}"})
        while any(len(viewer.arrivals) < number for viewer in crowd.viewers):
            await asyncio.sleep(0.01)
            if time.perf_counter() - began > 30:
                sys.exit("an announcement did not reach every viewer")
        spans += [1000 * (viewer.arrivals[-1] - began) for viewer in crowd.viewers]
        await asyncio.sleep(0.5)
    return statistics.quantiles(spans, n=100)[98]


def joins(owner: Caller, server: Server) -> list[tuple[str, str]]:
    """Return session and join token of some who watch the stream that is on now."""
    below = f"/api/v1/events/{server.said['event']}"
    now = datetime.fromisoformat(OPENING)
    listed = json.loads(owner.call("GET", f"{below}/sessions?limit=1000&day={now.date()}"))["items"]
    is_on = {
        one["code"]
        for one in listed
        if one["stream"]
        and datetime.fromisoformat(one["starts_at"]) <= now < datetime.fromisoformat(one["ends_at"])
    }
    found: list[tuple[str, str]] = []
    for person in _people(owner, below):
        if person["attendance"] == "stream" and len(found) < BEATING:
            links = json.loads(owner.call("GET", f"{below}/participants/{person['id']}/links"))
            found += [
                (join["session"], urlsplit(join["url"]).path.removeprefix("/j/"))
                for join in links["joins"]
                if join["session"] in is_on
            ]
    if not found:
        sys.exit("nobody can watch anything now")
    return found


def _people(owner: Caller, below: str) -> Iterator[dict[str, Any]]:
    query = "limit=1000"
    while query:
        part = json.loads(owner.call("GET", f"{below}/participants?{query}"))
        yield from part["items"]
        query = f"limit=1000&cursor={part['next']}" if part["next"] else ""
