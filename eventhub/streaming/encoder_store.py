"""Encoder streams: SQL in, model out."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .model import Encoder
from .tables import encoder_streams


async def list_encoders(tx: AsyncConnection, event_id: int) -> list[Encoder]:
    """Return the encoders of an event by name."""
    query = sa.select(encoder_streams).where(encoder_streams.c.event_id == event_id)
    rows = await tx.execute(query.order_by(encoder_streams.c.encoder))
    return [_as_encoder(row) for row in rows]


async def find_encoder(tx: AsyncConnection, event_id: int, encoder: str) -> Encoder | None:
    """Return the encoder stream of a room, track or event."""
    table = encoder_streams.c
    query = sa.select(encoder_streams).where(table.event_id == event_id, table.encoder == encoder)
    row = (await tx.execute(query)).one_or_none()
    return _as_encoder(row) if row is not None else None


async def find_stream(tx: AsyncConnection, event_id: int, stream_id: str) -> Encoder | None:
    """Return the encoder whose stream on YouTube this is."""
    table = encoder_streams.c
    query = sa.select(encoder_streams).where(
        table.event_id == event_id, table.stream_id == stream_id
    )
    row = (await tx.execute(query)).first()
    return _as_encoder(row) if row is not None else None


def _as_encoder(row: sa.Row[Any]) -> Encoder:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns
    return Encoder(**values | {"issues": tuple(row.issues)})


async def insert_encoder(tx: AsyncConnection, event_id: int, encoder: str, marker: str) -> Encoder:
    """Record that an encoder is to have a stream."""
    await tx.execute(
        encoder_streams.insert().values(
            event_id=event_id, encoder=encoder, marker=marker, address=""
        )
    )
    found = await find_encoder(tx, event_id, encoder)
    assert found is not None
    return found


async def save_encoder(tx: AsyncConnection, encoder: Encoder) -> None:
    own = {"id", "event_id", "encoder", "wished_channel_id"}
    values = {k: v for k, v in asdict(encoder).items() if k not in own}
    await tx.execute(
        encoder_streams.update().where(encoder_streams.c.id == encoder.id).values(**values)
    )
