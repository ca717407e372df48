"""The one error boundary: a Refusal becomes a page for people or problem+json for programs."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from eventhub.errors import Conflict, Invalid, NotFound, Refusal, TooLarge, TooMany
from eventhub.language import Reader
from eventhub.web.access import Handler
from eventhub.web.keys import READER, REQUEST_ID
from eventhub.web.pages import page
from eventhub.wording import Text, render, say

log = structlog.get_logger()


class _Plain(Refusal):
    """A refusal that HTTP itself makes (405, 417), carrying its status."""

    def __init__(self, status: int, text: Text) -> None:
        super().__init__(text)
        self.status = status  # type: ignore[misc]  # one class for the few statuses only HTTP knows


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals; let nothing else out but a 500 that names the request."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return await _answer(request, refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = await _answer(request, _from_http(error))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception:
        log.exception(
            "failed", request_id=request[REQUEST_ID], method=request.method, path=request.path
        )
        text = say(
            "Something went wrong here. Please try again, and tell us this number: {id}.",
            id=request[REQUEST_ID],
        )
        return await _answer(request, _Plain(500, text))


def _from_http(error: web.HTTPException) -> Refusal:
    if error.status == 404:
        return NotFound(say("There is nothing at this address."))
    if error.status == 413:
        return TooLarge(say("This is too large."))
    if error.status == 405:
        return _Plain(
            405,
            say("This address does not take {method}.", method=getattr(error, "method", "this")),
        )
    return _Plain(error.status, say("The request could not be understood."))


async def _answer(request: web.Request, refusal: Refusal) -> web.Response:
    if wants_json(request):
        response = problem(refusal, request[READER])
    else:
        response = await page(request, "refusal.html", status=refusal.status, refusal=refusal)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def wants_json(request: web.Request) -> bool:
    """Whether a program asks: under /api/, or by what it accepts."""
    return request.path.startswith("/api/") or "json" in request.headers.get("Accept", "")


def problem(refusal: Refusal, reader: Reader) -> web.Response:
    """Return a refusal as RFC 9457 problem details."""
    status = refusal.status
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": render(refusal.text, reader),
    }
    if isinstance(refusal, Invalid):
        body["errors"] = [
            {"field": f.field, "message": render(f.text, reader)} for f in refusal.fields
        ]
    if isinstance(refusal, Conflict):
        body["conflicts"] = [rendered(conflict, reader) for conflict in refusal.conflicts]
        body |= rendered(refusal.facts, reader)
    return web.Response(
        status=status,
        text=json.dumps(body, ensure_ascii=False),
        content_type="application/problem+json",
    )


def rendered(value: Any, reader: Reader) -> Any:
    """Return plain data with every text in it rendered."""
    if isinstance(value, Text):
        return render(value, reader)
    if isinstance(value, Mapping):
        return {key: rendered(part, reader) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rendered(part, reader) for part in value]
    return value
