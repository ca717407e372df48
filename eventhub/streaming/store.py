"""Broadcasts, encoder streams and units: SQL in, model out."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.events.tables import rooms
from eventhub.outbox import outbox
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions
from eventhub.web.access import Right

from .model import Broadcast, Encoder, Provider, Shown, State, StreamingSettings, Viewers
from .tables import broadcasts, encoder_streams, streaming_settings, viewings

# A viewer is watching who was heard of lately: beats come once a minute, one may go missing.
HEARD_LATELY = timedelta(seconds=150)

_OWN = ("id", "event_id", "session_id", "session", "version")


def _broadcasts() -> sa.Select[Any]:
    return sa.select(broadcasts, sessions.c.code.label("session")).join(
        sessions, sessions.c.id == broadcasts.c.session_id
    )


async def list_broadcasts(tx: AsyncConnection, event_id: int) -> list[Broadcast]:
    """Return what is recorded for an event."""
    rows = await tx.execute(_broadcasts().where(broadcasts.c.event_id == event_id))
    return [_as_broadcast(row) for row in rows]


async def find_broadcast(tx: AsyncConnection, session_id: int) -> Broadcast | None:
    """Return a session's broadcast."""
    row = (
        await tx.execute(_broadcasts().where(broadcasts.c.session_id == session_id))
    ).one_or_none()
    return _as_broadcast(row) if row is not None else None


def _as_broadcast(row: sa.Row[Any]) -> Broadcast:
    return _as_model(dict(row._mapping))  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns


async def list_near(
    tx: AsyncConnection, begin: datetime, end: datetime
) -> list[tuple[Broadcast, datetime]]:
    """Return the broadcasts on YouTube of sessions that touch a span of time and have not ended, with their ends."""
    query = (
        _broadcasts()
        .add_columns(sessions.c.ends_at)
        .where(
            broadcasts.c.provider == Provider.YOUTUBE,
            broadcasts.c.youtube_id.is_not(None),
            broadcasts.c.state != State.COMPLETE,
            between(begin, end),
        )
    )
    found = []
    for row in await tx.execute(query):
        values = {name: getattr(row, name) for name in Broadcast.__dataclass_fields__}
        found.append((_as_model(values), row.ends_at))
    return found


async def list_upcoming_events(tx: AsyncConnection, at: datetime) -> list[int]:
    """Return the events that have streamed sessions still to come."""
    query = sa.select(sessions.c.event_id).where(
        sessions.c.stream, sessions.c.state == SessionState.PUBLISHED, sessions.c.ends_at > at
    )
    return list((await tx.execute(query.distinct())).scalars())


def _as_model(values: dict[str, Any]) -> Broadcast:
    return Broadcast(
        **values | {"provider": Provider(values["provider"]), "state": State(values["state"])}
    )


async def insert_broadcast(
    tx: AsyncConnection, event_id: int, session_id: int, *, provider: Provider, marker: str
) -> Broadcast:
    """Record that a session is to have a broadcast."""
    await tx.execute(
        broadcasts.insert().values(
            event_id=event_id,
            session_id=session_id,
            provider=provider,
            state=State.WANTED,
            marker=marker,
            title="",
            description="",
            held=False,
            peak=0,
            version=1,
        )
    )
    found = await find_broadcast(tx, session_id)
    assert found is not None
    return found


