"""An event's settings: title, days, protocol, presence rule, severities of conflicts."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from aiohttp import web
from multidict import MultiMapping
from pydantic import ValidationError

from eventhub.accounts import audit
from eventhub.errors import Refusal, Stale
from eventhub.web.access import Right, allow
from eventhub.web.faults import invalid
from eventhub.web.filled import CHANGED_MEANWHILE, Filled, filled
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, transaction
from eventhub.web.pages import page, see_other

from . import actions, scheduling_forms, store
from .forms import ChangedEvent, event_changes
from .holding import HOLD
from .model import DEFAULT_SEVERITIES, Event, Protocol, conflict_kinds
from .scheduling import HOURS

_MARKS = (
    "protocol.enabled",
    "protocol.mask_required",
    "protocol.declaration_required",
    "protocol.proof.required",
    "presence_rule.background",
)
_TEXTS = (
    "title", "starts_on", "ends_on", "day_starts_at", "time_zone", "protocol.max_temperature_c", "protocol.recheck",
    "protocol.protocol_percent", "protocol.retention_days", "presence_rule.minutes", "presence_rule.percent",
    "scheduling.travel_minutes.buildings", "scheduling.travel_minutes.rooms", "scheduling.travel_minutes.online",
)  # fmt: skip
_PROTOCOL = (
    "enabled", "max_temperature_c", "mask_required", "declaration_required", "protocol_percent", "recheck",
    "retention_days",
)  # fmt: skip
_PROOFS = (("antigen", "valid_hours"), ("pcr", "valid_hours"), ("vaccine", "min_doses"))


@allow(Right.EVENT_SETTINGS)
async def show_settings(request: web.Request) -> web.Response:
    """Show the settings as a form."""
    return await _form(request, Filled(typed_of(request[EVENT])), saved="saved" in request.query)


@allow(Right.EVENT_SETTINGS)
async def change_settings(request: web.Request) -> web.Response:
    """Save the settings, or show what is wrong with them."""
    form = await posted(request)
    at = request.app[CLOCK].now()
    try:
        try:
            wanted = ChangedEvent.model_validate(fields_of(form, request[EVENT]))
        except ValidationError as error:
            raise invalid(error) from error
        async with transaction(request) as tx:
            event = await store.get_event_by_id(tx, request[EVENT].id)
            if str(form.get("version", "")) != str(event.version):
                raise Stale(CHANGED_MEANWHILE)
            changes = event_changes(wanted.given(), conflict_kinds(), event)
            async with request.app[HOLD](tx, event.id):
                await actions.change_event(tx, event, changes)
            await audit.record(
                tx, request[PRINCIPAL], "event.changed", event.slug, event_id=event.id, at=at,
                detail={"fields": sorted(changes)},
            )  # fmt: skip
    except Refusal as refusal:
        return await _form(
            request, filled(_typed_again(form), refusal, request[READER]), refusal.status
        )
    return see_other(request, path=f"/manage/{request[EVENT].slug}/settings?saved=1")


async def _form(
    request: web.Request, form: Filled, status: int = 200, *, saved: bool = False
) -> web.Response:
    return await page(
        request,
        "events/settings.html",
        status=status,
        form=form,
        kinds=DEFAULT_SEVERITIES,
        saved=saved,
    )


def typed_of(event: Event) -> dict[str, Any]:
    """Return an event as its form's fields; days outside first to last stand as text."""
    span = set(actions.days_between(event.starts_on, event.ends_on))
    further = [day.isoformat() for day in event.days if day not in span]
    left_out = [day.isoformat() for day in sorted(span - set(event.days))]
    return {
        "version": event.version,
        "title": event.title,
        "starts_on": event.starts_on.isoformat(),
        "ends_on": event.ends_on.isoformat(),
        "further_days": ", ".join(further),
        "left_out": ", ".join(left_out),
        "day_starts_at": event.day_starts_at.strftime("%H:%M"),
        "auto_exit_at": event.auto_exit_at.strftime("%H:%M") if event.auto_exit_at else "",
        "time_zone": event.time_zone,
        "languages": list(event.languages),
        "presence_rule.minutes": event.presence_rule.minutes,
        "presence_rule.percent": event.presence_rule.percent,
        "presence_rule.background": event.presence_rule.background,
        **_protocol_typed(event.protocol),
        **scheduling_forms.typed_of(event.scheduling),
        **{f"severities.{kind}": severity for kind, severity in event.severities.items()},
    }


def _protocol_typed(protocol: Protocol) -> dict[str, Any]:
    typed: dict[str, Any] = {f"protocol.{name}": getattr(protocol, name) for name in _PROTOCOL}
    typed["protocol.proof.required"] = protocol.proof_required
    for proof in protocol.proof_accepts:
        typed[f"proof.{proof.kind}"] = (
            proof.min_doses if proof.kind == "vaccine" else proof.valid_hours
        )
    return typed


def _typed_again(form: MultiMapping[Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {name: value for name, value in form.items() if name != "csrf"}
    return typed | {name: form.getall(name, []) for name in ("languages", "weekend")}


def fields_of(form: MultiMapping[Any], event: Event) -> dict[str, Any]:
    """Return the posted form in the shape of the contract's event."""
    body: dict[str, Any] = {}
    for name in _TEXTS:
        value = str(form.get(name, "")).strip()
        if value:
            _put(body, name, value)
    if "auto_exit_at" in form:
        body["auto_exit_at"] = str(form["auto_exit_at"]).strip() or None
    for name in _MARKS:
        _put(body, name, name in form)
    body["languages"] = form.getall("languages", [])
    _put(body, "protocol.proof.accepts", _proofs(form))
    body["severities"] = {
        name.removeprefix("severities."): value
        for name, value in form.items()
        if name.startswith("severities.") and value
    }
    _put_scheduling(body, form)
    days = _days(form, event)
    if days is not None:
        body["days"] = days
    return body


def _put_scheduling(body: dict[str, Any], form: MultiMapping[Any]) -> None:
    """Put hours (none when both ends are empty), the weekend and the holidays of the posted form."""
    if "holidays" not in form:
        return
    for name in HOURS:
        ends = {
            end: str(form.get(f"scheduling.{name}.{end}", "")).strip() for end in ("start", "end")
        }
        _put(body, f"scheduling.{name}", ends if any(ends.values()) else None)
    _put(body, "scheduling.weekend", form.getall("weekend", []))
    _put(body, "scheduling.holidays", _words(form.get("holidays", "")))


def _proofs(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = ((kind, field, str(form.get(f"proof.{kind}", "")).strip()) for kind, field in _PROOFS)
    return [{"kind": kind, field: value} for kind, field, value in given if value]


def _days(form: Mapping[str, Any], event: Event) -> list[str] | None:
    """Return each day but those left out, and the further ones; None while first or last is unreadable."""
    try:
        first = date.fromisoformat(str(form.get("starts_on", event.starts_on)))
        last = date.fromisoformat(str(form.get("ends_on", event.ends_on)))
    except ValueError:
        return None
    out = set(_words(form.get("left_out", "")))
    length = min((last - first).days, actions.MAX_DAYS)
    span = [(first + timedelta(days=n)).isoformat() for n in range(length + 1)]
    return [day for day in span if day not in out] + _words(form.get("further_days", ""))


def _words(value: object) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", str(value)) if word]


def _put(body: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    for name in parents:
        body = body.setdefault(name, {})
    body[last] = value


ROUTES = [
    web.get("/manage/{event}/settings", show_settings, name="events.settings"),
    web.post("/manage/{event}/settings", change_settings, name="events.settings.change"),
]
