"""Answers that are the same for everybody, made once and kept as bytes: whole, compressed, or "not modified"."""

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from aiohttp import web

PACKED = "-gzip"
LEVEL = 6
# Named, and not with a weight of nought (RFC 9110, 12.5.3).
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer, as they are and compressed, and their entity tag.

    What is compressed is another representation, and has a tag of its own (RFC 9110, 8.8.3.3).
    """

    plain: bytes
    packed: bytes
    etag: str

    def __len__(self) -> int:
        return len(self.plain) + len(self.packed)


def body_of(plain: bytes) -> Body:
    """Return an answer of these bytes; blocks while it compresses."""
    return Body(plain, gzip.compress(plain, LEVEL, mtime=0), sha256(plain).hexdigest()[:20])


class Shelf:
    """Answers by key, made once however many ask at the same time; those asked for longest ago go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._bodies: OrderedDict[Hashable, Body] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Body]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Body]]) -> Body:
        """Return what is kept under a key, or make it."""
        if (kept := self._bodies.get(key)) is not None:
            self._bodies.move_to_end(key)
            return kept
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.ensure_future(self._make(key, make))
        # Who asked first may hang up; the others still wait for it.
        return await asyncio.shield(task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Body]]) -> Body:
        try:
            made = await make()
        finally:
            del self._making[key]
        self._bodies[key] = made
        self._size += len(made)
        while self._size > self._most:
            _, gone = self._bodies.popitem(last=False)
            self._size -= len(gone)
        return made


SHELF: web.AppKey[Shelf] = web.AppKey("shelf")


def answer(
    request: web.Request, body: Body, content_type: str, *, modified: datetime | None = None
) -> web.Response:
    """Return a body, or say that the caller's copy is still good; a tag outweighs a date (RFC 9110, 13.2.2)."""
    packs = bool(_TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))
    etag = body.etag + PACKED if packs else body.etag
    if _is_unchanged(request, body.etag, modified):
        response = web.Response(status=304)
    elif packs:
        response = web.Response(body=body.packed, headers={"Content-Type": content_type})
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = web.Response(body=body.plain, headers={"Content-Type": content_type})
    response.etag = etag
    response.headers["Vary"] = "Accept-Encoding"
    if modified is not None:
        response.last_modified = modified.astimezone(UTC)
    return response


def _is_unchanged(request: web.Request, etag: str, modified: datetime | None) -> bool:
    tags = request.if_none_match
    if tags is not None:
        return any(tag.value in {etag, etag + PACKED, "*"} for tag in tags)
    since = request.if_modified_since
    return modified is not None and since is not None and modified.replace(microsecond=0) <= since
