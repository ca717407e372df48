"""A day of the draft programme as the board shows it, and moving a session on it.

The board works in wall times of the event's zone (`2021-02-25T09:00:00`, no offset); the conversion happens here.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import AfterValidator, Field, NaiveDatetime
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts.tables import audit_log
from eventhub.db.engine import lock_event
from eventhub.errors import Invalid, Stale
from eventhub.events.actions import list_rooms
from eventhub.events.model import Event
from eventhub.events.tables import rooms
from eventhub.language import Reader
from eventhub.web.access import Principal
from eventhub.web.fields import INT32, Code, Form
from eventhub.wording import Text, render

from . import actions, heads, history, lookup, store
from .conflict_lists import gathered_of_one
from .conflicts import of_day
from .forms import read_changes
from .model import (
    AnySession,
    Described,
    ProgrammeConflict,
    Session,
    Severity,
    Unscheduled,
    with_changes,
)
from .tables import sessions

USUAL_HOURS = (7, 18)
# A session put beside a plenary meets hundreds; a card and a hint hold few.
MOST_REASONS = 5
# Before a programme is planned all of it waits.
MOST_WAITING = 200


def _near(wall: datetime) -> datetime:
    if not 1970 <= wall.year < 9000:
        raise PydanticCustomError("moment_range", "This moment is too far away.")
    return wall


Wall = Annotated[NaiveDatetime, AfterValidator(_near)]


class Place(Form):
    """Where a session might stand: wall times in the event's zone, and a room's code (empty: no room).

    Without times it lies in the tray.
    """

    session: Code
    starts: Wall | None = None
    ends: Wall | None = None
    room: Annotated[str, Field(max_length=64)] = ""


class Move(Place):
    """A session's new place, and the version of it that was seen."""

    version: Annotated[int, Field(ge=1, le=INT32)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which sessions stand out; what is empty does not narrow. `offices` are codes."""

    offices: frozenset[str] | None
    kind: str
    format: str
    track: str


async def choose(tx: AsyncConnection, event: Event, asked: Mapping[str, str]) -> Chosen:
    """Return the choice that a query makes."""
    office = asked.get("delegation", "")
    family = await heads.family(tx, event.id, office) if office else None
    return Chosen(family, *(asked.get(name, "") for name in ("kind", "format", "track")))


async def revision(tx: AsyncConnection, event: Event) -> str:
    """Return a mark that changes with every change of the event's rooms and draft sessions."""
    marks = [
        (await tx.execute(query)).one()
        for query in (
            sa.select(sa.func.count(), sa.func.sum(table.c.version), sa.func.max(table.c.id)).where(
                table.c.event_id == event.id
            )
            for table in (sessions, rooms)
        )
    ]
    last = await tx.execute(
        sa.select(sa.func.max(audit_log.c.id)).where(audit_log.c.event_id == event.id)
    )
    known = [*(tuple(mark) for mark in marks), last.scalar_one(), event.version]
    return sha256(repr(known).encode()).hexdigest()[:16]


async def day_of_board(
    tx: AsyncConnection, event: Event, day: date, chosen: Chosen, reader: Reader
) -> dict[str, Any]:
    """Return a day's rooms, hours, sessions and what stands in each one's way, and the tray, as JSON values.

    Of a long tray the beginning is there, and how many more of those chosen and of the others are `unsent`.
    """
    every, found = await of_day(tx, event, day)
    tray = await store.list_unscheduled(tx, event.id)
    in_the_way: dict[str, list[ProgrammeConflict]] = defaultdict(list)
    for conflict in found:
        for code in conflict.sessions:
            in_the_way[code].append(conflict)
    known = await list_rooms(tx, event.id)
    codes = await lookup.codes_of(tx, [*every, *tray])
    first, last = _hours(event, day, every)
    waiting = [
        _card(session, codes)
        | {"minutes": session.minutes, "reasons": [], "more": 0}
        | {"matches": _matches(session, chosen, codes)}
        for session in tray
    ]
    # What was chosen is shown first.
    waiting.sort(key=lambda card: not card["matches"])
    unsent = Counter(card["matches"] for card in waiting[MOST_WAITING:])
    return {
        "day": day.isoformat(),
        "from": first,
        "to": last,
        "rooms": [{"code": room.code, "name": room.name} for room in known],
        "sessions": [
            _card(session, codes)
            | _times(session, event.zone)
            | {"matches": _matches(session, chosen, codes)}
            | in_words(in_the_way[session.code], reader)
            for session in every
        ],
        "tray": waiting[:MOST_WAITING],
        "unsent": {"chosen": unsent[True], "others": unsent[False]},
    }


def _hours(event: Event, day: date, every: Sequence[Session]) -> tuple[str, str]:
    """Return from when to when the day is drawn; after midnight the hours go on (25:00)."""
    midnight = datetime.combine(day, time(), event.zone)
    begin, end = event.day_bounds(day)
    first, last = USUAL_HOURS
    for session in every:
        starts = (max(session.starts_at, begin) - midnight) / timedelta(hours=1)
        ends = (min(session.ends_at, end) - midnight) / timedelta(hours=1)
        first, last = min(first, int(starts)), max(last, -int(-ends // 1))
    return f"{max(first, 0):02d}:00", f"{last:02d}:00"


def _card(session: Described, codes: lookup.Codes) -> dict[str, Any]:
    return {
        "code": session.code,
        "title": session.title,
        "version": session.version,
        "room": codes.rooms[session.room_id] if session.room_id is not None else "",
        "track": session.track,
        "state": session.state.value,
    }


def _times(session: Session, zone: ZoneInfo) -> dict[str, str]:
    return {
        "starts": wall(session.starts_at, zone).isoformat(timespec="seconds"),
        "ends": wall(session.ends_at, zone).isoformat(timespec="seconds"),
    }


def _matches(session: Described, chosen: Chosen, codes: lookup.Codes) -> bool:
    called = {
        codes.delegations[row.delegation_id]
        for row in session.audience
        if row.delegation_id is not None
    }
    return (
        (chosen.offices is None or not called.isdisjoint(chosen.offices))
        and chosen.kind in {"", session.kind.value}
        and chosen.format in {"", session.format.value}
        and chosen.track in {"", session.track}
    )


def in_words(found: Sequence[ProgrammeConflict], reader: Reader) -> dict[str, Any]:
    """Return what stands in the way: the worst `reasons` in words, and how many `more` there are."""
    ranked = gathered_of_one(found)
    shown = [(each.severity, each.explanation) for each in ranked[:MOST_REASONS]]
    return _reasons(shown, reader) | {"more": max(0, len(ranked) - MOST_REASONS)}


def _reasons(found: Sequence[tuple[Severity, Text]], reader: Reader) -> dict[str, Any]:
    return {
        "reasons": [
            {"severity": severity.value, "text": render(text, reader)} for severity, text in found
        ],
        "more": 0,
    }


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what clocks in a zone show at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _moment(shown: datetime | None, before: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return the moment of a wall time; one that did not change stays, also in an hour that comes twice."""
    if shown is None:
        return None
    if before is not None and wall(before, zone) == shown:
        return before
    return shown.replace(tzinfo=zone).astimezone(UTC)


async def _changes(
    tx: AsyncConnection, event: Event, session: AnySession, place: Place
) -> dict[str, Any]:
    room = await read_changes(tx, event, {"room": place.room or None})
    starts_at, ends_at = getattr(session, "starts_at", None), getattr(session, "ends_at", None)
    return room | {
        "starts_at": _moment(place.starts, starts_at, event.zone),
        "ends_at": _moment(place.ends, ends_at, event.zone),
    }


async def try_place(
    tx: AsyncConnection, event: Event, place: Place, reader: Reader
) -> dict[str, Any]:
    """Return what would stand in a session's way at a place, and which `others` are part of it; changes nothing."""
    session = await store.get_session(tx, event.id, place.session)
    there = with_changes(session, await _changes(tx, event, session, place))
    if isinstance(there, Unscheduled):
        return in_words([], reader) | {"others": []}
    try:
        actions.check_fields(there)
    except Invalid as wrong:
        faults = [(Severity.BLOCK, fault.text) for fault in wrong.fields]
        return _reasons(faults, reader) | {"others": []}
    found = await actions.check_placement(tx, event, there)
    others = {code for conflict in found for code in conflict.sessions} - {there.code}
    return in_words(found, reader) | {"others": sorted(others)}


async def move(
    tx: AsyncConnection, event: Event, wanted: Move, who: Principal, at: datetime
) -> AnySession:
    """Put a session in its new place; raises Stale, saying where it is now, when it changed since it was seen."""
    await lock_event(tx, event.id)
    session = await store.get_session(tx, event.id, wanted.session)
    if session.version != wanted.version:
        raise Stale(await history.meanwhile(tx, session, wanted.version))
    moved = await actions.change_session(
        tx, event, session, await _changes(tx, event, session, wanted), at=at
    )
    await history.record(tx, who, "session.moved", before=session, after=moved, at=at)
    return moved
