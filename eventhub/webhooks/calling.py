"""One HTTP request to a webhook's address, to no network but those it may reach."""

import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from errno import EACCES
from ipaddress import ip_address
from typing import Any

import aiohttp

from eventhub import __version__

from . import rules
from .model import Delivery, Webhook
from .rules import Network

WITHIN_S = 15


@asynccontextmanager
async def client(own_networks: Sequence[Network]) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a client for some deliveries; it follows no redirect, keeps no cookie and knows no proxy."""

    def open_socket(address: tuple[Any, ...]) -> socket.socket:
        # Looked at here and not by name: what was checked is what is connected to.
        family, kind, protocol, _, (host, *_) = address
        try:
            allowed = rules.may_call(ip_address(host), own_networks)
        except ValueError:  # a number written in a way that systems read differently
            allowed = False
        if not allowed:
            raise PermissionError(EACCES, f"{host} is in a network that webhooks may not reach")
        return socket.socket(family, kind, protocol)

    async with aiohttp.ClientSession(
        # No limit: nobody's time runs out while others have all connections.
        connector=aiohttp.TCPConnector(socket_factory=open_socket, limit=0, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=WITHIN_S),
        auto_decompress=False,
    ) as session:
        yield session


async def deliver(
    session: aiohttp.ClientSession,
    webhook: Webhook,
    delivery: Delivery,
    secret: bytes,
    at: datetime,
) -> tuple[int | None, str]:
    """Try a delivery once; return the answer's status, or None and why there was none."""
    body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"eventhub/{__version__}",
        "webhook-id": delivery.message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": rules.signature(secret, delivery.message, timestamp, body),
    }
    try:
        async with session.post(
            webhook.url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, ""
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return None, str(error) or type(error).__name__
