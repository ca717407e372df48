"""What the public reads of an event: its last release, as answers made once for everybody."""

from collections.abc import Hashable
from dataclasses import dataclass

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Event, EventState
from eventhub.events.tables import rooms
from eventhub.participants.tables import delegations
from eventhub.web.keys import EVENT, UNCHANGED
from eventhub.wording import say

from . import release_store
from .model import Release


@dataclass(frozen=True, slots=True)
class Edition:
    """What every public answer is made of; where two are equal, so are the answers."""

    event: Event
    release: Release
    lists: tuple[int | None, ...]

    @property
    def key(self) -> Hashable:
        """What tells this edition from every other."""
        return (self.event.id, self.event.version, self.release.id, self.lists)


def published_event(request: web.Request) -> Event:
    """Return the event of the path, or raise NotFound while it is not published."""
    event = request[EVENT]
    if event.state is not EventState.PUBLISHED:
        raise NotFound(say("There is no such event."))
    return event


async def last_release(tx: AsyncConnection, event: Event) -> Release:
    """Return the event's last release, or raise NotFound."""
    release = await release_store.latest_release(tx, event.id)
    if release is None:
        raise NotFound(say("There is no such event."))
    return release


async def edition_of(request: web.Request) -> Edition:
    """Return what the public may read of the event of the path, or raise NotFound."""
    event = published_event(request)

    async def read(tx: AsyncConnection) -> tuple[Release, tuple[int | None, ...]]:
        return await last_release(tx, event), await _lists(tx, event)

    release, lists = await request.app[UNCHANGED].get(("edition", event.id), read)
    return Edition(event, release, lists)


async def _lists(tx: AsyncConnection, event: Event) -> tuple[int | None, ...]:
    """Return by what any change of the event's rooms and delegations shows."""
    parts = [
        sa.select(figure).where(table.c.event_id == event.id).scalar_subquery()
        for table in (rooms, delegations)
        for figure in (sa.func.count(), sa.func.max(table.c.id), sa.func.sum(table.c.version))
    ]
    row = (await tx.execute(sa.select(*parts))).one()
    return tuple(None if figure is None else int(figure) for figure in row)
