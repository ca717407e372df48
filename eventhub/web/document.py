"""The OpenAPI document and a page to read it."""

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from eventhub.web import openapi
from eventhub.web.access import public
from eventhub.web.operations import Operation
from eventhub.web.pages import page

# Writing it takes longer than building the rest of the application: whoever asks first waits for it.
DOCUMENT: web.AppKey[Callable[[], dict[str, Any]]] = web.AppKey("document")


def of(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """Return the document that describes the operations."""
    return openapi.document(operations, version)


@public
async def show_document(request: web.Request) -> web.Response:
    """Give programs the document."""
    return web.json_response(request.app[DOCUMENT]())


@public
async def show_docs(request: web.Request) -> web.Response:
    """Show people the document."""
    return await page(request, "api_docs.html", document=request.app[DOCUMENT]())


ROUTES = [
    web.get("/api/openapi.json", show_document, name="openapi"),
    web.get("/api/docs", show_docs, name="openapi.docs"),
]
