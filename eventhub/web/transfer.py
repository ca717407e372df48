"""How answers travel over a slow line: compressed, and static files kept by the browser.

Compression lets a listener guess a secret that stands beside text of theirs (the BREACH attack), so pages with a form
token stay as they are: only static files, public pages and personal pages, which show nothing a stranger sent, shrink.
"""

import mimetypes

from aiohttp import web

from eventhub.web.access import Access

_TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/wasm",
        "image/svg+xml",
        "text/calendar",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
    }
)
_ASKS_FOR_LESS = frozenset(
    {"If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Range"}
)
STATIC = "/static/"
FOR_A_YEAR = "public, max-age=31536000, immutable"


def lighten(request: web.Request, response: web.StreamResponse, access: Access | None) -> None:
    """Let an answer travel lightly, if it has not left yet."""
    is_static = request.path.startswith(STATIC)
    if is_static and response.status == 200:
        # An address with the mark of its content never shows anything else.
        marked = "v" in request.query
        response.headers.setdefault("Cache-Control", FOR_A_YEAR if marked else "no-cache")
    if response.prepared or not (is_static or _holds_no_token(request, access)):
        return
    if "Vary" in response.headers:
        return  # kept in both forms: the right one was chosen
    if _type_of(request, response) in _TYPES:
        response.headers["Vary"] = "Accept-Encoding"
        if (
            request.method == "GET"
            and response.status == 200
            and not _may_be_other(request, response)
        ):
            response.enable_compression()


def _may_be_other(request: web.Request, response: web.StreamResponse) -> bool:
    """Whether sending may still turn a file into a part of it or into "not modified", which must not be compressed."""
    return isinstance(response, web.FileResponse) and any(
        name in request.headers for name in _ASKS_FOR_LESS
    )


def _holds_no_token(request: web.Request, access: Access | None) -> bool:
    is_open = access is not None and access.kind in {"public", "personal"}
    return is_open and not request.path.startswith(("/manage/", "/api/v1/"))


def _type_of(request: web.Request, response: web.StreamResponse) -> str:
    """Return the media type; a file's is settled only as it is sent, so its name tells."""
    if isinstance(response, web.FileResponse):
        return mimetypes.guess_type(request.path)[0] or ""
    return response.content_type
