"""Further sources of a session: for when the main one fails, and in other languages."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Invalid, NotFound
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from .model import Shown, Source, SourceKind, SourceUse
from .tables import session_sources

MOST = 12

_TABLE = session_sources.c


async def list_sources(tx: AsyncConnection, session_id: int) -> list[Source]:
    """Return a session's further sources: backups first, in the order they were given, then languages."""
    query = sa.select(
        _TABLE.id, _TABLE.session_id, _TABLE.use, _TABLE.language, _TABLE.kind, _TABLE.url
    ).where(_TABLE.session_id == session_id)
    rows = await tx.execute(query.order_by(_TABLE.use, _TABLE.language, _TABLE.id))
    return [
        Source(r.id, r.session_id, SourceUse(r.use), r.language, SourceKind(r.kind), r.url)
        for r in rows
    ]


async def add_source(
    tx: AsyncConnection,
    event: Event,
    shown: Shown,
    *,
    use: SourceUse,
    language: str,
    kind: SourceKind,
    url: str,
    who: Principal | str,
    at: datetime,
) -> None:
    """Add a source; one in a language takes the place of the one that was there in it."""
    await lock_event(tx, event.id)
    if use is SourceUse.LANGUAGE and not language:
        raise Invalid.field("language", say("Say in which language this source is."))
    if use is SourceUse.LANGUAGE:
        await tx.execute(
            session_sources.delete().where(
                _TABLE.session_id == shown.session_id,
                _TABLE.use == use,
                _TABLE.language == language,
            )
        )
    if len(await list_sources(tx, shown.session_id)) >= MOST:
        raise Invalid.field("url", say("A session takes at most {n} further sources.", n=MOST))
    values = {"use": use, "language": language, "kind": kind, "url": url}
    await tx.execute(
        session_sources.insert().values(event_id=event.id, session_id=shown.session_id, **values)
    )
    await _changed(tx, event, shown, "source.added", url, who=who, at=at)


async def remove_source(
    tx: AsyncConnection,
    event: Event,
    shown: Shown,
    source_id: int,
    *,
    who: Principal | str,
    at: datetime,
) -> None:
    """Take a source out."""
    gone = await tx.execute(
        session_sources.delete()
        .where(_TABLE.id == source_id, _TABLE.session_id == shown.session_id)
        .returning(_TABLE.url)
    )
    url = gone.scalar_one_or_none()
    if url is None:
        raise NotFound(say("There is no such source any more."))
    await _changed(tx, event, shown, "source.removed", url, who=who, at=at)


async def _changed(
    tx: AsyncConnection,
    event: Event,
    shown: Shown,
    action: str,
    url: str,
    *,
    who: Principal | str,
    at: datetime,
) -> None:
    await audit.record(
        tx, who, action, shown.session, event_id=event.id, at=at, detail={"link": url}
    )
    told = {"session": shown.session, "sources": "changed"}
    await news.tell(tx, "broadcast", told, event_id=event.id, at=at, session_id=shown.session_id)
