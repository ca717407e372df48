"""Releases: the draft programme frozen, compared with the last, and made known."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict
from eventhub.events.model import Event, EventState
from eventhub.events.tables import events, rooms
from eventhub.participants.tables import delegations
from eventhub.web.access import Principal
from eventhub.wording import say

from . import accepted, conflicts, lookup, release_store, rules, store
from .model import (
    AnySession,
    Change,
    ProgrammeConflict,
    Release,
    Released,
    Session,
    SessionState,
    Severity,
    Waiting,
)
from .programme_news import tell_released
from .tables import sessions

TOPIC = "programme.released"
Notify = Literal["now", "draft", "none"]


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What a release made now would be: the draft frozen, beside the last release, and its conflicts."""

    last: Release | None
    before: Mapping[str, Released]
    frozen: Sequence[Released]
    changes: Sequence[Change]
    conflicts: Sequence[ProgrammeConflict]

    @property
    def number(self) -> int:
        return self.last.number + 1 if self.last else 1


async def upcoming(tx: AsyncConnection, event: Event) -> Upcoming:
    """Return what a release made now would be; reads the programme once."""
    last = await release_store.latest_release(tx, event.id)
    before = await _by_code(tx, last)
    drafts = await store.list_sessions(tx, event.id, store.Wanted())
    frozen = await freeze(tx, event, drafts)
    changes = await _changes(before, frozen)
    found = await conflicts.in_programme(tx, event, drafts)
    standing = await accepted.settled(tx, event, found, before, frozen)
    return Upcoming(last, before, frozen, changes, standing)


async def _changes(before: Mapping[str, Released], frozen: Sequence[Released]) -> list[Change]:
    after = {session.code: session for session in frozen}
    return await asyncio.to_thread(rules.changes, before, after)


async def draft_as_released(tx: AsyncConnection, event: Event) -> list[Released]:
    """Return the draft as a release made now would freeze it, by start."""
    return await freeze(tx, event, await store.list_sessions(tx, event.id, store.Wanted()))


async def draft_tray(tx: AsyncConnection, event: Event) -> list[Waiting]:
    """Return what lies in the tray, with the names of rooms and speakers; no release takes it."""
    tray = await store.list_unscheduled(tx, event.id)
    rows = await tx.execute(sa.select(rooms).where(rooms.c.event_id == event.id))
    places = {row.id: (row.name, row.building) for row in rows}
    people = await lookup.names(tx, {person for session in tray for person in session.speakers})
    return [
        Waiting(
            session,
            *places.get(session.room_id or 0, ("", "")),
            speakers=tuple(people[person] for person in session.speakers),
        )
        for session in tray
    ]


async def publish(
    tx: AsyncConnection,
    event: Event,
    *,
    note: str,
    notify: Notify,
    who: Principal | str,
    at: datetime,
    only_changed: bool = False,
) -> Release:
    """Freeze the draft as the next release and have those concerned told; refused while a conflict forbids it.

    With `only_changed` a release that changes nothing is refused too.
    """
    await lock_event(tx, event.id)
    drafts = await store.list_sessions(tx, event.id, store.Wanted())
    found = await conflicts.in_programme(tx, event, drafts)
    last = await release_store.latest_release(tx, event.id)
    before = await _by_code(tx, last)
    fresh = await freeze(tx, event, drafts)
    _refuse_forbidding(await accepted.settled(tx, event, found, before, fresh))
    shelved = await _shelved(tx, event, before)
    frozen = [
        replace(session, sequence=rules.sequence(before.get(session.code), session))
        for session in (*fresh, *_withdrawn(shelved, before))
    ]
    changes = await _changes(before, frozen)
    if only_changed and last and not changes:
        raise Conflict(say("Nothing has changed since the last release."))
    number = last.number + 1 if last else 1
    release_id = await release_store.insert_release(
        tx, event, number=number, note=note, at=at, changes=changes
    )
    release = Release(release_id, event.id, number, note, at, tuple(changes))
    await release_store.insert_released(tx, release_id, [*drafts, *shelved], frozen)
    await _mark_published(tx, event, before, frozen)
    await _mark_drafts(tx, shelved)
    changed = (change.session for change in changes)
    await tell_released(tx, event.id, number, changed, at=at)
    await announce(tx, release, last.id if last else None, notify)
    detail = {"notify": notify}
    await audit.record(
        tx, who, "programme.published", str(number), event_id=event.id, at=at, detail=detail
    )
    return release


