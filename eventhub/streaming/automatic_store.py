"""What is chosen of automatic starts and ends and how far each has come: SQL in, decisions' values out."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.events.model import Event
from eventhub.sessions import actions as programme
from eventhub.sessions.encoders import encoder_of
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import released_sessions, releases, sessions
from eventhub.web.access import Right

from . import encoder_store, settings_store, store
from .automatic import Choice, Signal, Standing, Subject
from .model import Broadcast, Encoder, Provider, State, StreamingSettings
from .tables import automatic_broadcasts, streaming_settings

_TABLE = automatic_broadcasts.c
_ON_AIR = frozenset({State.TESTING, State.LIVE})


async def list_events(tx: AsyncConnection, begin: datetime, end: datetime) -> list[int]:
    """Return the events of which anything starts or ends by itself, and that have sessions in a span of time."""
    how = streaming_settings.c
    of_events = sa.select(how.event_id).where(sa.or_(how.starts_itself, how.ends_itself))
    of_sessions = sa.select(_TABLE.event_id).where(sa.or_(_TABLE.starts, _TABLE.ends))
    near = (
        sa.select(releases.c.event_id)
        .join(released_sessions, released_sessions.c.release_id == releases.c.id)
        .where(released_sessions.c.ends_at > begin, released_sessions.c.starts_at < end)
    )
    chosen = of_events.union(of_sessions).subquery()
    query = sa.select(chosen.c.event_id).where(chosen.c.event_id.in_(near))
    return sorted((await tx.execute(query)).scalars())


async def list_subjects(
    tx: AsyncConnection,
    event: Event,
    at: datetime,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> list[Subject]:
    """Return the released streamed sessions that touch a span of time, by their starts."""
    release = await programme.latest_release(tx, event.id)
    if release is None:
        return []
    released = await _released(tx, release.id, begin, end)
    how = await settings_store.find_settings(tx, event.id)
    rows = {row.session_id: row for row in await store.list_broadcasts(tx, event.id)}
    streams = {each.stream_id: each for each in await encoder_store.list_encoders(tx, event.id)}
    standings = await _standings(tx, event.id)
    found = [
        _subject(each, rows.get(each.session_id), how, streams, standings.get(each.session_id))
        for each in released
    ]
    return _with_neighbours(found, released, rows, at)


async def _released(
    tx: AsyncConnection, release_id: int, begin: datetime | None, end: datetime | None
) -> list[Any]:
    table = released_sessions.c
    query = (
        sa.select(table.session_id, sessions.c.code, table.starts_at, table.ends_at, table.snapshot)
        .join(sessions, sessions.c.id == table.session_id)
        .where(table.release_id == release_id, table.state != SessionState.CANCELLED)
        .order_by(table.starts_at, table.session_id)
    )
    if begin is not None:
        query = query.where(table.ends_at > begin)
    if end is not None:
        query = query.where(table.starts_at < end)
    return [row for row in await tx.execute(query) if row.snapshot["stream"]]


async def _standings(tx: AsyncConnection, event_id: int) -> dict[int, Standing]:
    rows = await tx.execute(sa.select(automatic_broadcasts).where(_TABLE.event_id == event_id))
    return {row.session_id: _standing(row) for row in rows}


def _standing(row: sa.Row[Any]) -> Standing:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row's columns
    return Standing(**{name: values[name] for name in Standing.__dataclass_fields__})


def _subject(
    row: sa.Row[Any],
    broadcast: Broadcast | None,
    how: StreamingSettings,
    streams: dict[str | None, Encoder],
    standing: Standing | None,
) -> Subject:
    standing = standing or Standing()
    encoder = streams.get(broadcast.stream_id) if broadcast and broadcast.stream_id else None
    is_link = broadcast is not None and broadcast.provider is Provider.LINK
    return Subject(
        session_id=row.session_id,
        session=row.code,
        title=row.snapshot["title"],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=broadcast.state if broadcast and (is_link or broadcast.youtube_id) else None,
        is_link=is_link,
        choice=choice_of(how, standing),
        standing=standing,
        signal=signal_of(encoder),
        stream_id=broadcast.stream_id if broadcast else None,
        channel_id=broadcast.channel_id if broadcast else None,
    )


def choice_of(how: StreamingSettings, standing: Standing) -> Choice:
    """Return a session's own choice, else the event's."""
    return Choice(
        starts=how.starts_itself if standing.starts is None else standing.starts,
        ends=how.ends_itself if standing.ends is None else standing.ends,
        end_after=timedelta(minutes=how.end_after_minutes),
        silent_for=timedelta(minutes=how.silent_minutes),
    )


def signal_of(encoder: Encoder | None) -> Signal:
    """Return what was last seen of an encoder."""
    if encoder is None:
        return Signal()
    return Signal(encoder.status == "active", encoder.seen_at, encoder.silent_since)


def _with_neighbours(
    subjects: list[Subject],
    released: Iterable[Any],
    rows: dict[int, Broadcast],
    at: datetime,
) -> list[Subject]:
    """Say of each who else has its encoder now: who is on air with it, is just being started, or whose time it is."""
    encoders = {row.session_id: _encoder(row) for row in released}
    titles = {each.session_id: each.title for each in subjects}
    on_air = [row for row in rows.values() if row.state in _ON_AIR and row.stream_id]
    found = []
    for each in subjects:
        others = [
            titles.get(row.session_id, row.title)
            for row in on_air
            if row.session_id != each.session_id and row.stream_id == each.stream_id
        ]
        others += [
            other.title
            for other in subjects
            if other.session_id != each.session_id
            and encoders[other.session_id] == encoders[each.session_id]
            and _has_turn(other, each, at)
        ]
        found.append(replace(each, taken_by=others[0] if others else ""))
    return found


def _has_turn(other: Subject, each: Subject, at: datetime) -> bool:
    if other.is_link or other.state is State.COMPLETE:
        return False
    claimed = other.standing.claimed_until
    is_starting = claimed is not None and claimed > at
    return is_starting or (at < each.starts_at and other.starts_at <= at < other.ends_at)


def _encoder(row: sa.Row[Any]) -> str:
    room = row.snapshot["room_code"]
    return encoder_of(room=room, room_name="", track=row.snapshot["track"], event="").code


async def find_subject(
    tx: AsyncConnection, event: Event, session: str, at: datetime
) -> Subject | None:
    """Return one released streamed session."""
    found = await list_subjects(tx, event, at)
    return next((each for each in found if each.session == session), None)


async def find_standing(tx: AsyncConnection, session_id: int) -> Standing:
    """Return how far a session has come."""
    query = sa.select(automatic_broadcasts).where(_TABLE.session_id == session_id)
    row = (await tx.execute(query)).one_or_none()
    return _standing(row) if row is not None else Standing()


async def change(tx: AsyncConnection, event_id: int, session_id: int, **changes: Any) -> None:
    """Write some of a session's values, making its row where there is none."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    first = asdict(Standing()) | changes
    await tx.execute(
        insert(automatic_broadcasts)
        .values(session_id=session_id, event_id=event_id, **first)
        .on_conflict_do_update(index_elements=["session_id"], set_=changes)
    )


async def tell(tx: AsyncConnection, event_id: int, session: str, does: str, at: datetime) -> None:
    """Tell open control rooms what comes next for a session."""
    told = {"session": session, "automatic": does}
    right = Right.BROADCASTS_READ.value
    await news.tell(tx, "broadcast", told, event_id=event_id, at=at, right=right)
