"""Decides what a file changes in the programme: what is new, what changes, what cannot be taken. Pure."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from eventhub.events.model import Event, Room
from eventhub.sessions.model import (
    USUAL_MINUTES,
    AnySession,
    Format,
    Kind,
    SessionState,
    Unscheduled,
    with_changes,
)
from eventhub.wording import say

from .item import Item, RowFault, Wrong

STEM = 48


@dataclass(frozen=True, slots=True)
class Known:
    """What the event holds once the file's rooms and speakers are made: ids by what the file calls them."""

    event: Event
    sessions: Sequence[AnySession]
    rooms: Mapping[str, int]
    people: Mapping[str, Sequence[int]]
    nowhere: int | None = None


@dataclass(slots=True)
class Plan:
    """What to write, and the entries that cannot be taken; `codes` are the sessions the file is about."""

    created: list[AnySession] = field(default_factory=list)
    changed: list[AnySession] = field(default_factory=list)
    unchanged: int = 0
    faulty: list[RowFault] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)


def called(name: str) -> str:
    """Return the form in which names of rooms and people are compared: case and spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def rooms_by_name(rooms: Iterable[Room]) -> dict[str, int]:
    """Return the ids of rooms by name with building, by code and by name; of those that share a name, the first."""
    found: dict[str, int] = {}
    ordered = list(rooms)
    for room in ordered:
        found.setdefault(called(f"{room.name}, {room.building}"), room.id)
    for room in ordered:
        found.setdefault(called(room.name), room.id)
    for room in ordered:
        found.setdefault(called(room.code), room.id)
    return found


def room_key(item: Item, known: Mapping[str, int]) -> str:
    """Return by which name an entry's room is looked up: with its building where such a room is known."""
    whole = called(f"{item.room}, {item.building}")
    return whole if item.building and whole in known else called(item.room)


def is_nowhere(item: Item) -> bool:
    """Whether an entry tells neither a room nor a link nor a format, as calendars of meetings still to be placed do."""
    return not (item.room or item.meeting_url or item.stream or item.format)


def match(items: Sequence[Item], sessions: Sequence[AnySession]) -> dict[int, AnySession]:
    """Return which session each entry (by its place in the list) means, each session once.

    By guid or UID first, then by code; an entry with neither by title, start and place, by title and start, then by
    a title that stands once on both sides.
    """
    found: dict[int, AnySession] = {}
    free = {session.id: session for session in sessions}

    def settle(
        key_of: Callable[[Any], object], wanted: Iterable[int], held: Iterable[AnySession]
    ) -> None:
        by_key: dict[object, list[AnySession]] = defaultdict(list)
        for session in held:
            if session.id in free and key_of(session):
                by_key[key_of(session)].append(session)
        for n in wanted:
            if n not in found and (known := by_key.get(key_of(items[n]))):
                found[n] = free.pop(known.pop(0).id)

    everyone = range(len(items))
    settle(lambda each: each.origin, [n for n in everyone if items[n].origin], sessions)
    settle(
        lambda each: each.code,
        [n for n in everyone if items[n].code],
        [s for s in sessions if not s.origin],
    )
    settle(
        lambda each: each.code,
        [n for n in everyone if items[n].code and not items[n].origin],
        sessions,
    )
    bare = [n for n in everyone if not items[n].origin and not items[n].code]
    settle(lambda each: (called(each.title), _start(each), _end(each)), bare, sessions)
    settle(lambda each: (called(each.title), _start(each)), bare, sessions)
    once = Counter(called(items[n].title) for n in bare if n not in found)
    held = Counter(called(session.title) for session in free.values())
    single = [n for n in bare if once[called(items[n].title)] == held[called(items[n].title)] == 1]
    settle(lambda each: called(each.title), single, sessions)
    return found


def _start(each: Item | AnySession) -> datetime | None:
    return None if isinstance(each, Unscheduled) else each.starts_at


def _end(each: Item | AnySession) -> datetime | None:
    return None if isinstance(each, Unscheduled) else each.ends_at


def plan(items: Sequence[Item], known: Known) -> Plan:
    """Return what the entries change; faults in the order of rows."""
    planned = Plan()
    meant = match(items, known.sessions)
    taken = {session.code for session in known.sessions}
    rows: dict[str, int] = {}
    for n, item in enumerate(items):
        before = meant.get(n)
        try:
            if item.code and not item.origin and rows.setdefault(item.code, item.row) != item.row:
                raise Wrong("code", say("Row {row} has the same code.", row=rows[item.code]))
            session = _session(item, before, known)
        except Wrong as wrong:
            planned.faulty.append(RowFault(item.row, wrong.field, wrong.reason))
            continue
        if before is None:
            session = replace(session, code=_code(item, taken))
            taken.add(session.code)
            planned.created.append(session)
        elif session == before:
            planned.unchanged += 1
        else:
            planned.changed.append(replace(session, version=before.version + 1))
        planned.codes.add(session.code)
    return planned


