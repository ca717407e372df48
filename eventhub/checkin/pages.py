"""The organizers' check-in pages: who is inside, what was refused, checkpoints, scanners."""

from typing import Any

from aiohttp import web
from markupsafe import Markup

from eventhub.accounts import audit
from eventhub.errors import Refusal
from eventhub.events import actions as events
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    PRINCIPAL,
    READER,
    base_url,
    reading,
    transaction,
)
from eventhub.web.pages import page, see_other
from eventhub.wording import Text, say

from . import actions, arrivals, badge, device_store, doors, enrolling, listing, store
from .forms import CheckpointForm, ScannerForm
from .model import HEALTH, Occupancy
from .reasons import TITLES
from .remedies import REMEDIES

REFUSALS_SHOWN = 8


@allow(Right.DOORS_READ)
async def show_checkin(request: web.Request) -> web.StreamResponse:
    """Show who is inside and what was refused, and below it what is set up."""
    event, at = request[EVENT], request.app[CLOCK].now()
    values = await _now(request)
    async with reading(request) as tx:
        checkpoints = await store.list_checkpoints(tx, event)
        conflicts = len(await actions.list_conflicts(tx, event, on=event.day_of(at)))
        devices = await device_store.list_devices(tx, event.id)
        enrolments = await device_store.list_enrolments(tx, event.id, at)
    return await page(
        request,
        "checkin/show.html",
        checkpoints=checkpoints,
        conflicts=conflicts,
        devices=devices,
        enrolments=enrolments,
        may_manage=request[PRINCIPAL].has(Right.DOORS_MANAGE),
        **values,
    )


@allow(Right.DOORS_READ)
async def show_now(request: web.Request) -> web.StreamResponse:
    """Show the part of the page that is asked for again every few seconds."""
    return await page(request, "checkin/now.html", **await _now(request))


async def _now(request: web.Request) -> dict[str, Any]:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        whole, *rooms = await actions.occupancy(tx, event, at=at)
        refusals = await listing.list_refusals(tx, event.id, REFUSALS_SHOWN)
        counted = await listing.count_refusals(tx, event.id, event.day_of(at))
        came = await arrivals.list_arrivals(tx, event, event.day_of(at), at)
        paces = await arrivals.list_paces(tx, event.id, at)
    return {
        "whole": whole,
        "came": [(request[READER].clock(quarter), people) for quarter, people in came],
        "paces": paces,
        "rooms": sorted((r for r in rooms if r.inside), key=lambda r: (-_share(r), r.name or "")),
        "empty": [room for room in rooms if room.checkpoints and not room.inside],
        "refusals": [(refusal, _told(refusal)) for refusal in refusals],
        "counted": [(TITLES[reason], count) for reason, count in counted if reason],
    }


def _share(room: Occupancy) -> float:
    return room.inside / room.limit if room.limit else float("inf")


def _told(refusal: listing.Passage) -> Text:
    """What was wrong with somebody's health stands on the health desk alone, where each look is audited."""
    reason = refusal.reason
    if reason is None:
        return say("refused offline") if refusal.offline else say("Why is not kept any more.")
    if reason in HEALTH:
        return say("Health protocol")
    return TITLES[reason]


@allow(Right.DOORS_READ)
async def show_conflicts(request: web.Request) -> web.StreamResponse:
    """Show what does not fit together in the scans, the latest first."""
    event = request[EVENT]
    async with reading(request) as tx:
        found = await actions.list_conflicts(tx, event)
        people = {c.participant_id for c in found if c.participant_id is not None}
        names = await store.names_of(tx, people)
    shown = [
        (conflict, names.get(conflict.participant_id or 0), REMEDIES[conflict.kind])
        for conflict in reversed(found)
    ]
    return await page(request, "checkin/conflicts.html", conflicts=shown)


@allow(Right.DOORS_MANAGE)
async def show_new_checkpoint(request: web.Request) -> web.StreamResponse:
    """Show the form of a new checkpoint."""
    return await _checkpoint_page(request, Filled({"kind": "gate"}))


@allow(Right.DOORS_MANAGE)
async def add_checkpoint(request: web.Request) -> web.StreamResponse:
    """Add a checkpoint, or show the form again with what is wrong."""
    event, at = request[EVENT], request.app[CLOCK].now()
    form = await posted(request)
    try:
        values = read_form(CheckpointForm, form).values()
        async with transaction(request) as tx:
            added = await doors.add_checkpoint(tx, event, values)
            who = request[PRINCIPAL]
            await audit.record(tx, who, "checkpoint.added", added.code, event_id=event.id, at=at)
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _checkpoint_page(request, shown, refusal.status)
    return see_other(request, "checkin.show", event=event.slug)


