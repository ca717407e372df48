"""For machines that watch: alive, ready, figures."""

from ipaddress import ip_address

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from eventhub.errors import Unauthenticated
from eventhub.web.access import public
from eventhub.web.keys import ADDRESS, AUTHENTICATORS, DATABASE, reading
from eventhub.web.observe import REGISTRY
from eventhub.wording import say


@public
async def healthz(_request: web.Request) -> web.Response:
    """Say that the process answers; asks no database."""
    return web.json_response({"status": "alive"})


@public
async def readyz(request: web.Request) -> web.Response:
    """Say whether the database answers and its schema is current (503 otherwise)."""
    try:
        current = await request.app[DATABASE].is_current()
    except (SQLAlchemyError, OSError):
        return web.json_response({"status": "no database"}, status=503)
    if not current:
        return web.json_response({"status": "schema is not current"}, status=503)
    return web.json_response({"status": "ready"})


@public
async def metrics(request: web.Request) -> web.Response:
    """Give Prometheus its figures, on loopback or to the holder of any live token."""
    if not _is_loopback(request[ADDRESS]):
        async with reading(request) as tx:
            callers = [await find(tx, request, None) for find in request.app[AUTHENTICATORS]]
        if not any(who is not None and who.kind == "token" for who in callers):
            raise Unauthenticated(say("Send a valid token as Authorization: Bearer."))
    return web.Response(
        body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


ROUTES = [
    web.get("/healthz", healthz, name="healthz"),
    web.get("/readyz", readyz, name="readyz"),
    web.get("/metrics", metrics, name="metrics"),
]
