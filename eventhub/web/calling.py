"""Calling an operation: what each of them needs is done here once.

The order: who calls (401), which event (404), role (403), body (400, 413, 415, 422), If-Match (428), then the
handler in its transaction (404, 409, 412, ...), then the answer.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from eventhub.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unconditional,
    Unreadable,
    Unsupported,
)
from eventhub.events.model import Event
from eventhub.web import idempotency
from eventhub.web.access import Principal, declare
from eventhub.web.faults import invalid
from eventhub.web.forms import in_time
from eventhub.web.keys import (
    AUTHENTICATORS,
    CLOCK,
    EVENT,
    FIND_EVENT,
    PRINCIPAL,
    READER,
    SETTINGS,
    reading,
    transaction,
)
from eventhub.web.language import in_event_zone
from eventhub.web.operations import JSON_LIMIT, Answer, Call, Operation, etag
from eventhub.wording import say

BODY: web.RequestKey[bytes | Refusal] = web.RequestKey("body")


def route(declared: Operation) -> web.RouteDef:
    """Return the route of an operation, its handler declaring the operation's access."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if declared.express is not None and (answer := await declared.express(request)):
            return answer
        return await _run(declared, request)

    declare(handler, declared.access)
    if declared.method == "GET":
        return web.get(declared.path, handler, name=declared.name)
    return web.route(declared.method, declared.path, handler, name=declared.name)


async def _run(declared: Operation, request: web.Request) -> web.Response:
    who, event = await _admit(declared, request)
    if declared.body is not None or request.can_read_body:
        raw = await body_of(request, declared.limit)
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
    seals = idempotency.sealer(call.request.app[SETTINGS].secret)
    kept = await idempotency.begin(call.tx, scope, key, fingerprint, call.at, seals=seals)
    if kept is not None:
        return _raw_response(kept.status, kept.body, kept.headers)
    response = _response(await declared.handle(call))
    headers = {
        name: response.headers[name] for name in ("ETag", "Location") if name in response.headers
    }
    given = idempotency.Kept(response.status, response.text or "", headers)
    await idempotency.keep(call.tx, scope, key, given, seals=seals)
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


async def body_of(request: web.Request, limit: int) -> bytes:
    """Read a JSON body, once for all who ask, or raise the refusal of it."""
    if BODY not in request:
        try:
            request[BODY] = await _read_body(request, limit)
        except Refusal as refusal:
            request[BODY] = refusal
    read = request[BODY]
    if isinstance(read, Refusal):
        raise read
    return read


async def _read_body(request: web.Request, limit: int) -> bytes:
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(say("This is too large: at most {n} MB are taken.", n=limit // 1_000_000))
    try:
        if request.content.is_eof() and (request.content_length or limit) < JSON_LIMIT:
            # It came with its headers: there is nothing to wait for, and no limit to raise.
            raw = await request.read()
        else:
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
    if answer.file is not None:
        headers["Content-Disposition"] = f'attachment; filename="{answer.file.name}"'
        return web.Response(
            body=answer.file.content, content_type=answer.file.content_type, headers=headers
        )
    body = answer.body.model_dump_json(by_alias=True) if answer.body is not None else ""
    return _raw_response(answer.status, body, headers)


def _raw_response(status: int, body: str, headers: Mapping[str, str]) -> web.Response:
    if status == 204:
        return web.Response(status=status, headers=headers)
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)