async def _checkpoint_page(
    request: web.Request, form: Filled, status: int = 200
) -> web.StreamResponse:
    async with reading(request) as tx:
        rooms = await events.list_rooms(tx, request[EVENT].id)
    return await page(request, "checkin/checkpoint.html", status=status, form=form, rooms=rooms)


@allow(Right.DOORS_MANAGE)
async def switch_checkpoint(request: web.Request) -> web.StreamResponse:
    """Open or close a checkpoint."""
    event, at = request[EVENT], request.app[CLOCK].now()
    form = await posted(request)
    is_open = form.get("open") == "1"
    async with transaction(request) as tx:
        checkpoint = await store.get_checkpoint(tx, event, request.match_info["checkpoint"])
        await doors.change_checkpoint(tx, event, checkpoint, {"open": is_open})
        action = "checkpoint.opened" if is_open else "checkpoint.closed"
        await audit.record(
            tx, request[PRINCIPAL], action, checkpoint.code, event_id=event.id, at=at
        )
    return see_other(request, "checkin.show", event=event.slug)


@allow(Right.DOORS_MANAGE)
async def show_new_scanner(request: web.Request) -> web.StreamResponse:
    """Show the form that makes a one-time link for a phone."""
    return await _scanner_page(request, Filled({}), ())


@allow(Right.DOORS_MANAGE)
async def invite_scanner(request: web.Request) -> web.StreamResponse:
    """Make a one-time link and show it, once, as text and as a QR code for the phone's camera."""
    event, at = request[EVENT], request.app[CLOCK].now()
    form = await posted(request)
    chosen = tuple(str(code) for code in form.getall("checkpoints", ()))
    try:
        wanted = read_form(ScannerForm, {k: v for k, v in form.items() if k != "checkpoints"})
        async with transaction(request) as tx:
            code = await enrolling.invite_device(
                tx,
                event,
                name=wanted.name,
                checkpoints=chosen,
                may_override=wanted.may_override,
                may_search=wanted.may_search,
                who=request[PRINCIPAL],
                at=at,
            )
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _scanner_page(request, shown, chosen, refusal.status)
    address = f"{base_url(request)}/scan/enrol/{code}"
    picture = Markup(badge.draw_link(address))  # noqa: S704 -- drawn here, of paths alone
    return await page(
        request, "checkin/scanner_link.html", name=wanted.name, address=address, picture=picture
    )


async def _scanner_page(
    request: web.Request, form: Filled, chosen: tuple[str, ...], status: int = 200
) -> web.StreamResponse:
    async with reading(request) as tx:
        checkpoints = await store.list_checkpoints(tx, request[EVENT])
    return await page(
        request,
        "checkin/scanner.html",
        status=status,
        form=form,
        chosen=chosen,
        checkpoints=checkpoints,
    )


@allow(Right.DOORS_MANAGE)
async def revoke_scanner(request: web.Request) -> web.StreamResponse:
    """Make a phone no scanner any more."""
    event, at = request[EVENT], request.app[CLOCK].now()
    await posted(request)
    device = int(request.match_info["device"])
    async with transaction(request) as tx:
        await enrolling.revoke_device(tx, event, device, who=request[PRINCIPAL], at=at)
    return see_other(request, "checkin.show", event=event.slug)


@allow(Right.DOORS_MANAGE)
async def withdraw_link(request: web.Request) -> web.StreamResponse:
    """Let a one-time link open nothing any more."""
    event, at = request[EVENT], request.app[CLOCK].now()
    await posted(request)
    link = int(request.match_info["link"])
    async with transaction(request) as tx:
        await enrolling.withdraw_link(tx, event, link, who=request[PRINCIPAL], at=at)
    return see_other(request, "checkin.show", event=event.slug)


_HERE = "/manage/{event}/checkin"
ROUTES = [
    web.get(_HERE, show_checkin, name="checkin.show"),
    web.get(f"{_HERE}/now", show_now, name="checkin.now"),
    web.get(f"{_HERE}/conflicts", show_conflicts, name="checkin.conflicts"),
    web.get(f"{_HERE}/checkpoints/new", show_new_checkpoint, name="checkin.new_checkpoint"),
    web.post(f"{_HERE}/checkpoints/new", add_checkpoint, name="checkin.add_checkpoint"),
    web.post(f"{_HERE}/checkpoints/{{checkpoint}}", switch_checkpoint, name="checkin.switch"),
    web.get(f"{_HERE}/scanners/new", show_new_scanner, name="checkin.new_scanner"),
    web.post(f"{_HERE}/scanners/new", invite_scanner, name="checkin.invite_scanner"),
    web.post(_HERE + r"/scanners/{device:\d{1,9}}/revoke", revoke_scanner, name="checkin.revoke"),
    web.post(_HERE + r"/scanners/links/{link:\d{1,9}}", withdraw_link, name="checkin.withdraw"),
]
