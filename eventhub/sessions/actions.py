"""Building the programme: every change is checked against what it would stand in the way of."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Fault, Invalid
from eventhub.events.model import Event
from eventhub.wording import say

from . import conflicts, release_store, releases, store
from .model import (
    AnySession,
    Format,
    Session,
    SessionState,
    Severity,
    Unscheduled,
    with_changes,
)
from .programme_news import tell_changed

find_session = store.find_session
get_session = store.get_session
list_sessions = store.list_sessions
list_unscheduled = store.list_unscheduled
Wanted = store.Wanted

ProgrammeClash = conflicts.ProgrammeClash
check_placement = conflicts.check_placement
conflicts_of = conflicts.conflicts_of

latest_release = release_store.latest_release
list_releases = release_store.list_releases
get_release = release_store.get_release
list_released = release_store.list_released
find_released = release_store.find_released
draft_as_released = releases.draft_as_released
draft_tray = releases.draft_tray
Upcoming = releases.Upcoming
upcoming = releases.upcoming
publish = releases.publish

LONGEST = timedelta(days=31)


async def add_session(
    tx: AsyncConnection, event: Event, session: AnySession, *, at: datetime
) -> AnySession:
    """Put a new session into the programme or the tray, or raise ProgrammeClash; its code must be free."""
    await lock_event(tx, event.id)
    if await store.find_session(tx, event.id, session.code):
        raise Conflict(
            say("There is a session {code} already. Please choose another code.", code=session.code)
        )
    await _hold(tx, event, session)
    [stored] = await store.insert_sessions(tx, [session])
    await tell_changed(tx, event.id, [session.code], at=at)
    return stored


async def change_session(
    tx: AsyncConnection,
    event: Event,
    session: AnySession,
    changes: Mapping[str, Any],
    *,
    at: datetime,
) -> AnySession:
    """Change a session, or raise ProgrammeClash; a cancelled one stays as it is.

    With `starts_at` and `ends_at` None it goes to the tray, with moments it comes out of it.
    """
    await lock_event(tx, event.id)
    if session.state is SessionState.CANCELLED:
        raise Conflict(say("{session} is cancelled and cannot be changed.", session=session.title))
    changed = with_changes(session, {**changes, "version": session.version + 1})
    await _hold(tx, event, changed)
    await store.save_session(tx, changed)
    await tell_changed(tx, event.id, [session.code], at=at)
    return changed


async def remove_session(
    tx: AsyncConnection, session: AnySession, *, at: datetime
) -> AnySession | None:
    """Take out what no release holds (None), or cancel a session, which the next release tells."""
    await lock_event(tx, session.event_id)
    await tell_changed(tx, session.event_id, [session.code], at=at)
    if session.state is SessionState.DRAFT and not await store.is_released(tx, session.id):
        await store.delete_session(tx, session.id)
        return None
    changes = {"state": SessionState.CANCELLED, "version": session.version + 1}
    cancelled = with_changes(session, changes)
    await store.save_session(tx, cancelled)
    return cancelled


async def restore_session(
    tx: AsyncConnection, event: Event, session: AnySession, *, at: datetime
) -> AnySession:
    """Take a cancellation back that no release has told yet, or raise ProgrammeClash."""
    await lock_event(tx, event.id)
    last = await release_store.latest_release(tx, event.id)
    told = await release_store.find_released(tx, last.id, session.code) if last else None
    if told is None or told.state is SessionState.CANCELLED:
        raise Conflict(
            say(
                "Everybody has been told that {session} is cancelled. Please add it anew.",
                session=session.title,
            )
        )
    changes = {"state": SessionState.PUBLISHED, "version": session.version + 1}
    restored = with_changes(session, changes)
    await _hold(tx, event, restored)
    await store.save_session(tx, restored)
    await tell_changed(tx, event.id, [session.code], at=at)
    return restored


async def _hold(tx: AsyncConnection, event: Event, session: AnySession) -> None:
    """Refuse a session that stands in the way; one without a time stands in nobody's."""
    if isinstance(session, Unscheduled):
        return
    check_fields(session)
    found = await check_placement(tx, event, session)
    blocking = [conflict for conflict in found if conflict.severity is Severity.BLOCK]
    if blocking:
        raise ProgrammeClash(blocking)


def check_fields(session: Session) -> None:
    """Refuse a session whose fields do not go together, naming each."""
    faults = []
    if session.ends_at <= session.starts_at:
        faults.append(Fault("ends_at", say("A session must end after it starts.")))
    elif session.ends_at - session.starts_at > LONGEST:
        faults.append(Fault("ends_at", say("A session lasts at most {n} days.", n=LONGEST.days)))
    if session.format in {Format.ONSITE, Format.HYBRID} and session.room_id is None:
        faults.append(Fault("room", say("A session on site needs a room.")))
    if session.format in {Format.ONLINE, Format.HYBRID} and not (
        session.meeting_url or session.stream
    ):
        faults.append(
            Fault("meeting_url", say("An online session needs a meeting link or a stream."))
        )
    if faults:
        raise Invalid(faults)
