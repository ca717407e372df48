"""How an event's broadcasts are made: SQL in, model out."""

from dataclasses import asdict, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .model import StreamingSettings
from .tables import streaming_settings


async def find_settings(tx: AsyncConnection, event_id: int) -> StreamingSettings:
    """Return how an event's broadcasts are made."""
    query = sa.select(streaming_settings).where(streaming_settings.c.event_id == event_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return StreamingSettings()
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns
    del values["event_id"]
    return StreamingSettings(**values)


async def save_settings(tx: AsyncConnection, event_id: int, settings: StreamingSettings) -> None:
    same = streaming_settings.c.event_id == event_id
    changed = await tx.execute(streaming_settings.update().where(same).values(**asdict(settings)))
    if not changed.rowcount:
        values = {"event_id": event_id, **asdict(settings)}
        await tx.execute(streaming_settings.insert().values(**values))


async def save_automatic(
    tx: AsyncConnection,
    event_id: int,
    *,
    starts_itself: bool,
    ends_itself: bool,
    end_after_minutes: int,
    silent_minutes: int,
) -> None:
    """Keep what an event's broadcasts do by themselves."""
    how = replace(
        await find_settings(tx, event_id),
        starts_itself=starts_itself,
        ends_itself=ends_itself,
        end_after_minutes=end_after_minutes,
        silent_minutes=silent_minutes,
    )
    await save_settings(tx, event_id, how)
