"""What a phone that is a scanner talks to. It is known by a cookie that only these addresses get."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from eventhub.errors import Unreadable, Unsupported
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.web.access import device, personal
from eventhub.web.faults import invalid
from eventhub.web.forms import check_origin, in_time
from eventhub.web.keys import CLOCK, DATABASE, READER, SETTINGS, reading, transaction
from eventhub.web.language import in_event
from eventhub.web.operations import etag
from eventhub.web.pages import page, see_other
from eventhub.wording import render, say

from . import actions, enrolling, express, numbered, offline, phones, reasons, snapshots, store
from .forms import PassageBatch, ResultsShape, occupancy_shape, result_shape
from .model import Checkpoint, Occupancy, Reason

COOKIE_LIVES = timedelta(days=90)
BATCH_LIMIT = 2_000_000
ONLINE_TIMEOUT_MS = 2000


@personal
async def show_enrolment(request: web.Request) -> web.StreamResponse:
    """Show what the phone would become, and change nothing: links are opened by mail scanners too."""
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        enrolment = await enrolling.get_enrolment(tx, request.match_info["code"], at=at)
        event = await events.get_event_by_id(tx, enrolment.event_id)
        named = [
            c.name for c in _allowed(await store.list_checkpoints(tx, event), enrolment.checkpoints)
        ]
    request[READER] = in_event(request, request[READER], event)
    return await page(
        request, "checkin/enrol.html", enrolment=enrolment, title=event.title, checkpoints=named
    )


@personal
async def enrol_device(request: web.Request) -> web.StreamResponse:
    """Make this phone a scanner, once."""
    async with transaction(request) as tx:
        _, token = await enrolling.enrol(
            tx, request.match_info["code"], at=request.app[CLOCK].now()
        )
    response = see_other(request, path="/scan")
    response.set_cookie(
        phones.COOKIE,
        token,
        path="/scan",
        max_age=int(COOKIE_LIVES.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].is_https,
    )
    return response


@device
async def show_config(request: web.Request) -> web.StreamResponse:
    """Tell a scanner who it is, what to ask, and what each refusal means."""
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        who, event, reader = await phones.scanner_of(tx, request)
        checkpoints = _allowed(await store.list_checkpoints(tx, event), who.checkpoints)
        places = {place.room: place for place in await actions.occupancy(tx, event, at=at)}
        keys = await store.list_keys(tx, event.id)
    values = {
        "device": {
            "name": who.name,
            "may_override": who.may_override,
            "may_search": who.may_search,
        },
        "event": {
            "slug": event.slug,
            "title": event.title,
            "time_zone": event.time_zone,
            "day_starts_at": event.day_starts_at.strftime("%H:%M"),
            "leaves_at": event.auto_exit_at.strftime("%H:%M") if event.auto_exit_at else None,
            "days": [day.isoformat() for day in event.days],
        },
        "language": reader.language,
        "now": at.isoformat(),
        "clock_is_set": request.app[CLOCK].is_set,
        "checkpoints": [_checkpoint(checkpoint, places) for checkpoint in checkpoints],
        "ask": _questions(event),
        "reasons": {
            reason.value: {
                "title": render(reasons.TITLES[reason], reader),
                "help": render(reasons.HELP[reason], reader),
            }
            for reason in Reason
        },
        "keys": offline.public_keys(event, keys),
        "timeout_ms": ONLINE_TIMEOUT_MS,
    }
    return phones.answer(values)


@device
async def record_passages(request: web.Request) -> web.StreamResponse:
    """Decide and record the scans a phone sends, as the API does."""
    check_origin(request)
    if request.content_type != "application/json":
        raise Unsupported(say("Send the body as application/json."))
    async with reading(request) as tx:
        who, event, reader = await phones.scanner_of(tx, request)
    async with in_time():
        raw = await request.clone(client_max_size=BATCH_LIMIT).read()
    batch = _batch(raw)
    secrets = actions.TicketSecrets.of(request.app[SETTINGS].secret)
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        items = await numbered.with_texts(tx, event, batch.passages, who=who, secrets=secrets)
    if numbered.any_found(batch.passages):
        async with transaction(request) as tx:
            results = await actions.record_passages(
                tx, event, items, who=who, secrets=secrets, at=at
            )
            await numbered.audit_found(tx, event, batch.passages, results, who=who, at=at)
    else:
        results = await express.record_by_phone(request, items, at=at)
    shape = ResultsShape(results=[result_shape(result, reader) for result in results])
    return _json_text(shape.model_dump_json())


@device
async def show_occupancy(request: web.Request) -> web.StreamResponse:
    """Tell a scanner who is inside."""
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        _, event, _ = await phones.scanner_of(tx, request)
        places = await actions.occupancy(tx, event, at=at)
    items = [occupancy_shape(place).model_dump() for place in places]
    return phones.answer({"items": items, "now": at.isoformat()})


@device
async def show_snapshot(request: web.Request) -> web.StreamResponse:
    """Give a scanner what it needs to decide offline; 304 while nothing changed."""
    at = request.app[CLOCK].now()
    secrets = actions.TicketSecrets.of(request.app[SETTINGS].secret)
    async with reading(request) as tx:
        _, event, _ = await phones.scanner_of(tx, request)
    database, keep = request.app[DATABASE], request.app[snapshots.KEPT]
    snapshot = await snapshots.snapshot(database, keep, event, secrets=secrets, at=at)
    headers = {"ETag": etag(snapshot.version), "Cache-Control": "no-store"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        # What the phone has is still all there is, as of now.
        return web.Response(status=304, headers=headers | {"Eventhub-Made-At": at.isoformat()})
    since = _since(request.query.get("since", ""))
    body = await asyncio.to_thread(snapshot.text, since)
    response = web.Response(body=body, content_type="application/json", headers=headers)
    response.enable_compression()
    return response


def _since(text: str) -> datetime | None:
    """Return the moment from which on a scanner wants changes; one that cannot be read is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _allowed(checkpoints: list[Checkpoint], codes: tuple[str, ...]) -> list[Checkpoint]:
    return [c for c in checkpoints if not codes or c.code in codes]


