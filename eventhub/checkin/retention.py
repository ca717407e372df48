"""Health data end: a round deletes them once the days that the event's protocol names have gone by."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.accounts.tables import audit_log
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.events.tables import events as events_table
from eventhub.installation import Installation
from eventhub.wording import say

from . import answers
from .model import HEALTH
from .tables import declarations, dismissals, health_readings, passages, proofs

PAUSE_S = 3600.0

_REASONS = sorted(HEALTH)
_FORGOTTEN = answers.pack(say("Why is not kept any more."), None, None, ())


async def forget_health(installation: Installation) -> None:
    """Delete the health data of every event that are older than its protocol keeps them."""
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        ids = list((await tx.execute(sa.select(events_table.c.id))).scalars())
    for event_id in ids:
        async with installation.database.transaction() as tx:
            await forget(tx, await events.get_event_by_id(tx, event_id), at)


async def forget(tx: AsyncConnection, event: Event, at: datetime) -> None:
    """Delete what is older than the event's days of retention, counted from when it was written.

    A proof of vaccination serves the whole event, so its days are counted from the event's last one.
    A passage stays, for attendance; that and why it was refused for health does not.
    """
    until = at - timedelta(days=event.protocol.retention_days)
    written = {
        health_readings: health_readings.c.taken_at,
        declarations: declarations.c.declared_at,
        dismissals: dismissals.c.dismissed_at,
    }
    for table, moment in written.items():
        await tx.execute(table.delete().where(table.c.event_id == event.id, moment < until))
    is_over = event.day_bounds(event.days[-1])[1] < until
    ended = sa.true() if is_over else proofs.c.kind != "vaccine"
    mine = proofs.c.event_id == event.id
    await tx.execute(proofs.delete().where(mine, proofs.c.seen_at < until, ended))
    await _forget_refusals(tx, event, until)
    await _forget_audited(tx, event, until)


async def _forget_refusals(tx: AsyncConnection, event: Event, until: datetime) -> None:
    old = passages.c.event_id == event.id, passages.c.arrived_at < until
    told = sa.or_(
        passages.c.reason.in_(_REASONS),
        passages.c.objection.in_(_REASONS),
        passages.c.health.in_(_REASONS),
    )
    await tx.execute(
        passages.update()
        .where(*old, told)
        .values(reason=None, objection=None, health=None, force_reason=None, answer=_FORGOTTEN)
    )


async def _forget_audited(tx: AsyncConnection, event: Event, until: datetime) -> None:
    where = audit_log.c.event_id == event.id, audit_log.c.at < until
    told = audit_log.c.action.in_(("passage.forced", "referrals.read"))
    rows = await tx.execute(sa.select(audit_log.c.id, audit_log.c.detail).where(*where, told))
    for row in list(rows):
        if audit.HEALTH in (row.detail or {}):
            kept = {name: value for name, value in row.detail.items() if name != audit.HEALTH}
            query = audit_log.update().where(audit_log.c.id == row.id)
            await tx.execute(query.values(detail=kept))
