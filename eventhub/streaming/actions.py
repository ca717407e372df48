"""Pasted links, ways in, viewings: what happens in one transaction, without YouTube."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, NotFound, TooEarly
from eventhub.events.model import Event
from eventhub.participants.links import LinkClaim
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Released, SessionState
from eventhub.web.access import Principal
from eventhub.wording import Text, say

from . import presence, rules, store, viewing_store
from .marker import new_marker
from .model import Broadcast, Interval, Provider, Shown, State, ViewingKind
from .rules import Door
from .viewing_store import Guest

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entrance:
    """A participant before a session: how they get in, and whether it is open. `way` is None where there is no way."""

    guest: Guest
    session: Released
    way: ViewingKind | None
    door: Door

    @property
    def opens_at(self) -> datetime:
        return self.session.starts_at - rules.OPENS_BEFORE

    @property
    def too_early(self) -> Text:
        """What somebody reads who comes before the door opens."""
        return say("This session opens at {moment}. Please come back then.", moment=self.opens_at)


@dataclass(frozen=True, slots=True)
class Stream:
    """A released session's stream as the public sees it, and the one after it."""

    session: Released
    broadcast: Broadcast | None
    next: Released | None
    door: Door


def dead_link() -> Text:
    """What somebody reads whose link opens nothing."""
    return say(
        "This link does not work, or was replaced by a newer one. "
        "Please use the link in the latest e-mail, or ask the organizers for a new one."
    )


async def list_shown(tx: AsyncConnection, event_id: int, at: datetime) -> list[Shown]:
    """Return the event's streamed sessions with their broadcasts, earliest first."""
    return await store.list_shown(tx, event_id, at)


async def get_shown(tx: AsyncConnection, event_id: int, session: str, at: datetime) -> Shown:
    """Return one streamed session with its broadcast."""
    found = await store.list_shown(tx, event_id, at, store.among([session]))
    if not found:
        raise NotFound(say("There is no such session with a stream."))
    return found[0]


async def paste_link(
    tx: AsyncConnection,
    event: Event,
    session: str,
    *,
    link: str,
    who: Principal | str,
    at: datetime,
) -> Shown:
    """Let a session be streamed by a link. A broadcast of ours on YouTube must be deleted first."""
    await lock_event(tx, event.id)
    shown = await get_shown(tx, event.id, session, at)
    row = shown.broadcast
    if row is not None and row.provider is Provider.YOUTUBE and row.youtube_id is not None:
        raise Conflict(
            say("This session has a broadcast on YouTube. Delete it first, then paste the link.")
        )
    row = row or await store.insert_broadcast(
        tx,
        event.id,
        shown.session_id,
        provider=Provider.LINK,
        marker=new_marker(event.slug, session),
    )
    state = row.state if row.provider is Provider.LINK and row.watch_url else State.READY
    linked = replace(
        row,
        provider=Provider.LINK,
        state=state,
        watch_url=link,
        scheduled_start=shown.starts_at,
        tried_at=None,
        held=False,
        problem_code=None,
    )
    await store.save_broadcast(tx, linked)
    await audit.record(
        tx, who, "broadcast.linked", session, event_id=event.id, at=at, detail={"link": link}
    )
    return await get_shown(tx, event.id, session, at)


async def find_stream(tx: AsyncConnection, event: Event, session: str, at: datetime) -> Stream:
    """Return the stream of a session of the last release."""
    release = await programme.latest_release(tx, event.id)
    released = await programme.find_released(tx, release.id, session) if release else None
    if release is None or released is None or not released.stream:
        raise NotFound(say("There is no stream of this session."))
    later = await programme.list_released(
        tx, release.id, start=released.ends_at, end=released.ends_at + _A_DAY
    )
    following = (
        each for each in later if rules.is_streamed(each) and each.starts_at >= released.ends_at
    )
    return Stream(
        session=released,
        broadcast=await store.find_broadcast(tx, released.session_id),
        next=next(following, None),
        door=rules.door(released.starts_at, released.ends_at, at),
    )


async def open_entrance(tx: AsyncConnection, claim: LinkClaim, at: datetime) -> Entrance:
    """Return where a join link leads, or NotFound when it is dead: renewed, or no longer invited or published."""
    assert claim.session_id is not None
    event_id = await viewing_store.find_event_id(tx, claim.session_id)
    release = await programme.latest_release(tx, event_id) if event_id is not None else None
    guest = await viewing_store.find_guest(tx, claim, release.id) if release else None
    if release is None or guest is None or guest.attendance is None:
        raise NotFound(dead_link())
    released = await programme.find_released(tx, release.id, guest.session)
    if released is None:
        raise NotFound(dead_link())
    if released.state is SessionState.CANCELLED:
        raise Conflict(say("{title} is cancelled.", title=released.title))
    return Entrance(
        guest=guest,
        session=released,
        way=rules.way_in(guest.attendance, released.meeting_url, rules.is_streamed(released)),
        door=rules.door(released.starts_at, released.ends_at, at),
    )


async def record_presence(tx: AsyncConnection, entrance: Entrance, at: datetime) -> int:
    """Record a beat (joining is the first) and return the minutes so far; after the end nothing is counted."""
    guest, way = entrance.guest, entrance.way
    if entrance.door is Door.EARLY:
        raise TooEarly(entrance.too_early)
    if way is not None and entrance.door is Door.OPEN:
        await viewing_store.lock_participant(tx, guest.participant_id)
        await _beat(tx, guest, way, at)
    intervals = await viewing_store.list_intervals(tx, guest.session_id, guest.participant_id)
    return presence.minutes_of(intervals)


async def _beat(tx: AsyncConnection, guest: Guest, way: ViewingKind, at: datetime) -> None:
    found = await viewing_store.find_viewing(tx, guest.session_id, guest.participant_id, way)
    longer = presence.extended(found[1], at) if found else None
    if found is not None and longer is not None:
        await viewing_store.save_interval(tx, found[0], longer)
        return
    await viewing_store.insert_viewing(tx, guest, way, Interval(at, at))
    if way is ViewingKind.STREAM:
        watching = await store.count_watching(tx, guest.event_id, at)
        await viewing_store.raise_peak(tx, guest.session_id, watching.get(guest.session_id, 0))


async def count_peaks(tx: AsyncConnection, event_id: int) -> None:
    """Work out the most viewers at one moment from the viewings, for viewings that were written in bulk."""
    for session_id in await viewing_store.list_watched_sessions(tx, event_id):
        intervals = await viewing_store.list_intervals(tx, session_id, kind=ViewingKind.STREAM)
        await viewing_store.raise_peak(tx, session_id, presence.peak_of(intervals))
