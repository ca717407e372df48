"""Writes the broadcasts of the sample event, by pasted links, and who was in its meetings and at its streams."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.streaming.model import Provider, State
from eventhub.streaming.tables import broadcasts, viewings

from .happenings import Presence, Span, presences
from .plan import SLUG, Planned
from .plenaries import programme
from .seed import Ids, Row, insert


async def tell_broadcasts(tx: AsyncConnection, event: Event, ids: Ids, span: Span) -> None:
    """Let broadcasts begin that somebody has not set up otherwise, and end those that began here."""
    streamed = [each for each in programme() if each.stream and each.code in ids]
    known = await tx.execute(
        sa.select(broadcasts.c.session_id).where(broadcasts.c.event_id == event.id)
    )
    set_up = set(known.scalars())
    begun = (each for each in streamed if each.starts_at in span and ids[each.code] not in set_up)
    await insert(tx, broadcasts, (_broadcast(event.id, each, ids[each.code]) for each in begun))
    ended = [_marker(each) for each in streamed if each.ends_at in span]
    await tx.execute(
        broadcasts.update()
        .where(
            broadcasts.c.event_id == event.id,
            broadcasts.c.marker.in_(ended),
            broadcasts.c.state == State.LIVE,
        )
        .values(state=State.COMPLETE)
    )


def _broadcast(event_id: int, session: Planned, session_id: int) -> Row:
    return {
        "event_id": event_id,
        "session_id": session_id,
        "provider": Provider.LINK,
        "state": State.LIVE,
        "marker": _marker(session),
        "title": "",
        "description": "",
        "watch_url": f"https://stream.example.org/{session.code}",
        "scheduled_start": session.starts_at,
        "held": False,
        "peak": 0,
        "version": 1,
    }


def _marker(session: Planned) -> str:
    return f"[eventhub:{SLUG}/{session.code}/demo]"


async def tell_viewings(
    tx: AsyncConnection, event: Event, ids: Ids, people: Ids, span: Span
) -> None:
    """Write the stays that began, and the later beats of those that were going on."""
    stays = [each for each in presences(span) if each.session in ids and each.email in people]
    begun = (each for each in stays if each.started_at in span)
    await insert(tx, viewings, (_viewing(event.id, each, ids, people) for each in begun))
    going_on = [each for each in stays if each.started_at not in span]
    if going_on:
        await tx.execute(_LATER, list(_beats(going_on, ids, people)))


def _viewing(event_id: int, stay: Presence, ids: Ids, people: Ids) -> Row:
    return {
        "event_id": event_id,
        "session_id": ids[stay.session],
        "participant_id": people[stay.email],
        "kind": stay.attendance,
        "started_at": stay.started_at,
        "last_beat_at": stay.last_beat_at,
    }


_LATER = (
    viewings.update()
    .where(
        viewings.c.session_id == sa.bindparam("of_session"),
        viewings.c.participant_id == sa.bindparam("of_participant"),
        viewings.c.started_at == sa.bindparam("began_at"),
    )
    .values(last_beat_at=sa.bindparam("beat_at"))
)


def _beats(stays: list[Presence], ids: Ids, people: Ids) -> Iterator[Row]:
    for stay in stays:
        yield {
            "of_session": ids[stay.session],
            "of_participant": people[stay.email],
            "began_at": stay.started_at,
            "beat_at": stay.last_beat_at,
        }
