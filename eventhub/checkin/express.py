"""The short way for scans: through the line, in a transaction that many share.

It answers as the ordinary way does, to requests that have nothing special about them. Whatever else there is to say, a
refusal or an answer kept under a key, it leaves to the ordinary way.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from eventhub.errors import Refusal
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.signing import digest
from eventhub.web.calling import body_of
from eventhub.web.keys import CLOCK, READER
from eventhub.web.language import in_event_zone
from eventhub.web.observe import TOLD_TOGETHER

from . import phones
from .admitting import Credential
from .forms import PassageBatch, ResultsShape, result_shape
from .items import read_item
from .line import LINE
from .model import Result

BATCH_LIMIT = 2_000_000


async def record_by_token(request: web.Request) -> web.Response | None:
    """Record what a program sends with an API token."""
    if "Idempotency-Key" in request.headers or "?" in request.raw_path:
        return None
    return await recorded(request, credential_of(request), in_event_zone)


async def recorded(
    request: web.Request, shown: Credential, within: Callable[[Reader, Event], Reader]
) -> web.Response | None:
    """Record a batch, or return None where the ordinary way must say why not.

    A body is read only of who was admitted before: strangers are turned away without it.
    """
    line = request.app[LINE]
    if not line.has_met(shown):
        return None
    try:
        batch = PassageBatch.model_validate_json(await body_of(request, BATCH_LIMIT), strict=True)
    except (Refusal, ValidationError, ValueError, RecursionError):
        return None
    items = [read_item(item) for item in batch.passages]
    answered = await line.record(shown, items, at=request.app[CLOCK].now())
    if answered is None:
        return None
    request[TOLD_TOGETHER] = True
    event, results = answered
    reader = within(request[READER], event)
    shape = ResultsShape(results=[result_shape(result, reader) for result in results])
    return web.Response(text=shape.model_dump_json(), content_type="application/json")


async def record_by_phone(
    request: web.Request, items: Sequence[Any], *, at: datetime
) -> list[Result]:
    """Record what a phone sends, or raise Unauthenticated when it has stopped being a scanner."""
    shown = Credential("device", digest(request.cookies.get(phones.COOKIE, "")))
    answered = await request.app[LINE].record(shown, [read_item(item) for item in items], at=at)
    if answered is None:
        raise phones.no_scanner()
    return answered[1]


def credential_of(request: web.Request) -> Credential:
    """Return the API token that a request shows, for the event of its path."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    shown = digest(secret.strip()) if scheme.lower() == "bearer" else ""
    return Credential("token", shown, request.match_info["event"])
