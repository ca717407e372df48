"""Encoder streams: one reusable stream per room, track or event, made once and found again by its marker."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.signing import Sealer
from eventhub.web.access import Principal

from . import encoder_store
from .connection import Studio
from .marker import new_marker, title_of
from .model import Encoder, Shown
from .remote import RemoteStream
from .trouble import Retry, YouTubeTrouble

_LOOKS_S = (1, 2, 4, 8)


async def stream_for(studio: Studio, encoder: str, name: str) -> Encoder:
    """Return the encoder with its stream, which is made on YouTube when there is none yet."""
    row = await _intended(studio, encoder)
    elsewhere = row.channel_id not in {None, studio.connected.id}
    if row.stream_id is not None and not elsewhere:
        return row
    found = await _find(studio, row) if row.tried_at is not None else None
    at = studio.installation.clock.now()
    async with studio.installation.database.transaction() as tx:
        await encoder_store.save_encoder(tx, replace(row, tried_at=at))
    stream = found or await _insert(studio, row, title_of(name))
    sealer = _sealer(studio.installation.settings.secret)
    made = replace(
        row,
        stream_id=stream.id,
        address=stream.address,
        sealed_key=sealer.seal(stream.key.encode()),
        tried_at=None,
        channel_id=studio.connected.id,
        status=stream.status,
        health=stream.health,
        issues=stream.issues,
    )
    async with studio.installation.database.transaction() as tx:
        await encoder_store.save_encoder(tx, made)
    return made


async def reveal_key(
    tx: AsyncConnection, shown: Shown, *, secret: str, who: Principal | str, at: datetime
) -> tuple[str, str] | None:
    """Return address and stream key for a broadcast's encoder; each look is audited. None: there is no stream."""
    row = shown.broadcast
    if row is None or row.stream_id is None:
        return None
    encoder = await encoder_store.find_stream(tx, row.event_id, row.stream_id)
    if encoder is None or encoder.sealed_key is None:
        return None
    await audit.record(tx, who, "broadcast.key_shown", shown.session, event_id=row.event_id, at=at)
    return encoder.address, _sealer(secret).unseal(encoder.sealed_key).decode()


def _sealer(secret: str) -> Sealer:
    return Sealer(secret, "encoder")


async def _intended(studio: Studio, encoder: str) -> Encoder:
    async with studio.installation.database.transaction() as tx:
        row = await encoder_store.find_encoder(tx, studio.event.id, encoder)
        # Names of tracks may hold anything; the marker holds a plain sign for them.
        sign = sha256(encoder.encode()).hexdigest()[:8]
        return row or await encoder_store.insert_encoder(
            tx, studio.event.id, encoder, new_marker(studio.event.slug, f"stream-{sign}")
        )


async def _insert(studio: Studio, row: Encoder, title: str) -> RemoteStream:
    try:
        return await studio.once(studio.channel.insert_stream, title, row.marker)
    except YouTubeTrouble as trouble:
        if trouble.problem.retry is not Retry.LOOK:
            raise
    for seconds in _LOOKS_S:
        await studio.pause(seconds)
        found = await _find(studio, row)
        if found is not None:
            return found
    return await studio.once(studio.channel.insert_stream, title, row.marker)


async def _find(studio: Studio, row: Encoder) -> RemoteStream | None:
    streams = await studio.steadily(studio.channel.list_streams)
    return next((each for each in streams if row.marker in each.description), None)