def _refuse_forbidding(found: Sequence[ProgrammeConflict]) -> None:
    forbidding = [c for c in found if c.severity in {Severity.BLOCK, Severity.BLOCK_RELEASE}]
    if forbidding:
        first = forbidding[0].explanation
        text = say("A conflict forbids this release: {first}", first=first)
        if (n := len(forbidding)) > 1:
            text = say("{n} conflicts forbid this release. First: {first}", n=n, first=first)
        raise conflicts.ProgrammeClash(forbidding, text)


async def announce(
    tx: AsyncConnection, release: Release, previous_id: int | None, notify: Notify
) -> None:
    """Let all that follows releases follow one."""
    payload = {
        "release": release.number,
        "release_id": release.id,
        "previous_id": previous_id,
        "notify": notify,
    }
    await outbox.add(tx, TOPIC, payload, event_id=release.event_id, at=release.published_at)


async def _by_code(tx: AsyncConnection, release: Release | None) -> dict[str, Released]:
    if release is None:
        return {}
    return {session.code: session for session in await release_store.list_released(tx, release.id)}


async def _shelved(
    tx: AsyncConnection, event: Event, before: Mapping[str, Released]
) -> list[AnySession]:
    """Return what the last release holds and has no time any more: in the tray, or cancelled there."""
    every = await store.list_any(
        tx, event.id, store.Wanted(), scheduled=False, after=None, limit=store.MOST
    )
    return [session for session in every if session.code in before]


def _withdrawn(shelved: Sequence[AnySession], before: Mapping[str, Released]) -> Iterator[Released]:
    for session in shelved:
        yield replace(before[session.code], state=SessionState.CANCELLED)


async def freeze(tx: AsyncConnection, event: Event, drafts: Sequence[Session]) -> list[Released]:
    """Return sessions as a release freezes them."""
    rows = await tx.execute(sa.select(rooms).where(rooms.c.event_id == event.id))
    places = {row.id: row for row in rows}
    offices = await _office_codes(tx, event.id)
    people = await lookup.names(tx, {person for session in drafts for person in session.speakers})

    def frozen() -> list[Released]:
        return [_frozen(each, places.get(each.room_id), offices, people) for each in drafts]

    return await asyncio.to_thread(frozen)


async def _office_codes(tx: AsyncConnection, event_id: int) -> dict[int, str]:
    rows = await tx.execute(
        sa.select(delegations.c.id, delegations.c.code).where(delegations.c.event_id == event_id)
    )
    return {row.id: row.code for row in rows}


def _frozen(
    session: Session, room: Any, offices: Mapping[int, str], people: Mapping[int, str]
) -> Released:
    cancelled = session.state is SessionState.CANCELLED
    return Released(
        session_id=session.id,
        code=session.code,
        title=session.title,
        abstract=session.abstract,
        kind=session.kind,
        format=session.format,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=session.time_zone,
        room_code=room.code if room else None,
        room_name=room.name if room else "",
        building=room.building if room else "",
        meeting_url=session.meeting_url,
        stream=session.stream,
        track=session.track,
        speakers=tuple((person, people[person]) for person in session.speakers),
        audience=tuple(
            {"delegation": offices[row.delegation_id], "attendance": row.attendance.value}
            if row.delegation_id is not None
            else {"participant": row.participant_id, "attendance": row.attendance.value}
            for row in session.audience
        ),
        state=SessionState.CANCELLED if cancelled else SessionState.PUBLISHED,
        sequence=session.sequence,
    )


async def _mark_published(
    tx: AsyncConnection, event: Event, before: Mapping[str, Released], frozen: Sequence[Released]
) -> None:
    await tx.execute(
        sessions.update()
        .where(
            sessions.c.event_id == event.id, sessions.c.state == SessionState.DRAFT, store.HAS_TIME
        )
        .values(state=SessionState.PUBLISHED, version=sessions.c.version + 1)
    )
    revised = [
        {"revised": session.session_id, "revision": session.sequence}
        for session in frozen
        if session.code in before and session.sequence != before[session.code].sequence
    ]
    if revised:
        await tx.execute(
            sessions.update()
            .where(sessions.c.id == sa.bindparam("revised"))
            .values(sequence=sa.bindparam("revision"), version=sessions.c.version + 1),
            revised,
        )
    if event.state is EventState.DRAFT:
        await tx.execute(
            events.update()
            .where(events.c.id == event.id)
            .values(state=EventState.PUBLISHED, version=events.c.version + 1)
        )


async def _mark_drafts(tx: AsyncConnection, shelved: Sequence[AnySession]) -> None:
    """What has been told as cancelled and waits in the tray for a time is a draft again."""
    told = [session.id for session in shelved if session.state is SessionState.PUBLISHED]
    for part in lookup.chunks(told):
        await tx.execute(
            sessions.update()
            .where(sessions.c.id.in_(part))
            .values(state=SessionState.DRAFT, version=sessions.c.version + 1)
        )
