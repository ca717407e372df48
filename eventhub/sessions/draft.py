"""A session's form on its page: wall times in the session's zone, people as lines of text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Fault, Invalid
from eventhub.events.model import Event
from eventhub.language import zone_of
from eventhub.web.faults import invalid
from eventhub.wording import say

from . import lookup
from .calling import (
    audience_text,
    directory,
    read_audience,
    read_speakers,
    speakers_text,
    with_group,
)
from .forms import NewSession, read_changes
from .model import USUAL_MINUTES, AnySession, Kind

_PLAIN = (
    "code",
    "title",
    "abstract",
    "kind",
    "format",
    "time_zone",
    "room",
    "meeting_url",
    "track",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form describes: a new session's code, and the fields as a Session holds them."""

    code: str | None
    values: Mapping[str, Any]


async def read_draft(tx: AsyncConnection, event: Event, form: Mapping[str, Any]) -> Draft:
    """Return what the form describes, or raise Invalid naming every wrong field by the form's names."""
    body: dict[str, Any] = {
        name: str(form[name]) for name in _PLAIN if str(form.get(name, "")).strip()
    }
    body["stream"] = "stream" in form
    body |= {"starts_at": None, "ends_at": None}
    if not _has_time(form):
        body["minutes"] = str(form.get("minutes", "")).strip() or None
    zone_name = body.get("time_zone", event.time_zone)
    faults = [
        fault
        for name in ("starts_at", "ends_at")
        for fault in _put_moment(body, form, name, zone_name)
    ]
    known = await directory(tx, event.id)
    audience, wrong_audience = read_audience(str(form.get("audience", "")), known)
    speakers, wrong_speakers = read_speakers(str(form.get("speakers", "")), known)
    faults += [*wrong_audience, *wrong_speakers]
    try:
        wanted = NewSession.model_validate(body)
    except ValidationError as error:
        found = [
            fault for fault in invalid(error).fields if fault.field not in {f.field for f in faults}
        ]
        raise Invalid([*faults, *found], say("Some fields need correcting.")) from error
    if faults:
        raise Invalid(faults, say("Some fields need correcting."))
    own = {"code", "audience", "speakers"}
    given = {name: getattr(wanted, name) for name in NewSession.model_fields if name not in own}
    values = await read_changes(tx, event, given)
    group, way = str(form.get("group", "")), str(form.get("group_attendance", ""))
    audience = with_group(audience, group, way, known)
    return Draft(wanted.code, values | {"audience": audience, "speakers": speakers})


def _has_time(form: Mapping[str, Any]) -> bool:
    return any(str(form.get(name, "")).strip() for name in ("starts_at", "ends_at"))


def _put_moment(
    body: dict[str, Any], form: Mapping[str, Any], name: str, zone_name: str
) -> list[Fault]:
    """Put a wall time as a moment with its offset into `body`."""
    typed = str(form.get(name, "")).strip()
    if not typed:
        return []
    try:
        local = datetime.fromisoformat(typed).replace(tzinfo=zone_of(zone_name))
    except (ValueError, KeyError, OSError):
        return [Fault(name, say("This is no day and time, such as 2021-02-25 09:00."))]
    body[name] = local.isoformat()
    return []


async def typed_of(tx: AsyncConnection, event: Event, session: AnySession) -> dict[str, Any]:
    """Return a session as its form's fields."""
    known = await directory(tx, event.id)
    codes = await lookup.codes_of(tx, [session])
    names = await lookup.names(tx, set(session.speakers))
    zone = zone_of(session.time_zone)
    plain = {name: getattr(session, name) for name in _PLAIN if name != "room"}
    return plain | {
        "version": session.version,
        "room": codes.rooms.get(session.room_id, "") if session.room_id is not None else "",
        "starts_at": _typed(getattr(session, "starts_at", None), zone),
        "ends_at": _typed(getattr(session, "ends_at", None), zone),
        "minutes": session.minutes,
        "stream": session.stream,
        "audience": audience_text(session.audience, known),
        "speakers": speakers_text(session, names),
    }


def _typed(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""


def blank(event: Event, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return a new session's fields: on a day (`day`, ISO), at a place (`starts`, `ends`, `room`), or in the `tray`."""
    day = asked.get("day", "")
    known = day if day in {each.isoformat() for each in event.days} else event.days[0].isoformat()
    room = asked.get("room")
    starts = ends = ""
    if "tray" not in asked:
        starts = _wall(asked.get("starts", "")) or f"{known}T09:00"
        ends = _wall(asked.get("ends", "")) or f"{known}T10:00"
    return {
        "starts_at": starts,
        "ends_at": ends,
        "minutes": USUAL_MINUTES,
        "time_zone": event.time_zone,
        "format": "hybrid" if room is None else "onsite" if room else "online",
        "room": room or "",
        "kind": Kind.OTHER.value,
    }


def _wall(asked: str) -> str:
    """Return a wall time as a form takes it, or nothing when it is none."""
    try:
        return datetime.fromisoformat(asked).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return ""