async def save_broadcast(tx: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Write a broadcast, and tell open pages; its version rises. The peak is counted elsewhere and left alone."""
    values = {k: v for k, v in asdict(broadcast).items() if k not in {*_OWN, "peak"}}
    await tx.execute(
        broadcasts.update()
        .where(broadcasts.c.id == broadcast.id)
        .values(**values, version=broadcasts.c.version + 1)
    )
    await _tell(tx, broadcast, at)


async def delete_broadcast(tx: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Forget a broadcast, and tell open pages."""
    await tx.execute(broadcasts.delete().where(broadcasts.c.id == broadcast.id))
    await _tell(tx, replace(broadcast, state=State.WANTED, problem_code=None), at)


async def _tell(tx: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Tell those who operate; the public learns the state of what is published."""
    data = {"session": broadcast.session, "state": broadcast.state.value}
    operating = {**data, "problem": broadcast.problem_code}
    right = Right.BROADCASTS_READ.value
    await news.tell(tx, "broadcast", operating, event_id=broadcast.event_id, at=at, right=right)
    published = sa.select(sessions.c.id).where(
        sessions.c.id == broadcast.session_id, sessions.c.state == SessionState.PUBLISHED
    )
    if (await tx.execute(published)).first() is not None:
        await news.tell(tx, "broadcast", data, event_id=broadcast.event_id, at=at)


async def list_shown(
    tx: AsyncConnection, event_id: int, at: datetime, *where: sa.ColumnElement[bool]
) -> list[Shown]:
    """Return the event's streamed sessions with their broadcasts, earliest first; cancelled ones only with one.

    Those without a time are not among them.
    """
    wanted = sa.and_(sessions.c.stream, sessions.c.state != SessionState.CANCELLED)
    rows = await tx.execute(
        sa.select(
            sessions.c.id.label("of_session"),
            sessions.c.code.label("session"),
            sessions.c.title.label("session_title"),
            sessions.c.starts_at,
            sessions.c.ends_at,
            rooms.c.name.label("room_name"),
            broadcasts,
        )
        .select_from(sessions)
        .outerjoin(broadcasts, broadcasts.c.session_id == sessions.c.id)
        .outerjoin(rooms, rooms.c.id == sessions.c.room_id)
        .where(
            sessions.c.event_id == event_id,
            sessions.c.starts_at.is_not(None),
            sa.or_(wanted, broadcasts.c.id.is_not(None)),
            *where,
        )
        .order_by(sessions.c.starts_at, sessions.c.code)
    )
    watching = await count_watching(tx, event_id, at)
    return [_as_shown(row, watching.get(row.of_session, 0), at) for row in rows]


def _as_shown(row: sa.Row[Any], watching: int, at: datetime) -> Shown:
    broadcast = None
    if row.id is not None:
        fields = Broadcast.__dataclass_fields__
        values = {name: getattr(row, name) for name in fields}
        broadcast = _as_model(values)
    peak = max(watching, broadcast.peak if broadcast else 0)
    return Shown(
        session_id=row.of_session,
        session=row.session,
        title=row.session_title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        room_name=row.room_name or "",
        broadcast=broadcast,
        viewers=Viewers(now=watching, peak=peak, at=at),
    )


async def count_watching(tx: AsyncConnection, event_id: int, at: datetime) -> dict[int, int]:
    """Return how many participants are at each session's stream now, by session id."""
    rows = await tx.execute(
        sa.select(viewings.c.session_id, sa.func.count(viewings.c.participant_id.distinct()))
        .where(
            viewings.c.event_id == event_id,
            viewings.c.kind == "stream",
            viewings.c.last_beat_at > at - HEARD_LATELY,
            viewings.c.last_beat_at <= at,
        )
        .group_by(viewings.c.session_id)
    )
    return {row[0]: row[1] for row in rows}


async def is_awaited(tx: AsyncConnection, event_id: int, topic: str) -> bool:
    """Whether a job of this topic already waits for the event."""
    query = sa.select(outbox.c.id).where(
        outbox.c.event_id == event_id,
        outbox.c.topic == topic,
        outbox.c.done_at.is_(None),
        outbox.c.failed_at.is_(None),
        outbox.c.claimed_until.is_(None),
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def find_settings(tx: AsyncConnection, event_id: int) -> StreamingSettings:
    """Return how an event's broadcasts are made."""
    query = sa.select(streaming_settings).where(streaming_settings.c.event_id == event_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return StreamingSettings()
    return StreamingSettings(row.privacy, row.playlists, row.thumbnails)


async def save_settings(tx: AsyncConnection, event_id: int, settings: StreamingSettings) -> None:
    same = streaming_settings.c.event_id == event_id
    changed = await tx.execute(streaming_settings.update().where(same).values(**asdict(settings)))
    if not changed.rowcount:
        values = {"event_id": event_id, **asdict(settings)}
        await tx.execute(streaming_settings.insert().values(**values))


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
    values = dict(row._mapping)  # noqa: SLF001 -- as above
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


def among(codes: Sequence[str]) -> sa.ColumnElement[bool]:
    """Bound `list_shown` to sessions by code."""
    return sessions.c.code.in_(codes)


def between(begin: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """Bound `list_shown` to sessions that touch a span of time."""
    return sa.and_(sessions.c.starts_at < end, sessions.c.ends_at > begin)
