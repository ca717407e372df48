"""Presence by an open line: of whom nothing was heard for a minute is recorded, all of a session's in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance
from eventhub.participants.tables import participants
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Released
from eventhub.sessions.released import released_people

from . import rules, shown_store, viewing_store
from .model import ViewingKind
from .presence import BEAT_SECONDS, LONGEST_SILENCE
from .rules import Door
from .tables import viewings

# Whose beats come through was written less than this ago, and need not be written again.
HEARD = timedelta(seconds=BEAT_SECONDS)

# SQLite takes at most 32,766 values in one statement.
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Watching:
    """Whose watch page is open: a participant by a link of a generation."""

    event_id: int
    session: str
    participant_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Silent:
    """Who is at a session and was not heard of for a minute, by how they get in."""

    event_id: int
    session_id: int
    people: Mapping[ViewingKind, frozenset[int]]


async def find_silent(
    tx: AsyncConnection, event_id: int, session: str, people: Mapping[int, int], at: datetime
) -> Silent | None:
    """Return who of some people (link generation by id) is silent; None when nobody is, or nothing counts now."""
    release = await programme.latest_release(tx, event_id)
    found = (
        await programme.find_released(tx, release.id, session, with_audience=False)
        if release
        else None
    )
    if release is None or found is None or not rules.is_streamed(found):
        return None
    if rules.door(found.starts_at, found.ends_at, at) is not Door.OPEN:
        return None
    entitled = await _entitled(tx, release.id, found, people)
    heard = sa.select(viewings.c.participant_id, viewings.c.kind).where(
        viewings.c.session_id == found.session_id, viewings.c.last_beat_at > at - HEARD
    )
    known = {(row.participant_id, ViewingKind(row.kind)) for row in await tx.execute(heard)}
    silent = {
        kind: frozenset(
            id for id, way in entitled.items() if way is kind and (id, way) not in known
        )
        for kind in ViewingKind
    }
    return Silent(event_id, found.session_id, silent) if any(silent.values()) else None


async def _entitled(
    tx: AsyncConnection, release_id: int, session: Released, people: Mapping[int, int]
) -> dict[int, ViewingKind]:
    """Return how those get in whose links are alive and whom the release still invites."""
    invited = released_people(release_id, session.session_id).subquery()
    query = sa.select(
        participants.c.id, participants.c.link_generation, invited.c.attendance
    ).join_from(participants, invited, invited.c.participant_id == participants.c.id)
    found: dict[int, ViewingKind] = {}
    for row in await tx.execute(query):
        way = rules.way_in(Attendance(row.attendance), session.meeting_url, streams=True)
        if way is not None and people.get(row.id) == row.link_generation:
            found[row.id] = way
    return found


async def record(tx: AsyncConnection, silent: Silent, at: datetime) -> int:
    """Write that they are there at a moment; return how many that are."""
    if tx.dialect.name == "postgresql":
        # Two processes may hold lines of the same people: they take turns.
        lock = sa.text("SELECT pg_advisory_xact_lock(7309, :session)")
        await tx.execute(lock, {"session": silent.session_id})
    came = 0
    for kind, people in silent.people.items():
        missing = await _prolong(tx, silent, kind, people, at)
        if missing and tx.dialect.name == "postgresql":
            # A beat of theirs may be arriving: it holds the person's row until its viewing is written.
            rows = sa.select(participants.c.id).where(participants.c.id.in_(missing))
            await tx.execute(rows.order_by(participants.c.id).with_for_update())
            missing = await _prolong(tx, silent, kind, missing, at)
        if missing:
            await _begin(tx, silent, kind, missing, at)
            came += len(missing) * (kind is ViewingKind.STREAM)
    if came:
        watching = await shown_store.count_watching(tx, silent.event_id, at)
        peak = watching.get(silent.session_id, 0)
        await viewing_store.raise_peak(tx, silent.session_id, peak)
    return sum(len(people) for people in silent.people.values())


async def _prolong(
    tx: AsyncConnection, silent: Silent, kind: ViewingKind, people: Iterable[int], at: datetime
) -> set[int]:
    """Let presences that are near enough last until a moment; return whose was not."""
    missing = set(people)
    ordered = sorted(missing)
    last = viewings.c.last_beat_at
    for start in range(0, len(ordered), CHUNK):
        near = (
            viewings.update()
            .where(
                viewings.c.session_id == silent.session_id,
                viewings.c.participant_id.in_(ordered[start : start + CHUNK]),
                viewings.c.kind == kind,
                last >= at - LONGEST_SILENCE,
                viewings.c.started_at <= at + LONGEST_SILENCE,
            )
            .values(last_beat_at=sa.case((last < at, sa.literal(at, last.type)), else_=last))
            .returning(viewings.c.participant_id)
        )
        missing -= set((await tx.execute(near)).scalars())
    return missing


async def _begin(
    tx: AsyncConnection, silent: Silent, kind: ViewingKind, people: Iterable[int], at: datetime
) -> None:
    same = {"event_id": silent.event_id, "session_id": silent.session_id, "kind": kind}
    rows = [
        same | {"participant_id": id, "started_at": at, "last_beat_at": at} for id in sorted(people)
    ]
    await tx.execute(viewings.insert(), rows)
