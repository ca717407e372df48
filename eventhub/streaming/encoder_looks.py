"""What is seen of encoders on YouTube, and since when they are silent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.web.access import Right

from .connection import Studio
from .remote import RemoteStream
from .tables import encoder_streams

_ACTIVE = "active"


async def look(studio: Studio, stream_ids: Sequence[str]) -> None:
    """Ask for streams and keep what was seen."""
    found = await studio.steadily(studio.channel.find_streams, stream_ids)
    async with studio.installation.database.transaction() as tx:
        await keep(tx, found.values(), studio.installation.clock.now())


async def keep(tx: AsyncConnection, streams: Iterable[RemoteStream], at: datetime) -> None:
    """Keep signal and health of encoders with the moment, and tell open control rooms what changed."""
    table = encoder_streams.c
    for stream in streams:
        query = sa.select(encoder_streams).where(table.stream_id == stream.id)
        for row in await tx.execute(query):
            seen = {
                "status": stream.status,
                "health": stream.health,
                "issues": list(stream.issues),
                "seen_at": at,
                "silent_since": _silent_since(row, stream, at),
            }
            await tx.execute(encoder_streams.update().where(table.id == row.id).values(**seen))
            if (row.status, row.health) != (stream.status, stream.health):
                told = {"encoder": row.encoder, "status": stream.status, "health": stream.health}
                await news.tell(
                    tx, "broadcast", told, event_id=row.event_id, at=at,
                    right=Right.BROADCASTS_READ.value,
                )  # fmt: skip


def _silent_since(
    row: sa.Row[tuple[object, ...]], stream: RemoteStream, at: datetime
) -> datetime | None:
    """Return when it stopped sending, as far as was seen; one that never sent is not silent."""
    if stream.status == _ACTIVE:
        return None
    return at if row.status == _ACTIVE else row.silent_since
