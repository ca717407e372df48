"""Putting the draft back to what a release froze: as edits that are looked at and done like other work at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations, participants
from eventhub.web.access import Principal
from eventhub.wording import Text, say

from . import batch_store, batches, release_store, store
from .bulk import Edit, put_away
from .model import (
    AnySession,
    Audience,
    Release,
    Released,
    Session,
    SessionState,
    with_changes,
)

ACTION = "restored"


@dataclass(frozen=True, slots=True)
class Around:
    """What a release names and the event still has: rooms and offices by code, people by id."""

    rooms: Mapping[str, int]
    offices: Mapping[str, int]
    people: frozenset[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What putting back does, and what cannot be put back, a sentence each."""

    edits: tuple[Edit, ...]
    losses: tuple[Text, ...]


async def look(
    tx: AsyncConnection, event: Event, release: Release
) -> tuple[batches.Preview, tuple[Text, ...]]:
    """Return what putting the draft back to a release would do, and what cannot come back; changes nothing."""
    plan = await _plan(tx, event, release)
    return await batches.look(tx, event, plan.edits), plan.losses


async def restore(
    tx: AsyncConnection,
    event: Event,
    release: Release,
    *,
    who: Principal | str,
    at: datetime,
    seen: str | None = None,
) -> tuple[batches.Preview, tuple[Text, ...]]:
    """Put the draft back to a release, or raise Stale when it is no more what was seen.

    Conflicts do not hinder it, as they did not when it was published; those that do now stand in the next release's
    way, not in that of putting back.
    """
    await lock_event(tx, event.id)
    plan = await _plan(tx, event, release)
    preview = await batches.apply(
        tx,
        event,
        ACTION,
        plan.edits,
        subject=str(release.number),
        who=who,
        at=at,
        seen=seen,
        allows_blocking=True,
    )
    return preview, plan.losses


async def _plan(tx: AsyncConnection, event: Event, release: Release) -> Plan:
    frozen = {each.session_id: each for each in await release_store.list_released(tx, release.id)}
    every = await store.list_any(
        tx, event.id, store.Wanted(), scheduled=None, after=None, limit=store.MOST
    )
    around = Around(
        await _ids_by_code(tx, rooms, event.id),
        await _ids_by_code(tx, delegations, event.id),
        frozenset(await batch_store.ids_of(tx, participants, event.id)),
    )
    return await asyncio.to_thread(plan, every, frozen, around)


async def _ids_by_code(tx: AsyncConnection, table: sa.Table, event_id: int) -> dict[str, int]:
    rows = await tx.execute(sa.select(table.c.code, table.c.id).where(table.c.event_id == event_id))
    return {row.code: row.id for row in rows}


def plan(every: Sequence[AnySession], frozen: Mapping[int, Released], around: Around) -> Plan:
    """Return the edits that make the draft what a release froze. Pure.

    A session whose room is gone stays as it is, whole. What was made since and never published goes to the tray; what
    was published since is cancelled, as people know it.
    """
    edits: list[Edit] = []
    losses: list[Text] = []
    for now in every:
        then = frozen.get(now.id)
        if then is None or then.state is SessionState.CANCELLED:
            after = _ended(now)
        elif then.room_code is not None and then.room_code not in around.rooms:
            losses.append(
                say(
                    "{session} stays as it is: its room {room} is gone.",
                    session=then.title,
                    room=then.room_name,
                )
            )
            continue
        else:
            after = _restored(now, then, around)
            losses += _missing(then, around)
        if after is not now:
            edits.append(Edit(now, after))
    return Plan(tuple(edits), tuple(losses))


def _ended(now: AnySession) -> AnySession:
    if now.state is SessionState.PUBLISHED:
        return with_changes(now, {"state": SessionState.CANCELLED, "version": now.version + 1})
    if now.state is SessionState.DRAFT and isinstance(now, Session):
        return put_away(now)
    return now


def _restored(now: AnySession, then: Released, around: Around) -> AnySession:
    back = with_changes(
        now,
        {
            "title": then.title,
            "abstract": then.abstract,
            "kind": then.kind,
            "format": then.format,
            "starts_at": then.starts_at,
            "ends_at": then.ends_at,
            "time_zone": then.time_zone,
            "room_id": around.rooms[then.room_code] if then.room_code is not None else None,
            "meeting_url": then.meeting_url,
            "stream": then.stream,
            "track": then.track,
            "speakers": tuple(id for id, _ in then.speakers if id in around.people),
            "audience": _audience(then, around),
            "state": SessionState.DRAFT if now.state is SessionState.DRAFT else then.state,
        },
    )
    return now if back == now else with_changes(back, {"version": now.version + 1})


def _audience(then: Released, around: Around) -> tuple[Audience, ...]:
    found = []
    for row in then.audience:
        way = Attendance(row["attendance"])
        if row.get("delegation") in around.offices:
            found.append(Audience(way, delegation_id=around.offices[row["delegation"]]))
        elif row.get("participant") in around.people:
            found.append(Audience(way, participant_id=row["participant"]))
    return tuple(found)


def _missing(then: Released, around: Around) -> list[Text]:
    speakers = [name for id, name in then.speakers if id not in around.people]
    invited = len(then.audience) - len(_audience(then, around))
    found = [
        say("{person}, who spoke at {session}, is gone.", person=name, session=then.title)
        for name in speakers
    ]
    if invited:
        found.append(
            say(
                "{n} of those invited to {session} are gone.",
                n=invited,
                session=then.title,
            )
        )
    return found
