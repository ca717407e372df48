"""What organizers fill in to change many sessions at once, and the edits it stands for."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Invalid
from eventhub.events.actions import get_room
from eventhub.events.model import Event
from eventhub.web.fields import Code, Day, Form, Line
from eventhub.web.forms import read_form
from eventhub.wording import say

from . import batches, bulk, store
from .bulk import Choice, Edit
from .model import Kind, Session

NOT_FIELDS = {"csrf", "seen", "look", "lang"}
Planned = tuple[list[Edit], str]


class _OfADay(Form):
    """Some sessions of a day: those of a room, a track, a kind, those that start at a time or later."""

    day: Day
    room: Code | None = None
    track: Line | None = None
    kind: Kind | None = None
    since: time | None = None


class Shift(_OfADay):
    to: Day | None = None
    minutes: Annotated[int, Field(ge=-1440, le=1440)] = 0


class Copy(_OfADay):
    to: Day


class Cancel(Form):
    track: Line
    drafts: Literal["tray", "out"] = "tray"


async def shift(tx: AsyncConnection, event: Event, form: Mapping[str, Any]) -> Planned:
    """Return what moves: to another day, by minutes, or both."""
    wanted = read_form(Shift, _fields(form))
    days = ((wanted.to or wanted.day) - wanted.day).days
    if not days and not wanted.minutes:
        raise Invalid.field("minutes", say("Say by how many minutes, or choose another day."))
    sessions = await _chosen(tx, event, wanted)
    edits = bulk.shifted(sessions, event, minutes=wanted.minutes, days=days)
    by = f" {wanted.minutes:+d} min" if wanted.minutes else ""
    to = f" → {wanted.to.isoformat()}" if wanted.to and days else ""
    return edits, f"{wanted.day.isoformat()}{to}{by}"


async def copy(tx: AsyncConnection, event: Event, form: Mapping[str, Any]) -> Planned:
    """Return what is copied to another day."""
    wanted = read_form(Copy, _fields(form))
    if wanted.to == wanted.day:
        raise Invalid.field("to", say("Choose another day than the one that is copied."))
    sessions = await _chosen(tx, event, wanted)
    every = await store.list_any(
        tx, event.id, store.Wanted(), scheduled=None, after=None, limit=store.MOST
    )
    taken = {session.code for session in every}
    edits = bulk.copied(sessions, event, days=(wanted.to - wanted.day).days, taken=taken)
    return edits, f"{wanted.day.isoformat()} → {wanted.to.isoformat()}"


async def cancel(tx: AsyncConnection, event: Event, form: Mapping[str, Any]) -> Planned:
    """Return what of a track is cancelled, and what becomes of its drafts."""
    wanted = read_form(Cancel, _fields(form))
    found = await store.list_any(
        tx,
        event.id,
        store.Wanted(track=wanted.track),
        scheduled=None,
        after=None,
        limit=store.MOST,
    )
    released = await batches.list_released_ids(tx, found)
    return bulk.cancelled(found, to_tray=wanted.drafts == "tray", released=released), wanted.track


async def _chosen(tx: AsyncConnection, event: Event, wanted: _OfADay) -> list[Session]:
    room = await get_room(tx, event.id, wanted.room) if wanted.room else None
    choice = Choice(
        wanted.day,
        room.id if room else None,
        wanted.track,
        wanted.kind.value if wanted.kind else None,
        wanted.since,
    )
    return bulk.chosen(
        await store.list_sessions(tx, event.id, store.Wanted(*event.day_bounds(wanted.day))),
        choice,
        event,
    )


def _fields(form: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if name not in NOT_FIELDS}


WORKS: Mapping[str, Callable[[AsyncConnection, Event, Mapping[str, Any]], Awaitable[Planned]]] = {
    "shift": shift,
    "copy": copy,
    "cancel": cancel,
}
# By the audit's and the list's word for what was done.
DONE = {"shift": "shifted", "copy": "copied", "cancel": "track_cancelled"}
