"""Tells open control rooms and charts each minute how many participants are where, as beats alone tell nobody."""

import sqlalchemy as sa

from eventhub import news
from eventhub.installation import Installation
from eventhub.sessions.tables import sessions
from eventhub.web.access import Right

from .shown_store import HEARD_LATELY
from .tables import viewings


async def tell(installation: Installation) -> None:
    """Tell the participants heard of lately, session by session."""
    at = installation.clock.now()
    query = (
        sa.select(
            viewings.c.event_id,
            sessions.c.code,
            sa.func.count(viewings.c.participant_id.distinct()),
        )
        .join(sessions, sessions.c.id == viewings.c.session_id)
        .where(viewings.c.last_beat_at > at - HEARD_LATELY, viewings.c.last_beat_at <= at)
        .group_by(viewings.c.event_id, sessions.c.code)
    )
    async with installation.database.reading() as tx:
        there = [tuple(row) for row in await tx.execute(query)]
    if not there:
        return
    async with installation.database.transaction() as tx:
        for event_id, session, present in there:
            told = {"session": session, "present": present}
            right = Right.BROADCASTS_READ.value
            await news.tell(tx, "broadcast", told, event_id=event_id, at=at, right=right)
