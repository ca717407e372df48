"""What the control room reads of a day: released sessions with a way in from afar, and who is in their meetings."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Released, SessionState
from eventhub.sessions.tables import released_sessions

from . import channels, rules
from .model import Broadcast, Connected, State, ViewingKind
from .tables import viewings, youtube_channels

_ON = frozenset({State.TESTING, State.LIVE})


def is_shown(released: Released) -> bool:
    """Whether a session has anything to operate: a stream or a meeting."""
    is_held = released.state is not SessionState.CANCELLED
    return is_held and (released.stream or bool(released.meeting_url))


async def list_starts(tx: AsyncConnection, release_id: int) -> list[datetime]:
    """Return when a release's sessions start that stream or meet, earliest first."""
    table = released_sessions.c
    query = sa.select(table.starts_at).where(
        table.release_id == release_id,
        table.state != SessionState.CANCELLED,
        sa.or_(
            table.snapshot["stream"].as_boolean(), table.snapshot["meeting_url"].as_string() != ""
        ),
    )
    return list((await tx.execute(query.distinct().order_by(table.starts_at))).scalars())


async def list_left_on(
    tx: AsyncConnection,
    release_id: int,
    broadcasts: list[Broadcast],
    known: list[Released],
) -> list[Released]:
    """Return the sessions of other days that are still on air."""
    codes = {each.code for each in known}
    found = [
        await programme.find_released(tx, release_id, row.session)
        for row in broadcasts
        if row.state in _ON and row.session not in codes
    ]
    return [each for each in found if each is not None and rules.is_streamed(each)]


async def count_joined(tx: AsyncConnection, event_id: int) -> dict[int, int]:
    """Return how many participants have joined each meeting, by session id."""
    query = (
        sa.select(viewings.c.session_id, sa.func.count(viewings.c.participant_id.distinct()))
        .where(viewings.c.event_id == event_id, viewings.c.kind == ViewingKind.MEETING)
        .group_by(viewings.c.session_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def list_troubled(tx: AsyncConnection, event: Event, *, of_settings: bool) -> list[Connected]:
    """Return the event's channels that cannot be called; the one of the settings too where it is in use."""
    table = youtube_channels.c
    query = sa.select(table.id).where(
        table.disconnected_at.is_(None),
        table.problem_code.is_not(None),
        sa.or_(
            table.event_id == event.id,
            table.event_id.is_(None) if of_settings else sa.false(),
        ),
    )
    found = [await channels.find(tx, id_) for id_ in (await tx.execute(query)).scalars().all()]
    return [each for each in found if each is not None]
