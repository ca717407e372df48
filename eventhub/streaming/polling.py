"""Looks at what is on or soon will be, each minute in as few calls as YouTube allows: one per kind and 50 ids.

States of broadcasts and health of encoders from half an hour before the start, viewers while live. Where units are
short it looks seldom, and then not at all: what was last seen stays, with its time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.web.access import Right

from . import channels, encoder_looks, ledger, quota, rules, store
from .connection import Pause, Studio, enter
from .model import Broadcast, State
from .quota import Mode, Purpose
from .tables import broadcasts, youtube_viewers
from .trouble import YouTubeTrouble

log = structlog.get_logger()

# A session that starts in just so long is looked at already.
_A_MOMENT = timedelta(seconds=1)
_BEGUN = frozenset({State.TESTING, State.LIVE})


async def look_on(installation: Installation, pause: Pause = asyncio.sleep) -> None:
    """Record states, viewers and health of what is on or soon will be, channel by channel."""
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        near = await store.list_near(tx, at - rules.STAYS_OPEN, at + quota.LOOK_BEFORE + _A_MOMENT)
        # Who overran is still looked at; what never began is not.
        rows = [row for row, ends_at in near if ends_at > at or row.state in _BEGUN]
        day = ledger.pacific_day(at)
        mode = quota.mode_of(await ledger.units_on(tx, ledger.project_of(installation), day))
    if not rows or not _is_due(mode, rows, at):
        return
    by_channel: dict[int | None, list[Broadcast]] = defaultdict(list)
    for row in rows:
        by_channel[row.channel_id].append(row)
    for channel_id, theirs in by_channel.items():
        studio = await _studio(installation, channel_id, theirs[0].event_id, pause)
        if studio is None:
            continue
        try:
            await _look(studio, theirs, at)
        except YouTubeTrouble as trouble:
            log.warning("broadcasts not seen", channel=channel_id, problem=trouble.problem.code)


def _is_due(mode: Mode, rows: Iterable[Broadcast], at: datetime) -> bool:
    if mode in {Mode.RESERVED, Mode.EXHAUSTED}:
        return False
    last = max((row.seen_at for row in rows if row.seen_at), default=None)
    return mode is Mode.NORMAL or last is None or at - last >= quota.LOOK_SELDOM


async def _studio(
    installation: Installation, channel_id: int | None, event_id: int, pause: Pause
) -> Studio | None:
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, event_id)
        homes = await channels.homes(tx, installation, event.id, installation.clock.now())
    connected = homes.known.get(channel_id) if channel_id else homes.default
    if connected is None or connected.problem_code is not None:
        return None
    return (await enter(installation, event, connected, pause)).charged_to(Purpose.LOOKS)


async def _look(studio: Studio, rows: list[Broadcast], at: datetime) -> None:
    ids = [row.youtube_id for row in rows if row.youtube_id]
    remote = await studio.steadily(studio.channel.find_broadcasts, ids)
    stream_ids = sorted({each.stream_id for each in remote.values() if each.stream_id})
    streams = await studio.steadily(studio.channel.find_streams, stream_ids) if stream_ids else {}
    live = [each.id for each in remote.values() if each.life_cycle == "live"]
    viewers = await studio.steadily(studio.channel.find_viewers, live) if live else {}
    async with studio.installation.database.transaction() as tx:
        known = await store.hold_broadcasts(tx, [row.id for row in rows])
        for row in rows:
            if row.id not in known or known[row.id].version != row.version:
                continue  # Done or written meanwhile, which is newer than what was read; the next round looks again.
            found = remote.get(row.youtube_id or "")
            if found is None:
                await _lose(tx, row, at)
                continue
            seen = rules.seen(row, found, at)
            if (seen.state, seen.stream_id, seen.problem_code) != (
                row.state,
                row.stream_id,
                row.problem_code,
            ):
                await store.save_broadcast(tx, seen, at)
            await _note_viewers(tx, row, at, viewers.get(found.id))
        await encoder_looks.keep(tx, streams.values(), at)


async def _lose(tx: AsyncConnection, row: Broadcast, at: datetime) -> None:
    """Tell that a broadcast was deleted elsewhere; an operator makes it again, or the next run does."""
    lost = replace(row, problem_code="liveBroadcastNotFound", seen_at=at)
    if lost.problem_code != row.problem_code:
        await store.save_broadcast(tx, lost, at)


async def _note_viewers(
    tx: AsyncConnection, row: Broadcast, at: datetime, viewers: int | None
) -> None:
    """Keep YouTube's viewers with their time; not told is not nought."""
    values: dict[str, object] = {"seen_at": at}
    if viewers is not None:
        values |= {"concurrent": viewers, "concurrent_at": at}
        minute = at.replace(second=0, microsecond=0)
        same = sa.and_(
            youtube_viewers.c.session_id == row.session_id, youtube_viewers.c.at == minute
        )
        await tx.execute(youtube_viewers.delete().where(same))
        sample = {"session_id": row.session_id, "at": minute, "viewers": viewers}
        await tx.execute(youtube_viewers.insert().values(**sample))
        await news.tell(
            tx, "broadcast", {"session": row.session, "youtube_viewers": viewers},
            event_id=row.event_id, at=at, right=Right.BROADCASTS_READ.value,
        )  # fmt: skip
    await tx.execute(broadcasts.update().where(broadcasts.c.id == row.id).values(**values))
