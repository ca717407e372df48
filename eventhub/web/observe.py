"""A request's number, its log line and its figures."""

import asyncio
import contextlib
import re
import secrets
import time
from ipaddress import ip_address

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram

from eventhub.settings import Settings
from eventhub.web.access import Handler
from eventhub.web.keys import ADDRESS, REQUEST_ID, SETTINGS

log = structlog.get_logger()

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "eventhub_requests_total", "Requests answered", ("route", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "eventhub_request_seconds",
    "Time to answer",
    ("route",),
    registry=REGISTRY,
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Pending:
    """Counts the requests being answered, so that an end can wait for them."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self._count += 1
        self._none.clear()

    def __exit__(self, *_error: object) -> None:
        self._count -= 1
        if self._count == 0:
            self._none.set()

    async def none_left(self, within: float) -> None:
        """Wait until every request was answered, at most so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), within)


PENDING = web.AppKey("pending", Pending)
# Set where many requests do one thing together, which writes the one line about it.
TOLD_TOGETHER: web.RequestKey[bool] = web.RequestKey("told_together")


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Number the request (a proxy's X-Request-Id is kept), log it and count it."""
    given = request.headers.get("X-Request-Id", "")
    request[REQUEST_ID] = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    request[ADDRESS] = client_address(request, request.app[SETTINGS])
    started = time.perf_counter()
    with request.app[PENDING]:
        response = await handler(request)
    seconds = time.perf_counter() - started
    route = request.match_info.route.name or "other"
    REQUESTS.labels(route, response.status).inc()
    SECONDS.labels(route).observe(seconds)
    if not response.prepared:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    if TOLD_TOGETHER in request:
        return response
    # The route's name and not its path: paths of personal links are secrets.
    log.info(
        "request",
        request_id=request[REQUEST_ID],
        method=request.method,
        route=route,
        status=response.status,
        ms=round(seconds * 1000, 1),
    )
    return response


def client_address(request: web.Request, settings: Settings) -> str:
    """Return the caller's address; X-Forwarded-For counts only from a trusted proxy, its last untrusted entry."""
    address = request.remote or ""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    while forwarded and _is_trusted(address, settings):
        address = forwarded.pop() or address
    return address


def _is_trusted(address: str, settings: Settings) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in settings.trusted_proxies)
