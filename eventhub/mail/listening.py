"""Taking mail in by LMTP (RFC 2033) from this machine's mail server. The only module that imports aiosmtpd."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import structlog

log = structlog.get_logger()

Deliver = Callable[[bytes], Awaitable[str]]


def read_address(text: str) -> tuple[str, int] | str:
    """Read `127.0.0.1:8024`, `[::1]:8024` or `/path/of/a/socket`. ValueError says what is wrong.

    Who can connect can answer for others, so it listens to the machine itself only.
    """
    if text.startswith("/"):
        return text
    host, _, port = text.rpartition(":")
    host = host.strip("[]").replace("localhost", "127.0.0.1")
    if _is_loopback(host) and port.isascii() and port.isdecimal() and int(port) < 65_536:
        return host, int(port)
    raise ValueError("listen at a loopback address (127.0.0.1:8024) or a socket (/path)")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Desk:
    """Takes mail for some addresses and hands it on, one message and one recipient at a time."""

    def __init__(self, recipients: Iterable[str], deliver: Deliver) -> None:
        self._recipients = {one.lower() for one in recipients}
        self._deliver = deliver

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take no recipient but ours: this relays nothing."""
        local, _, domain = address.strip().lower().rpartition("@")
        if f"{local.partition('+')[0]}@{domain}" not in self._recipients:
            return "550 5.1.1 No such address here"
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Answer 250 once it is kept; the mail server tries again after any other answer."""
        try:
            said = await self._deliver(envelope.original_content)
        except Exception:  # The mail server holds the mail and brings it again.
            log.exception("mail could not be taken in")
            return "451 4.3.0 Not now, please try again"
        log.info("mail received", text=said)
        return "250 2.0.0 Taken"


@asynccontextmanager
async def listening(
    address: tuple[str, int] | str,
    recipients: Iterable[str],
    deliver: Deliver,
    *,
    size_limit: int,
) -> AsyncIterator[tuple[str, int] | str]:
    """Listen until left; gives the address, with the port that was free where 0 was asked for."""
    from aiosmtpd.lmtp import LMTP  # noqa: PLC0415 -- an extra that only this command needs

    desk, loop = Desk(recipients, deliver), asyncio.get_running_loop()

    def protocol() -> LMTP:
        return LMTP(
            desk, data_size_limit=size_limit, hostname="eventhub", loop=loop, ident="eventhub"
        )

    if isinstance(address, str):
        server = await loop.create_unix_server(protocol, address)
        found: tuple[str, int] | str = address
    else:
        server = await loop.create_server(protocol, *address)
        found = server.sockets[0].getsockname()[:2]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
