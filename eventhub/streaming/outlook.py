"""What the day's units went to, what is planned, and what waits until when: reckoned without a call."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.wording import Text, say

from . import channels, extras, ledger, quota, rules, settings_store, store
from .model import Broadcast, StreamingSettings, Wanted
from .problems import PROBLEMS
from .quota import PACIFIC, Mode, Units, day_ends

_BROADCAST = say("Broadcast")
_PICTURE = say("Picture")
_PLAYLIST = say("Playlist")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece of work that is still to be done, when at the latest it is expected (UTC), and what it waits for."""

    session: str
    title: str
    what: Text
    until: datetime
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The Pacific day: spent, planned for what goes on air, left for setting up; new units come at `ends_at` (UTC)."""

    units: Units
    mode: Mode
    planned: int
    allowance: int
    ends_at: datetime
    waiting: list[Waiting]


async def look_ahead(
    tx: AsyncConnection, installation: Installation, event: Event, at: datetime
) -> Outlook:
    """Return how the day stands, and on which days the rest of the event is set up."""
    today = ledger.pacific_day(at)
    planned = await ledger.planned_by_day(tx, today)
    units = await ledger.units_on(tx, ledger.project_of(installation), today)
    left = quota.allowance(planned(today), units)
    work = await _work(tx, installation, event, at)
    found: list[Waiting] = [each for each, _ in work if each.why is not None]
    queue = [(each, cost) for each, cost in work if each.why is None]
    costs = [(str(number), cost) for number, (_, cost) in enumerate(queue)]
    days = quota.spread(costs, left, today, lambda day: quota.allowance(planned(day)))
    for (each, _), (_, day) in zip(queue, days, strict=True):
        until = (
            at if day == today else datetime.combine(day, time(0), PACIFIC).astimezone(at.tzinfo)
        )
        found.append(Waiting(each.session, each.title, each.what, until))
    return Outlook(
        units=units,
        mode=quota.mode_of(units),
        planned=planned(today),
        allowance=left,
        ends_at=day_ends(at),
        waiting=sorted(found, key=lambda each: each.until),
    )


async def _work(
    tx: AsyncConnection, installation: Installation, event: Event, at: datetime
) -> list[tuple[Waiting, int]]:
    release = await programme.latest_release(tx, event.id)
    released = await programme.list_released(tx, release.id) if release else []
    how = await settings_store.find_settings(tx, event.id)
    homes = await channels.homes(tx, installation, event.id, at)
    wanted = [
        rules.wanted_of(each, event.title, how.privacy)
        for each in released
        if rules.is_streamed(each)
    ]
    rows = {row.session_id: row for row in await store.list_broadcasts(tx, event.id)}
    missing = [each for each in wanted if _is_missing(each, rows.get(each.session_id), at)]
    missing.sort(key=lambda each: (each.starts_at, each.code))
    work = [(_waiting(each, _BROADCAST, at), quota.SET_UP_UNITS) for each in missing]
    for channel in homes.known.values():
        for job in await extras.list_missing(tx, event, channel.id, wanted, at, also_paused=True):
            what = _PICTURE if job.does is extras.Does.PICTURE else _PLAYLIST
            work.append((_extra(job, what, at), job.units))
    # What has no broadcast yet gets its extras afterwards.
    for each in missing:
        work += [(_waiting(each, what, at), cost) for what, cost in _extras_of(how)]
    return work


def _is_missing(wanted: Wanted, row: Broadcast | None, at: datetime) -> bool:
    steps = rules.plan([wanted], [row] if row else [], [], at)
    return steps[0].does is rules.Does.CREATE and (row is None or row.youtube_id is None)


def _extras_of(how: StreamingSettings) -> list[tuple[Text, int]]:
    found = [(_PICTURE, quota.THUMBNAIL_UNITS)] if how.thumbnails else []
    return found + ([(_PLAYLIST, quota.PLAYLIST_UNITS)] if how.playlists != "none" else [])


def _waiting(wanted: Wanted, what: Text, at: datetime) -> Waiting:
    return Waiting(wanted.code, wanted.title, what, at)


def _extra(job: extras.Job, what: Text, at: datetime) -> Waiting:
    after, code = job.row.extras_after, job.row.extras_problem
    if after is None or after <= at or code not in PROBLEMS:
        return _waiting(job.wanted, what, at)
    return Waiting(job.wanted.code, job.wanted.title, what, after, PROBLEMS[code].explanation)
