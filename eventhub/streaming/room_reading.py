"""The control room's picture of a day: read in a few queries, arranged by the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.sessions.encoders import encoder_of
from eventhub.sessions.model import Released
from eventhub.wording import say

from . import (
    automatic_reading,
    channels,
    checklist,
    encoder_store,
    last_acts,
    ledger,
    quota,
    room_rules,
    room_store,
    shown_store,
    store,
)
from .automatic_reading import Coming
from .model import Broadcast, Connected, Provider, Shown, Viewers
from .quota import Mode, day_ends
from .room_model import Deed, Lane, Standing, Tick, Turn


@dataclass(frozen=True, slots=True)
class Quota:
    """How the Pacific day stands; new units come at `ends_at` (UTC)."""

    used: int
    mode: Mode
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """What an operator sees of an event day at a moment (UTC).

    `quota` is None where no channel is connected; `coming` is what happens by itself, by the session's code.
    """

    at: datetime
    day: date
    today: date
    days: tuple[date, ...]
    lanes: tuple[Lane, ...]
    troubled: tuple[Connected, ...]
    quota: Quota | None
    coming: Mapping[str, Coming]

    @property
    def standings(self) -> tuple[Standing, ...]:
        """All sessions of the day."""
        return tuple(each for lane in self.lanes for each in lane.standings)


async def look(
    tx: AsyncConnection, installation: Installation, event: Event, at: datetime, day: date | None
) -> Picture:
    """Return the picture of a day, else of today or the nearest day that has any session to operate."""
    release = await programme.latest_release(tx, event.id)
    starts = await room_store.list_starts(tx, release.id) if release else []
    days = sorted({event.day_of(each) for each in starts})
    today = event.day_of(at)
    shown_day = _wished(day, days, today)
    is_connected = await channels.is_connected(tx, installation.settings, event.id)
    lanes: list[Lane] = []
    if release is not None:
        turns = await _turns(tx, event, release.id, shown_day, at, is_connected=is_connected)
        encoders = {each.encoder: each for each in await encoder_store.list_encoders(tx, event.id)}
        lanes = room_rules.arrange(turns, encoders, at)
    of_settings = installation.settings.youtube.is_set
    return Picture(
        at=at,
        day=shown_day,
        today=today,
        days=tuple(days),
        lanes=tuple(lanes),
        troubled=tuple(await room_store.list_troubled(tx, event, of_settings=of_settings)),
        quota=await _quota(tx, installation, at) if is_connected else None,
        coming=await automatic_reading.list_coming(tx, event, at, *event.day_bounds(shown_day)),
    )


def _wished(wished: date | None, days: list[date], today: date) -> date:
    if wished in days:
        return wished
    if not days:
        return today
    return next((day for day in days if day >= today), days[-1])


async def _quota(tx: AsyncConnection, installation: Installation, at: datetime) -> Quota:
    project, day = ledger.project_of(installation), ledger.pacific_day(at)
    units = await ledger.units_on(tx, project, day)
    return Quota(units.used, quota.mode_of(units), day_ends(at))


async def find(tx: AsyncConnection, event: Event, session: str) -> Released:
    """Return a session of the last release that can be operated, or raise NotFound."""
    release = await programme.latest_release(tx, event.id)
    released = await programme.find_released(tx, release.id, session) if release else None
    if released is None or not room_store.is_shown(released):
        raise NotFound(say("There is no such session to operate in the published programme."))
    return released


def lane_of(released: Released) -> tuple[str, str]:
    """Return the code and the name of the lane a session stands in, which are its encoder's."""
    encoder = encoder_of(
        room=released.room_code, room_name=released.room_name, track=released.track, event=""
    )
    return encoder.code, encoder.name


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known besides the release, by session id."""

    at: datetime
    is_connected: bool
    broadcasts: Mapping[int, Broadcast]
    watching: Mapping[int, int]
    joined: Mapping[int, int]
    moderators: Mapping[int, datetime]
    ticks: Mapping[int, tuple[Tick, ...]]
    deeds: Mapping[int, Deed]


async def _turns(
    tx: AsyncConnection,
    event: Event,
    release_id: int,
    day: date,
    at: datetime,
    *,
    is_connected: bool,
) -> list[Turn]:
    start, end = event.day_bounds(day)
    found = await programme.list_released(tx, release_id, start=start, end=end)
    released = [each for each in found if room_store.is_shown(each) and each.starts_at >= start]
    rows = await store.list_broadcasts(tx, event.id)
    if day == event.day_of(at):
        released += await room_store.list_left_on(tx, release_id, rows, released)
    facts = await _facts(tx, event, released, rows, at, is_connected=is_connected)
    return [_turn(each, facts) for each in released]


async def _facts(
    tx: AsyncConnection,
    event: Event,
    released: list[Released],
    rows: list[Broadcast],
    at: datetime,
    *,
    is_connected: bool,
) -> _Facts:
    return _Facts(
        at=at,
        is_connected=is_connected,
        broadcasts={row.session_id: row for row in rows},
        watching=await shown_store.count_watching(tx, event.id, at),
        joined=await room_store.count_joined(tx, event.id),
        moderators=await checklist.list_moderators(tx, event.id, released),
        ticks=await checklist.list_ticks(tx, event.id),
        deeds=await last_acts.list_deeds(tx, event.id),
    )


def _turn(released: Released, facts: _Facts) -> Turn:
    key = released.session_id
    row = facts.broadcasts.get(key)
    lane, name = lane_of(released)
    is_link = row is not None and row.provider is Provider.LINK
    watching = facts.watching.get(key, 0)
    viewers = Viewers(watching, max(watching, row.peak if row else 0), facts.at)
    shown = Shown(
        session_id=key,
        session=released.code,
        title=released.title,
        starts_at=released.starts_at,
        ends_at=released.ends_at,
        room_name=released.room_name,
        broadcast=row,
        viewers=viewers,
    )
    return Turn(
        shown=shown,
        lane=lane,
        lane_name=name,
        streams=released.stream,
        has_encoder=released.stream and not is_link and (row is not None or facts.is_connected),
        meeting_url=released.meeting_url,
        joined=facts.joined.get(key, 0),
        moderator_at=facts.moderators.get(key),
        ticks=facts.ticks.get(key, ()),
        deed=facts.deeds.get(key),
    )
