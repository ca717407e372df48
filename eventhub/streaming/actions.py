"""Pasted links, ways in, viewings: what happens in one transaction, without YouTube."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, NotFound, TooEarly
from eventhub.events.model import Event
from eventhub.participants.links import LinkClaim
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Released, SessionState
from eventhub.web.access import Principal, Right
from eventhub.wording import Text, say

from . import presence, rules, settings_store, shown_store, store, viewing_store
from .marker import new_marker
from .model import Broadcast, Interval, Provider, Shown, State, ViewingKind, Wanted
from .rules import Door
from .viewing_store import Guest, Viewing

_A_DAY = timedelta(days=1)
# The minute that begins as a session ends is not one of it.
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Entrance:
    """A participant before a session: how they get in, and whether it is open. `way` is None where there is no way."""

    guest: Guest
    session: Released
    way: ViewingKind | None
    door: Door
    generation: int

    @property
    def opens_at(self) -> datetime:
        return self.session.starts_at - rules.OPENS_BEFORE

    @property
    def too_early(self) -> Text:
        """What somebody reads who comes before the door opens."""
        return say("This session opens at {moment}. Please come back then.", moment=self.opens_at)


@dataclass(frozen=True, slots=True)
class Stream:
    """A released session's stream as the public sees it."""

    release_id: int
    session: Released
    broadcast: Broadcast | None
    door: Door


def dead_link() -> Text:
    """What somebody reads whose link opens nothing."""
    return say(
        "This link does not work, or was replaced by a newer one. "
        "Please use the link in the latest e-mail, or ask the organizers for a new one."
    )


async def list_shown(tx: AsyncConnection, event_id: int, at: datetime) -> list[Shown]:
    """Return the event's streamed sessions with their broadcasts, earliest first."""
    return await shown_store.list_shown(tx, event_id, at)


async def get_shown(tx: AsyncConnection, event_id: int, session: str, at: datetime) -> Shown:
    """Return one streamed session with its broadcast."""
    found = await shown_store.list_shown(tx, event_id, at, shown_store.among([session]))
    if not found:
        raise NotFound(say("There is no such session with a stream."))
    return found[0]


async def find_wanted(tx: AsyncConnection, event: Event, session: str) -> Wanted | None:
    """Return what the last release wants of a session's stream; None when it wants none."""
    release = await programme.latest_release(tx, event.id)
    released = await programme.find_released(tx, release.id, session) if release else None
    if released is None or not rules.is_streamed(released):
        return None
    return rules.wanted_of(
        released, event.title, (await settings_store.find_settings(tx, event.id)).privacy
    )


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
    await store.save_broadcast(tx, linked, at)
    await audit.record(
        tx, who, "broadcast.linked", session, event_id=event.id, at=at, detail={"link": link}
    )
    return await get_shown(tx, event.id, session, at)


async def find_stream(tx: AsyncConnection, event: Event, session: str, at: datetime) -> Stream:
    """Return the stream of a session of the last release."""
    release = await programme.latest_release(tx, event.id)
    released = (
        await programme.find_released(tx, release.id, session, with_audience=False)
        if release
        else None
    )
    if release is None or released is None or not released.stream:
        raise NotFound(say("There is no stream of this session."))
    return Stream(
        release_id=release.id,
        session=released,
        broadcast=await store.find_broadcast(tx, released.session_id),
        door=rules.door(released.starts_at, released.ends_at, at),
    )


async def find_next(tx: AsyncConnection, stream: Stream) -> Released | None:
    """Return the stream that begins next after this one, within a day."""
    ends_at = stream.session.ends_at
    later = await programme.list_released(
        tx, stream.release_id, start=ends_at, end=ends_at + _A_DAY
    )
    following = (each for each in later if rules.is_streamed(each) and each.starts_at >= ends_at)
    return next(following, None)


async def list_day(tx: AsyncConnection, event: Event, stream: Stream) -> list[Released]:
    """Return the streams of the same day, this one too, in their order."""
    start, end = event.day_bounds(event.day_of(stream.session.starts_at))
    found = await programme.list_released(tx, stream.release_id, start=start, end=end)
    return [each for each in found if rules.is_streamed(each) and each.starts_at >= start]


async def open_entrance(tx: AsyncConnection, claim: LinkClaim, at: datetime) -> Entrance:
    """Return where a join link leads, or NotFound when it is dead: renewed, or no longer invited or published."""
    guest = await viewing_store.find_guest(tx, claim)
    release = await programme.latest_release(tx, guest.event_id) if guest else None
    if guest is None or release is None:
        raise NotFound(dead_link())
    attendance = await viewing_store.find_attendance(
        tx, release.id, guest.session_id, guest.participant_id
    )
    released = await programme.find_released(tx, release.id, guest.session, with_audience=False)
    if attendance is None or released is None:
        raise NotFound(dead_link())
    if released.state is SessionState.CANCELLED:
        raise Conflict(say("{title} is cancelled.", title=released.title))
    return Entrance(
        guest=guest,
        session=released,
        way=rules.way_in(attendance, released.meeting_url, rules.is_streamed(released)),
        door=rules.door(released.starts_at, released.ends_at, at),
        generation=claim.generation,
    )


async def record_presence(tx: AsyncConnection, entrance: Entrance, at: datetime) -> int:
    """Record a beat (joining is the first) and return the minutes so far that count: those of the session itself.

    Once the way in is closed nothing is recorded.
    """
    guest, way = entrance.guest, entrance.way
    if entrance.door is Door.EARLY:
        raise TooEarly(entrance.too_early)
    viewings = await viewing_store.list_viewings(tx, guest.session_id, guest.participant_id)
    intervals = [viewing.interval for viewing in viewings]
    if way is not None and entrance.door is Door.OPEN:
        latest = next((viewing for viewing in viewings if viewing.kind is way), None)
        intervals.append(await _beat(tx, entrance, way, latest, at))
    session = entrance.session
    return presence.minutes_of(intervals, session.starts_at, session.ends_at - _A_MOMENT)


async def _beat(
    tx: AsyncConnection, entrance: Entrance, way: ViewingKind, latest: Viewing | None, at: datetime
) -> Interval:
    guest = entrance.guest
    longer = presence.extended(latest.interval if latest else None, at)
    if latest is not None and longer is not None:
        await viewing_store.save_interval(tx, latest.id, longer)
        return longer
    interval = Interval(at, at)
    await viewing_store.insert_viewing(tx, guest, way, interval)
    if way is ViewingKind.STREAM:
        watching = await shown_store.count_watching(tx, guest.event_id, at)
        await viewing_store.raise_peak(tx, guest.session_id, watching.get(guest.session_id, 0))
    elif guest.participant_id in (person for person, _ in entrance.session.speakers):
        await _tell_of_moderator(tx, guest, at)
    return interval


async def _tell_of_moderator(tx: AsyncConnection, guest: Guest, at: datetime) -> None:
    """Tell operators, who wait for this before a session."""
    told = {"session": guest.session, "check": "moderator"}
    right = Right.BROADCASTS_READ.value
    await news.tell(tx, "broadcast", told, event_id=guest.event_id, at=at, right=right)


async def count_peaks(tx: AsyncConnection, event_id: int) -> None:
    """Work out the most viewers at one moment from the viewings, for viewings that were written in bulk."""
    for session_id in await viewing_store.list_watched_sessions(tx, event_id):
        intervals = await viewing_store.list_intervals(tx, session_id, ViewingKind.STREAM)
        await viewing_store.raise_peak(tx, session_id, presence.peak_of(intervals))
