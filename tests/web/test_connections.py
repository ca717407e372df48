"""Connections that do not finish a request's headers are let go; others are left alone."""

import asyncio

from eventhub.web import connections
from eventhub.web.connections import impatient


class Inner(asyncio.Protocol):
    """Keeps what reaches it."""

    def __init__(self) -> None:
        self.got = b""
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.got += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


class Wire(asyncio.Transport):
    """A transport that only notes that it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def close(self) -> None:
        self.closed = True


async def opened(inner: Inner) -> tuple[connections.Impatient, Wire]:
    protocol, wire = impatient(lambda: inner)(), Wire()
    protocol.connection_made(wire)
    return protocol, wire


def timers() -> list[asyncio.TimerHandle]:
    """Return the timers that still run on the loop."""
    scheduled = getattr(asyncio.get_running_loop(), "_scheduled", [])
    return [timer for timer in scheduled if not timer.cancelled()]


async def test_headers_that_end_across_two_pieces_stop_the_clock() -> None:
    inner = Inner()
    before = len(timers())
    protocol, wire = await opened(inner)
    waiting = len(timers()) - before

    protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r")
    protocol.data_received(b"\nbody")

    assert (waiting, len(timers()) - before) == (1, 0)
    assert inner.got == b"GET / HTTP/1.1\r\nHost: x\r\n\r\nbody"
    assert not wire.closed


async def test_a_connection_that_ends_by_itself_stops_the_clock_too() -> None:
    inner = Inner()
    before = len(timers())
    protocol, _ = await opened(inner)

    protocol.data_received(b"GET / HT")
    protocol.connection_lost(None)

    assert (len(timers()) - before, inner.lost) == (0, True)
