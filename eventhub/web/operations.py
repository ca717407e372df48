"""API operations, declared as data: access, body, query, answers. What every operation needs is done here once.

The order: who calls (401), which event (404), role (403), body (400, 413, 415, 422), If-Match (428), then the
handler in its transaction (404, 409, 412, ...), then the answer.
"""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    TooLarge,
    Unauthenticated,
    Unconditional,
    Unreadable,
    Unsupported,
)
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.web import idempotency
from eventhub.web.access import Access, Principal, Right, declare
from eventhub.web.faults import invalid
from eventhub.web.fields import Listing
from eventhub.web.forms import in_time
from eventhub.web.keys import (
    AUTHENTICATORS,
    CLOCK,
    EVENT,
    FIND_EVENT,
    PRINCIPAL,
    READER,
    reading,
    transaction,
)
from eventhub.web.language import in_event_zone
from eventhub.wording import say

B = TypeVar("B", bound=BaseModel | None)
Q = TypeVar("Q", bound=BaseModel | None)
S = TypeVar("S", bound=BaseModel)

JSON_LIMIT = 1_000_000
PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers: a status, a shape or nothing, and the version that becomes the ETag."""

    status: int
    body: BaseModel | None = None
    version: int | None = None
    location: str | None = None


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

    @property
    def name(self) -> str:
        return f"api.{self.handle.__module__.split('.')[-2]}.{self.handle.__name__}"

    def route(self) -> web.RouteDef:
        """Return the route, its handler declaring the operation's access."""

        async def handler(request: web.Request) -> web.StreamResponse:
            return await _run(self, request)

        declare(handler, self.access)
        if self.method == "GET":
            return web.get(self.path, handler, name=self.name)
        return web.route(self.method, self.path, handler, name=self.name)


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
) -> Callable[[Callable[[Call[Any, Any]], Awaitable[Answer]]], Operation]:
    """Declare an operation below /api/v1. GET reads unless `writes` (a look that is audited).

    One that `calls_out` runs without a transaction, as no call to the outside world is made within one; it must be
    safe to repeat by itself, and an Idempotency-Key changes nothing.
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
        )

    return make


def etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'


async def _run(declared: Operation, request: web.Request) -> web.Response:
    who, event = await _admit(declared, request)
    if declared.body is not None or request.can_read_body:
        raw = await _body(request, declared.limit)
    else:
        raw = b""
    form = _form(declared.body, raw)
    query = _query(declared.query, request)
    if_match = request.headers.get("If-Match")
    if declared.method in {"PATCH", "DELETE"} and if_match is None:
        raise Unconditional(
            say("Send the ETag you last saw as If-Match, so that nobody's change is lost.")
        )
    key = idempotency.read_key(request) if declared.method == "POST" else None
    call: Call[Any, Any] = Call(
        request=request,
        who=who,
        at=request.app[CLOCK].now(),
        reader=request[READER],
        path=request.match_info,
        form=form,
        query=query,
        _event=event,
        if_match=if_match,
    )
    if declared.calls_out:
        return _response(await declared.handle(call))
    opened = transaction(request) if declared.writes else reading(request)
    async with opened as tx:
        call = replace(call, _tx=tx)
        if key is None:
            return _response(await declared.handle(call))
        return await _once(declared, call, key, raw)


async def _once(declared: Operation, call: Call[Any, Any], key: str, raw: bytes) -> web.Response:
    scope = f"{call.who.kind}:{call.who.id}"
    fingerprint = hashlib.sha256(
        f"{declared.method} {call.request.path}\n".encode() + raw
    ).hexdigest()
    kept = await idempotency.begin(call.tx, scope, key, fingerprint, call.at)
    if kept is not None:
        return _raw_response(kept.status, kept.body, kept.headers)
    response = _response(await declared.handle(call))
    headers = {
        name: response.headers[name] for name in ("ETag", "Location") if name in response.headers
    }
    await idempotency.keep(
        call.tx, scope, key, idempotency.Kept(response.status, response.text or "", headers)
    )
    return response


async def _admit(declared: Operation, request: web.Request) -> tuple[Principal, Event | None]:
    slug = request.match_info.get("event")
    async with reading(request) as tx:
        event = await request.app[FIND_EVENT](tx, slug) if slug else None
        who = None
        for authenticate in request.app[AUTHENTICATORS]:
            who = who or await authenticate(tx, request, event)
    if who is None or who.kind == "user":
        raise Unauthenticated(say("Send a valid token as Authorization: Bearer."))
    if slug and (event is None or who.event_id not in {None, event.id}):
        raise NotFound(say("There is no such event."))
    right = declared.access.right
    assert right is not None
    if not who.has(right):
        raise Forbidden(say("This token's role does not allow this."))
    request[PRINCIPAL] = who
    if event is not None:
        request[EVENT] = event
        request[READER] = in_event_zone(request[READER], event)
    return who, event


async def _body(request: web.Request, limit: int) -> bytes:
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(say("This is too large: at most {n} MB are taken.", n=limit // 1_000_000))
    try:
        async with in_time():
            raw = await request.clone(client_max_size=limit).read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(
            say("This is too large: at most {n} MB are taken.", n=limit // 1_000_000)
        ) from error
    if raw and request.content_type not in {"application/json", "application/octet-stream"}:
        raise Unsupported(say("Send the body as application/json."))
    return raw


def _form(model: type[BaseModel] | None, raw: bytes) -> BaseModel | None:
    if model is None:
        if raw.strip() not in {b"", b"{}"}:
            raise Invalid.field("body", say("This takes no body."))
        return None
    try:
        return model.model_validate_json(raw or b"{}", strict=True)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise Unreadable(say("The body is no JSON.")) from error
        raise invalid(error) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(say("The body is no JSON.")) from error


def _query(model: type[BaseModel] | None, request: web.Request) -> BaseModel | None:
    known = set(model.model_fields) if model else set()
    values: dict[str, Any] = {}
    for name in request.query:
        given = request.query.getall(name)
        values[name] = given[0] if len(given) == 1 or name not in known else given
    values.pop("lang", None)
    try:
        return (model or _NoQuery).model_validate(values) if model or values else None
    except ValidationError as error:
        raise invalid(error) from error


class _NoQuery(BaseModel):
    model_config = {"extra": "forbid"}


def _response(answer: Answer) -> web.Response:
    headers = {}
    if answer.version is not None:
        headers["ETag"] = etag(answer.version)
    if answer.location is not None:
        headers["Location"] = answer.location
    body = answer.body.model_dump_json(by_alias=True) if answer.body is not None else ""
    return _raw_response(answer.status, body, headers)


def _raw_response(status: int, body: str, headers: Mapping[str, str]) -> web.Response:
    if status == 204:
        return web.Response(status=status, headers=headers)
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)


def cursor_of(*key: str | int) -> str:
    """Return a list position as a cursor: the sort key of the last item given."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Return the sort key in a cursor, whose parts must be of `kinds`; None for the start of the list."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise Invalid.field(
            "cursor", say("This is no cursor that an earlier answer gave.")
        ) from error
    if not isinstance(key, list) or len(key) != len(kinds):
        raise Invalid.field("cursor", say("This is no cursor that an earlier answer gave."))
    if not all(type(part) is kind and _fits(part) for part, kind in zip(key, kinds, strict=True)):
        raise Invalid.field("cursor", say("This is no cursor that an earlier answer gave."))
    return tuple(key)


def _fits(part: object) -> bool:
    if isinstance(part, int):
        return 0 <= part < 2**31
    return isinstance(part, str) and part.isprintable() and len(part) <= 400


def listing(
    shapes: Sequence[S], limit: int, key: Callable[[S], tuple[str | int, ...]]
) -> Listing[S]:
    """Return a page of a list, made from up to `limit` + 1 items read; the extra one tells there is more."""
    items = list(shapes[:limit])
    more = len(shapes) > limit
    return Listing[Any](items=items, next=cursor_of(*key(items[-1])) if more else None)
