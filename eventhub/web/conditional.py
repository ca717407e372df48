"""Files that programs fetch again and again: whole, or "not modified" (RFC 9110, 13)."""

from datetime import UTC, datetime

from aiohttp import web


def is_unchanged(request: web.Request, etag: str, modified: datetime) -> bool:
    """Whether the caller's copy is still good; an entity tag outweighs a date (RFC 9110, 13.2.2)."""
    tags = request.if_none_match
    if tags is not None:
        return any(tag.value in {etag, "*"} for tag in tags)
    since = request.if_modified_since
    return since is not None and modified.replace(microsecond=0) <= since


def not_modified(etag: str, modified: datetime) -> web.Response:
    """Say that the caller's copy is still good."""
    return _validated(web.Response(status=304), etag, modified)


def file(
    body: bytes, content_type: str, name: str, *, etag: str, modified: datetime
) -> web.Response:
    """Answer with a file to save under a name, and what to ask for it again with."""
    response = web.Response(body=body, headers={"Content-Type": content_type})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _validated(response, etag, modified)


def _validated(response: web.Response, etag: str, modified: datetime) -> web.Response:
    response.etag = etag
    response.last_modified = modified.astimezone(UTC)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