def _session(item: Item, before: AnySession | None, known: Known) -> AnySession:
    """Return the session as the file wants it; what the file does not say stays as it is."""
    if before and before.state is SessionState.CANCELLED and not item.cancelled:
        raise Wrong(
            "state", say("{session} is cancelled and cannot be changed.", session=before.title)
        )
    base = before or _blank(known.event)
    room_id = known.rooms[room_key(item, known.rooms)] if item.room else base.room_id
    speakers = _speakers(item, base, known)
    wanted = replace(
        _timed(base, item),
        title=item.title,
        abstract=item.abstract or base.abstract,
        kind=item.kind or base.kind,
        time_zone=item.time_zone or base.time_zone,
        room_id=room_id,
        meeting_url=item.meeting_url or base.meeting_url,
        stream=base.stream if item.stream is None else item.stream,
        track=item.track or base.track,
        speakers=speakers or base.speakers,
        state=SessionState.CANCELLED if item.cancelled else base.state,
        origin=base.origin if before else item.origin,
    )
    if isinstance(wanted, Unscheduled):
        return replace(wanted, format=item.format or base.format)
    if is_nowhere(item) and wanted.room_id is None and not _remote(wanted):
        wanted = replace(wanted, room_id=known.nowhere)
    return replace(wanted, format=_format(item, before, wanted))


def _timed(base: AnySession, item: Item) -> AnySession:
    """Return a session with the entry's time, or without one; it keeps its length where the entry tells none."""
    if item.starts_at is None or item.ends_at is None:
        times: dict[str, Any] = {"starts_at": None, "ends_at": None, "minutes": item.minutes}
    else:
        starts_at, ends_at = item.starts_at.astimezone(UTC), item.ends_at.astimezone(UTC)
        times = {"starts_at": starts_at, "ends_at": ends_at}
    return with_changes(base, times)


def _blank(event: Event) -> AnySession:
    return Unscheduled(
        id=0, event_id=event.id, code="", title="", abstract="", kind=Kind.OTHER, format=Format.ONSITE,
        minutes=USUAL_MINUTES, time_zone=event.time_zone, room_id=None, meeting_url="", stream=False, track="",
    )  # fmt: skip


def _remote(session: AnySession) -> bool:
    return bool(session.meeting_url or session.stream)


def _format(item: Item, before: AnySession | None, wanted: AnySession) -> Format:
    """Return the format told, kept, or shown by room and link; the public files carry no link of a meeting."""
    asked = item.format or (before.format if before else None)
    if wanted.room_id is None and not _remote(wanted) and asked is Format.ONLINE:
        raise Wrong("meeting_url", say("An online session needs a meeting link or a stream."))
    if wanted.room_id is None and (not _remote(wanted) or item.format is Format.ONSITE):
        raise Wrong("room", say("A session on site needs a room."))
    fits = {
        Format.ONSITE: wanted.room_id is not None,
        Format.ONLINE: _remote(wanted),
        Format.HYBRID: wanted.room_id is not None and _remote(wanted),
    }
    if asked is not None and fits[asked]:
        return asked
    if wanted.room_id is None:
        return Format.ONLINE
    return Format.HYBRID if _remote(wanted) else Format.ONSITE


def _speakers(item: Item, base: AnySession, known: Known) -> tuple[int, ...]:
    """Return who speaks; of people who share a name, those who speak there already, then the first."""
    found: dict[int, None] = {}
    for name in item.speakers:
        people = known.people[called(name)]
        usual = [person for person in people if person in base.speakers and person not in found]
        free = [person for person in people if person not in found]
        found.setdefault((usual or free or list(people))[0])
    return tuple(found)


def _code(item: Item, taken: set[str]) -> str:
    """Return the entry's code, or one that people can read, made of its title."""
    return (
        item.code
        if item.code and item.code not in taken
        else free_code(item.title, taken, "session")
    )


def free_code(name: str, taken: set[str], usual: str) -> str:
    """Return a code that is not taken, made of a name: small letters, digits, hyphens; of `usual` when none is left."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = code = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:STEM].rstrip("-") or usual
    number = 1
    while code in taken:
        number += 1
        code = f"{stem}-{number}"
    return code
