"""An insert that never makes two, and what is recorded of it.

An insert has no idempotency key, so its intent and marker are stored before the call; after a doubtful end the
channel is looked at first, and whatever carries the marker is adopted.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event

from . import marker, rules, store
from .connection import Studio
from .model import Broadcast, Provider, State, Wanted
from .problems import PROBLEMS
from .remote import Draft, RemoteBroadcast
from .sources import watch_url
from .trouble import Retry, YouTubeTrouble

_LOOKS_S = (1, 2, 4, 8)


async def record(tx: AsyncConnection, event: Event, wanted: Wanted) -> Broadcast:
    """Note that a session is to have a broadcast, and the marker it will carry."""
    return await store.insert_broadcast(
        tx,
        event.id,
        wanted.session_id,
        provider=Provider.YOUTUBE,
        marker=marker.new_marker(event.slug, wanted.code),
    )


async def intend(studio: Studio, wanted: Wanted, row: Broadcast | None, at: datetime) -> Broadcast:
    """Store the intent and the marker before the call whose answer may be lost."""
    async with studio.installation.database.transaction() as tx:
        row = row or await record(tx, studio.event, wanted)
        intent = replace(
            row,
            state=State.WANTED,
            youtube_id=None,
            stream_id=None,
            watch_url=None,
            channel_id=studio.connected.id,
            thumbnail="",
            playlist_id=None,
            extras_problem=None,
            extras_after=None,
            tried_at=at,
            held=False,
        )
        await store.save_broadcast(tx, intent, at)
    return intent


async def insert(studio: Studio, row: Broadcast, draft: Draft) -> RemoteBroadcast:
    """Insert; after a doubtful end look, and only when nothing is there insert once more."""
    found = await _insert_or_find(studio, row, draft)
    if found is None:
        found = await _insert_or_find(studio, row, draft)
    if found is None:
        raise YouTubeTrouble(PROBLEMS["noAnswer"])
    return found


async def _insert_or_find(studio: Studio, row: Broadcast, draft: Draft) -> RemoteBroadcast | None:
    try:
        return await studio.once(studio.channel.insert_broadcast, draft)
    except YouTubeTrouble as trouble:
        if trouble.problem.retry is not Retry.LOOK:
            # A plain refusal: nothing was made, so the next run need not doubt.
            async with studio.installation.database.transaction() as tx:
                plain = replace(row, tried_at=None)
                await store.save_broadcast(tx, plain, studio.installation.clock.now())
            raise
    return await look_for(studio, row)


async def look_for(studio: Studio, row: Broadcast) -> RemoteBroadcast | None:
    """Look for what a doubtful insert may have made, with some patience."""
    for seconds in _LOOKS_S:
        await studio.pause(seconds)
        found = rules.mine(row, await studio.steadily(studio.channel.list_broadcasts))
        if found:
            return found[0]
    return None


async def adopt(studio: Studio, row: Broadcast, remote: RemoteBroadcast, draft: Draft) -> Broadcast:
    """Record that a broadcast on YouTube is the session's."""
    adopted = replace(
        row,
        youtube_id=remote.id,
        stream_id=remote.stream_id,
        watch_url=watch_url(remote.id),
        state=rules.state_of(remote.life_cycle),
        channel_id=studio.connected.id,
        privacy=draft.privacy,
        title=remote.title,
        description=draft.description,
        scheduled_start=remote.scheduled_start or draft.starts_at,
        tried_at=None,
        problem_code="revoked" if remote.life_cycle == "revoked" else None,
    )
    if adopted != row:
        async with studio.installation.database.transaction() as tx:
            await store.save_broadcast(tx, adopted, studio.installation.clock.now())
    return adopted
