"""Connections that keep nobody waiting: whoever does not finish a request's headers in time is let go.

aiohttp bounds the wait between requests of a connection (keep-alive), not the first request's headers.
"""

import asyncio
from collections.abc import Callable

HEADERS_WITHIN_S = 10.0
_END = b"\r\n\r\n"


class Impatient(asyncio.Protocol):
    """Passes everything to the protocol of a connection, and closes it when the first headers take too long."""

    def __init__(self, inner: asyncio.Protocol) -> None:
        self._inner = inner
        self._tail = b""
        self._timer: asyncio.TimerHandle | None = None
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]
        self.eof_received = inner.eof_received  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._timer = asyncio.get_running_loop().call_later(HEADERS_WITHIN_S, transport.close)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._timer is not None:
            seen = self._tail + data
            if _END in seen:
                self._timer.cancel()
                self._timer, self._tail = None, b""
            else:
                self._tail = seen[-len(_END) :]
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._inner.connection_lost(exc)


def impatient(make: Callable[[], asyncio.Protocol]) -> Callable[[], Impatient]:
    """Return a factory of impatient protocols around those that `make` makes."""
    return lambda: Impatient(make())
