"""Forms that people post: read within limits, checked for their origin, turned into models with every fault named."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDictProxy
from pydantic import BaseModel, ValidationError

from eventhub.errors import Forbidden, TooLarge, TooSlow, Unreadable
from eventhub.web.faults import invalid
from eventhub.web.keys import CSRF, SETTINGS
from eventhub.wording import say

M = TypeVar("M", bound=BaseModel)
Posted = MultiDictProxy[str | bytes | bytearray | web.FileField]

FORM_LIMIT = 1_000_000
BODY_WITHIN_S = 30.0


async def posted(request: web.Request, limit: int = FORM_LIMIT) -> Posted:
    """Return the posted form, at most `limit` bytes, after its origin and CSRF token were checked."""
    check_origin(request)
    try:
        async with in_time():
            form = await request.clone(client_max_size=limit).post()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(
            say("This is too large: at most {n} MB are taken.", n=limit // 1_000_000)
        ) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise Unreadable(say("The form could not be read. Please send it again.")) from error
    given = form.get("csrf") or request.headers.get("X-CSRF-Token", "")
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode(), request[CSRF].encode()
    ):
        raise Forbidden(
            say("This form is too old. Please load the page again and send it once more.")
        )
    return form


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Refuse a body that does not arrive within `BODY_WITHIN_S`."""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            yield
    except TimeoutError as error:
        raise TooSlow(
            say("This took too long to arrive. Please try again with a better connection.")
        ) from error


def check_origin(request: web.Request) -> None:
    """Refuse a post that another site's page sent.

    Pages that send no referrer post with `Origin: null` (Fetch standard, "append a request Origin header"),
    so what the browser says of the relation goes first.
    """
    relation = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if relation is not None:
        same = relation in {"same-origin", "none"}
    elif origin is not None:
        ours = {urlsplit(request.app[SETTINGS].base_url).netloc, request.host}
        same = urlsplit(origin).netloc in ours
    else:
        same = True
    if not same:
        raise Forbidden(say("This was sent from another site. Please use the page itself."))


def read_form(model: type[M], form: Mapping[str, Any]) -> M:
    """Return the model of a form's text fields (empty ones count as left out), or raise Invalid."""
    values = {
        name: value
        for name, value in form.items()
        if isinstance(value, str) and name != "csrf" and (value.strip() or name in _kept(model))
    }
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from error


def _kept(model: type[BaseModel]) -> frozenset[str]:
    """Fields for which an empty text is a value: text that may be empty."""
    return frozenset(name for name, info in model.model_fields.items() if info.default == "")
