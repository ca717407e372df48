"""Announcing and taking back; what holds now for whoever opens a page."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.errors import Fault, Invalid, NotFound
from eventhub.events.model import Event
from eventhub.sessions import actions as sessions
from eventhub.sessions.released import released_people
from eventhub.web.access import Principal
from eventhub.wording import say

from . import store
from .model import Announcement

list_before = store.list_before

# A page opened later shows so many of today's.
SHOWN = 5
# A delay is told to each session that it moves.
SEVERAL = 8


async def announce(
    tx: AsyncConnection,
    event: Event,
    text: str,
    *,
    session: str | None,
    who: Principal,
    at: datetime,
) -> Announcement:
    """Tell everybody, or those of a session, something now."""
    session_id, title = await _about(tx, event, session) if session else (None, None)
    values: dict[str, Any] = {"event_id": event.id, "session_id": session_id, "title": title}
    values |= {"text": text, "at": at, "author": who.name}
    announcement_id = await store.insert(tx, values)
    said = Announcement(announcement_id, text, session, title, at, who.name, None)
    await news.tell(
        tx,
        news.Kind.ANNOUNCEMENT,
        {
            "id": said.id,
            "text": text,
            "session": said.session,
            "title": said.title,
            "at": at.isoformat(),
        },
        event_id=event.id,
        at=at,
        session_id=session_id,
    )
    detail = {"session": session, "text": text}
    await audit.record(
        tx, who, "announcement.made", str(said.id), event_id=event.id, at=at, detail=detail
    )
    return said


async def _about(tx: AsyncConnection, event: Event, code: str) -> tuple[int, str | None]:
    """Return a session's id, and its title if it was released."""
    session = await sessions.find_session(tx, event.id, code)
    if session is None:
        raise Invalid([Fault("session", say("There is no session {code}.", code=code))])
    release = await sessions.latest_release(tx, event.id)
    released = await sessions.find_released(tx, release.id, code) if release else None
    return session.id, released.title if released else None


async def take_back(
    tx: AsyncConnection, event: Event, announcement_id: int, *, who: Principal, at: datetime
) -> None:
    """Let an announcement vanish from the pages that show it; a second time changes nothing."""
    found = await store.find(tx, event.id, announcement_id)
    if found is None:
        raise NotFound(say("There is no such announcement."))
    if not await store.take_back(tx, event.id, announcement_id, at):
        return
    await news.tell(
        tx,
        news.Kind.ANNOUNCEMENT,
        {"id": announcement_id, "session": found[0].session, "taken_back": True},
        event_id=event.id,
        at=at,
        session_id=found[1],
    )
    await audit.record(
        tx, who, "announcement.taken_back", str(announcement_id), event_id=event.id, at=at
    )


async def list_for_session(
    tx: AsyncConnection, event: Event, session_id: int, *, at: datetime
) -> list[Announcement]:
    """Return what the session's watch page shows: today's for all and its own, the latest first."""
    return await _holding(tx, event, [session_id], at)


async def list_for_participant(
    tx: AsyncConnection,
    event: Event,
    participant_id: int,
    *,
    release_id: int | None,
    at: datetime,
) -> list[Announcement]:
    """Return what a participant's page shows: today's for all and for their sessions, the latest first.

    Their sessions are those of a release: the event's last one. What was told to several of them is shown once.
    """
    if release_id is None:
        return await _holding(tx, event, [], at)
    invited = released_people(release_id, participant_id=participant_id).subquery()
    found = await _holding(tx, event, sa.select(invited.c.session_id), at, limit=SEVERAL * SHOWN)
    once = {(one.text, one.at): one for one in reversed(found)}
    return list(once.values())[::-1][:SHOWN]


async def _holding(
    tx: AsyncConnection,
    event: Event,
    session_ids: sa.Select[Any] | list[int],
    at: datetime,
    limit: int = SHOWN,
) -> list[Announcement]:
    start, end = event.day_bounds(event.day_of(at))
    return await store.list_holding(tx, event.id, session_ids, start=start, end=end, limit=limit)
