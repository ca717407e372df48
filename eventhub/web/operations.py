"""API operations, declared as data: access, body, query, answers. `calling` makes routes of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound, Stale
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.web.access import Access, Principal, Right
from eventhub.wording import say

B = TypeVar("B", bound=BaseModel | None)
Q = TypeVar("Q", bound=BaseModel | None)

Express = Callable[[web.Request], Awaitable[web.StreamResponse | None]]

JSON_LIMIT = 1_000_000
PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved under a name, which is ASCII."""

    content: bytes
    content_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers: a status, a shape, a file or nothing, and the version that becomes the ETag."""

    status: int
    body: BaseModel | None = None
    version: int | None = None
    location: str | None = None
    file: File | None = None


@dataclass(frozen=True)
class Call(Generic[B, Q]):
    """One call of an operation, ready to decide on: everything in it has been read and checked."""

    request: web.Request
    who: Principal
    at: datetime
    reader: Reader
    path: Mapping[str, str]
    form: B
    query: Q
    _event: Event | None
    if_match: str | None
    _tx: AsyncConnection | None = None

    @property
    def tx(self) -> AsyncConnection:
        """The operation's one transaction; an operation that calls out has none and opens its own."""
        assert self._tx is not None
        return self._tx

    @property
    def event(self) -> Event:
        """The event of the path."""
        if self._event is None:
            raise NotFound(say("There is no such event."))
        return self._event

    def expect(self, version: int) -> None:
        """Refuse a change that was not made from this version (If-Match, RFC 9110, 13.1.1)."""
        if self.if_match == "*":
            return
        if etag(version) not in {tag.strip() for tag in (self.if_match or "").split(",")}:
            raise Stale(
                say("This has changed meanwhile. Please load it again and repeat your change.")
            )


@dataclass(frozen=True)
class Operation:
    """An operation's declaration, from which its route and its part of the OpenAPI document are made."""

    method: str
    path: str
    access: Access
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answers: Mapping[int, type[BaseModel] | None]
    summary: str
    limit: int
    handle: Callable[[Call[Any, Any]], Awaitable[Answer]]
    writes: bool
    calls_out: bool
    may_be_conditional: bool = False
    express: Express | None = None
    gives: str = ""

    @property
    def name(self) -> str:
        return f"api.{self.handle.__module__.split('.')[-2]}.{self.handle.__name__}"


def operation(
    method: str,
    path: str,
    *,
    right: Right,
    answers: Mapping[int, type[BaseModel] | None],
    summary: str,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    limit: int = JSON_LIMIT,
    writes: bool | None = None,
    calls_out: bool = False,
    may_be_conditional: bool = False,
    express: Express | None = None,
    gives: str = "",
) -> Callable[[Callable[[Call[Any, Any]], Awaitable[Answer]]], Operation]:
    """Declare an operation below /api/v1. GET reads unless `writes` (a look that is audited).

    One that `calls_out` runs without a transaction, as no call to the outside world is made within one; it must be
    safe to repeat by itself, and an Idempotency-Key changes nothing. One that `may_be_conditional` heeds If-Match
    without demanding it. `express` is a shorter way, tried first, to the same answer; what it returns None for goes
    the ordinary way, as does every refusal. `gives` is the media type of
    an operation that answers 200 with a file.
    """

    def make(handle: Callable[[Call[Any, Any]], Awaitable[Answer]]) -> Operation:
        return Operation(
            method=method,
            path=path if path.startswith("/api/") else PREFIX + path,
            access=Access("right", right),
            body=body,
            query=query,
            answers=answers,
            summary=summary,
            limit=limit,
            handle=handle,
            writes=method != "GET" if writes is None else writes,
            calls_out=calls_out,
            may_be_conditional=may_be_conditional,
            express=express,
            gives=gives,
        )

    return make


def etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'