def _batch(raw: bytes) -> PassageBatch:
    try:
        return PassageBatch.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise Unreadable(say("The body is no JSON.")) from error
        raise invalid(error) from error


def _checkpoint(checkpoint: Checkpoint, places: dict[str | None, Occupancy]) -> dict[str, Any]:
    room = {"code": checkpoint.room, "name": checkpoint.room_name} if checkpoint.room else None
    return {
        "code": checkpoint.code,
        "name": checkpoint.name,
        "kind": checkpoint.kind.value,
        "room": room,
        "open": checkpoint.open,
        "limit": checkpoint.place_limit,
        "inside": places[checkpoint.room].inside,
    }


def _questions(event: Event) -> dict[str, Any]:
    protocol = event.protocol
    return {
        "temperature": protocol.enabled,
        "mask": protocol.enabled and protocol.mask_required,
        "max_temperature_c": protocol.max_temperature_c,
        "recheck": protocol.recheck,
        "declaration": protocol.enabled and protocol.declaration_required,
        "proof": protocol.enabled and protocol.proof_required and bool(protocol.proof_accepts),
    }


def _json_text(text: str) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(text=text, content_type="application/json", headers=headers)


ROUTES = [
    web.get(r"/scan/enrol/{code:[\w-]{20,100}}", show_enrolment, name="checkin.enrolment"),
    web.post(r"/scan/enrol/{code:[\w-]{20,100}}", enrol_device, name="checkin.enrol"),
    web.get("/scan/config", show_config, name="checkin.config"),
    web.post("/scan/passages", record_passages, name="checkin.scan"),
    web.get("/scan/occupancy", show_occupancy, name="checkin.scan_occupancy"),
    web.get("/scan/snapshot", show_snapshot, name="checkin.scan_snapshot"),
]
