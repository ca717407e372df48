"""A playlist per event or track on YouTube, made once, found again by its marker; a broadcast is in one of them."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from . import settings_store
from .connection import Studio
from .marker import LONGEST_TITLE, new_marker, title_of
from .model import Broadcast, StreamingSettings, Wanted
from .tables import playlists
from .trouble import Retry, YouTubeTrouble

_LOOKS_S = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist of an event, or of one of its tracks, on a channel."""

    id: int
    event_id: int
    channel_id: int
    track: str
    marker: str
    playlist_id: str | None = None
    tried_at: datetime | None = None


def track_of(wanted: Wanted, how: StreamingSettings) -> str | None:
    """Return the track whose playlist a broadcast belongs to, empty for the event's; None: it belongs to none."""
    if how.playlists == "none":
        return None
    return wanted.track if how.playlists == "track" else ""


async def list_ids(tx: AsyncConnection, event_id: int, channel_id: int) -> dict[str, str | None]:
    """Return the ids of the event's playlists on a channel, by track."""
    table = playlists.c
    query = sa.select(table.track, table.playlist_id).where(
        table.event_id == event_id, table.channel_id == channel_id
    )
    return {row.track: row.playlist_id for row in await tx.execute(query)}


async def put(studio: Studio, row: Broadcast, track: str | None) -> str | None:
    """Let a broadcast be in the playlist of a track and no longer in the one it was in; return the playlist's id."""
    assert row.youtube_id is not None
    playlist_id = await _playlist(studio, track) if track is not None else None
    if row.playlist_id is not None and row.playlist_id != playlist_id:
        await _take_out(studio, row.playlist_id, row.youtube_id)
    if playlist_id is None or track is None:
        return None
    try:
        await _put_in(studio, playlist_id, row.youtube_id)
    except YouTubeTrouble as trouble:
        if trouble.problem.code != "playlistNotFound":
            raise
        await _forget(studio, track)
        playlist_id = await _playlist(studio, track)
        await _put_in(studio, playlist_id, row.youtube_id)
    return playlist_id


async def _put_in(studio: Studio, playlist_id: str, youtube_id: str) -> None:
    """Insert an item unless it is there: after a doubtful end as well, as a second insert makes a second item."""
    for _ in range(2):
        if await studio.steadily(studio.channel.find_items, playlist_id, youtube_id):
            return
        try:
            await studio.once(studio.channel.insert_item, playlist_id, youtube_id)
        except YouTubeTrouble as trouble:
            if trouble.problem.retry is not Retry.LOOK:
                raise
            await studio.pause(_LOOKS_S[1])
        else:
            return
    await studio.steadily(studio.channel.find_items, playlist_id, youtube_id)


async def _take_out(studio: Studio, playlist_id: str, youtube_id: str) -> None:
    try:
        for item in await studio.steadily(studio.channel.find_items, playlist_id, youtube_id):
            await studio.steadily(studio.channel.delete_item, item)
    except YouTubeTrouble as trouble:
        if trouble.problem.retry is not Retry.GONE:
            raise


async def _playlist(studio: Studio, track: str) -> str:
    """Return the id of a track's playlist, which is made when there is none yet."""
    row = await _intended(studio, track)
    if row.playlist_id is not None:
        return row.playlist_id
    found = await _find(studio, row) if row.tried_at is not None else None
    await _save(studio, replace(row, tried_at=studio.installation.clock.now()))
    playlist_id = found or await _insert(studio, row)
    await _save(studio, replace(row, playlist_id=playlist_id, tried_at=None))
    return playlist_id


async def _insert(studio: Studio, row: Playlist) -> str:
    title = title_of(f"{studio.event.title} · {row.track}" if row.track else studio.event.title)
    async with studio.installation.database.reading() as tx:
        how = await settings_store.find_settings(tx, studio.event.id)
    made = (title[:LONGEST_TITLE], row.marker, how.privacy)
    try:
        return await studio.once(studio.channel.insert_playlist, *made)
    except YouTubeTrouble as trouble:
        if trouble.problem.retry is not Retry.LOOK:
            raise
    for seconds in _LOOKS_S:
        await studio.pause(seconds)
        found = await _find(studio, row)
        if found is not None:
            return found
    return await studio.once(studio.channel.insert_playlist, *made)


async def _find(studio: Studio, row: Playlist) -> str | None:
    known = await studio.steadily(studio.channel.list_playlists)
    return next((id for id, text in known.items() if row.marker in text), None)


async def _intended(studio: Studio, track: str) -> Playlist:
    async with studio.installation.database.transaction() as tx:
        row = await _read(tx, studio, track)
        if row is None:
            sign = sha256(track.encode()).hexdigest()[:8]
            await tx.execute(
                playlists.insert().values(
                    event_id=studio.event.id,
                    channel_id=studio.connected.id,
                    track=track,
                    marker=new_marker(studio.event.slug, f"playlist-{sign}"),
                )
            )
            row = await _read(tx, studio, track)
    assert row is not None
    return row


async def _read(tx: AsyncConnection, studio: Studio, track: str) -> Playlist | None:
    table = playlists.c
    query = sa.select(playlists).where(
        table.event_id == studio.event.id,
        table.channel_id == studio.connected.id,
        table.track == track,
    )
    row = (await tx.execute(query)).one_or_none()
    return Playlist(**row._mapping) if row is not None else None  # noqa: SLF001 -- SQLAlchemy's public name


async def _save(studio: Studio, row: Playlist) -> None:
    values = {k: v for k, v in asdict(row).items() if k in {"playlist_id", "tried_at"}}
    async with studio.installation.database.transaction() as tx:
        await tx.execute(playlists.update().where(playlists.c.id == row.id).values(**values))


async def _forget(studio: Studio, track: str) -> None:
    row = await _intended(studio, track)
    await _save(studio, replace(row, playlist_id=None, tried_at=None))
