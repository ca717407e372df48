"""Thumbnails and playlists: what a broadcast can be without, set once all broadcasts are there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event

from . import pictures, playlists, quota, settings_store, store
from .connection import Studio
from .model import Broadcast, Provider, State, Wanted
from .trouble import Problem


class Does(StrEnum):
    PICTURE = "picture"
    PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to set, or one broadcast to put into the playlist of a track, which is empty for the event's."""

    does: Does
    wanted: Wanted
    row: Broadcast
    digest: str = ""
    track: str | None = None

    @property
    def units(self) -> int:
        return quota.THUMBNAIL_UNITS if self.does is Does.PICTURE else quota.PLAYLIST_UNITS


async def list_missing(
    tx: AsyncConnection,
    event: Event,
    channel_id: int,
    wanted: Iterable[Wanted],
    at: datetime,
    *,
    also_paused: bool = False,
) -> list[Job]:
    """Return what is missing of an event's broadcasts on a channel: all pictures by date, then all playlists."""
    how = await settings_store.find_settings(tx, event.id)
    rows = {row.session_id: row for row in await store.list_broadcasts(tx, event.id)}
    given = await pictures.list_given(tx, event.id)
    known = await playlists.list_ids(tx, event.id, channel_id)
    found: list[Job] = []
    for each in sorted(wanted, key=lambda each: (each.starts_at, each.code)):
        row = rows.get(each.session_id)
        if row is None or not _may_be_dressed(row, channel_id):
            continue
        if row.extras_after is not None and row.extras_after > at and not also_paused:
            continue
        sign = given.get(each.session_id) or pictures.card_of(each, event).digest
        if how.thumbnails and row.thumbnail != sign:
            found.append(Job(Does.PICTURE, each, row, digest=sign))
        track = playlists.track_of(each, how)
        if _is_elsewhere(row, track, known):
            found.append(Job(Does.PLAYLIST, each, row, track=track))
    return sorted(found, key=lambda job: job.does is Does.PLAYLIST)


def _may_be_dressed(row: Broadcast, channel_id: int) -> bool:
    """Whether there is a broadcast of ours on the channel that is not over."""
    return (
        row.provider is Provider.YOUTUBE
        and row.youtube_id is not None
        and row.channel_id == channel_id
        and row.state is not State.COMPLETE
    )


def _is_elsewhere(row: Broadcast, track: str | None, known: Mapping[str, str | None]) -> bool:
    """Whether a broadcast is not in the playlist it belongs to."""
    if track is None:
        return row.playlist_id is not None
    return row.playlist_id is None or row.playlist_id != known.get(track)


async def do(studio: Studio, job: Job) -> None:
    """Do one job and record it, or raise YouTubeTrouble. Repeating it does no harm."""
    youtube_id = job.row.youtube_id
    assert youtube_id is not None
    if job.does is Does.PICTURE:
        picture = await pictures.read(studio, job.wanted)
        await studio.steadily(studio.channel.set_thumbnail, youtube_id, *picture)
        await _save(studio, job, thumbnail=job.digest)
        return
    playlist_id = await playlists.put(studio, job.row, job.track)
    await _save(studio, job, playlist_id=playlist_id)


async def keep_problem(studio: Studio, job: Job, problem: Problem, until: datetime) -> None:
    """Keep why an extra is missing; the broadcast itself is well."""
    await _save(studio, job, extras_problem=problem.code, extras_after=until)


async def _save(studio: Studio, job: Job, **changes: Any) -> None:
    at = studio.installation.clock.now()
    async with studio.installation.database.transaction() as tx:
        row = await store.find_broadcast(tx, job.row.session_id)
        if row is not None and row.youtube_id == job.row.youtube_id:
            # What another job of this run has just met stays.
            if row.extras_problem == job.row.extras_problem:
                changes = {"extras_problem": None, "extras_after": None, **changes}
            await store.save_broadcast(tx, replace(row, **changes), at)
