"""Webhooks and deliveries: SQL in, model out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.news import news

from .model import Delivery, Webhook
from .tables import webhook_deliveries, webhooks

_HOOK = webhooks.c
_SENT = webhook_deliveries.c


async def insert(tx: AsyncConnection, values: dict[str, Any]) -> int:
    """Write a new webhook; return its id."""
    return await insert_row(tx, webhooks, values | {"version": 1})


async def find(tx: AsyncConnection, event_id: int, webhook_id: int) -> Webhook | None:
    """Return one webhook of an event."""
    statement = sa.select(webhooks).where(_HOOK.event_id == event_id, _HOOK.id == webhook_id)
    row = (await tx.execute(statement)).one_or_none()
    return _webhook(row) if row else None


async def list_after(tx: AsyncConnection, event_id: int, after: int, limit: int) -> list[Webhook]:
    """Return an event's webhooks in the order they were made, from above an id on."""
    statement = (
        sa.select(webhooks)
        .where(_HOOK.event_id == event_id, _HOOK.id > after)
        .order_by(_HOOK.id)
        .limit(limit)
    )
    return [_webhook(row) for row in await tx.execute(statement)]


async def delete(tx: AsyncConnection, webhook_id: int) -> None:
    """Delete a webhook with all its deliveries."""
    await tx.execute(webhooks.delete().where(_HOOK.id == webhook_id))


async def has_news(tx: AsyncConnection) -> bool:
    """Whether something happened that a webhook was not considered for yet."""
    return (await tx.execute(_with_news().limit(1))).first() is not None


async def claim_with_news(tx: AsyncConnection) -> list[Webhook]:
    """Return the webhooks that something happened for; nobody else has them until this transaction ends."""
    statement = _with_news().with_for_update(skip_locked=True, of=webhooks)
    return [_webhook(row) for row in await tx.execute(statement)]


def _with_news() -> sa.Select[Any]:
    newer = sa.exists().where(news.c.event_id == _HOOK.event_id, news.c.id > _HOOK.told_to)
    return sa.select(webhooks).where(_HOOK.stopped_at.is_(None), newer).order_by(_HOOK.id)


async def note_told(tx: AsyncConnection, webhook_id: int, news_id: int) -> None:
    """Note up to which news a webhook was considered."""
    await tx.execute(webhooks.update().where(_HOOK.id == webhook_id).values(told_to=news_id))


async def insert_deliveries(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Write deliveries that are due at once."""
    if rows:
        await tx.execute(
            webhook_deliveries.insert(), [{"attempts": 0, "error": "", **row} for row in rows]
        )


async def is_due(tx: AsyncConnection, at: datetime) -> bool:
    """Whether a delivery waits to be tried."""
    waiting = sa.select(_SENT.id).where(*_is_due(at)).limit(1)
    return (await tx.execute(waiting)).first() is not None


async def claim_due(
    tx: AsyncConnection, at: datetime, claim: timedelta, limit: int
) -> list[tuple[Webhook, Delivery]]:
    """Take deliveries that are due so that nobody else takes them for a while: webhooks in turn, of each the oldest."""
    ids = list((await tx.execute(_in_turn(at).limit(limit))).scalars())
    if not ids:
        return []
    await tx.execute(
        webhook_deliveries.update()
        .where(_SENT.id.in_(ids))
        .values(claimed_until=at + claim, attempts=_SENT.attempts + 1)
    )
    taken = sa.select(webhook_deliveries).where(_SENT.id.in_(ids)).order_by(_SENT.id)
    found = [_delivery(row) for row in await tx.execute(taken)]
    wanted = {each.webhook_id for each in found}
    hooks = await tx.execute(sa.select(webhooks).where(_HOOK.id.in_(wanted)))
    by_id = {row.id: _webhook(row) for row in hooks}
    return [(by_id[each.webhook_id], each) for each in found]


def _in_turn(at: datetime) -> sa.Select[tuple[int]]:
    """One that does not answer must not keep what others are to be told behind all that waits for it."""
    order = sa.func.row_number().over(
        partition_by=_SENT.webhook_id, order_by=(_SENT.due_at, _SENT.id)
    )
    turns = sa.select(_SENT.id, order.label("turn")).where(*_is_due(at)).subquery()
    return (
        sa.select(_SENT.id)
        .join(turns, turns.c.id == _SENT.id)
        # Asked again of the row itself, which another process may just have taken.
        .where(*_is_due(at))
        .order_by(turns.c.turn, _SENT.due_at, _SENT.id)
        .with_for_update(skip_locked=True, of=webhook_deliveries)
    )


def _is_due(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _SENT.delivered_at.is_(None),
        _SENT.failed_at.is_(None),
        _SENT.due_at <= at,
        sa.or_(_SENT.claimed_until.is_(None), _SENT.claimed_until < at),
    )


async def note_outcome(tx: AsyncConnection, delivery_id: int, values: dict[str, Any]) -> None:
    """Write how a try ended; the delivery is free again."""
    await tx.execute(
        webhook_deliveries.update()
        .where(_SENT.id == delivery_id)
        .values(claimed_until=None, **values)
    )


async def stop(tx: AsyncConnection, webhook_id: int, at: datetime) -> None:
    """Tell a webhook nothing more; what still waited for it has failed."""
    await tx.execute(
        webhooks.update()
        .where(_HOOK.id == webhook_id, _HOOK.stopped_at.is_(None))
        .values(stopped_at=at, version=_HOOK.version + 1)
    )
    waiting = (
        _SENT.webhook_id == webhook_id,
        _SENT.delivered_at.is_(None),
        _SENT.failed_at.is_(None),
    )
    await tx.execute(webhook_deliveries.update().where(*waiting).values(failed_at=at))


async def go_on(tx: AsyncConnection, webhook: Webhook, news_id: int) -> None:
    """Tell a stopped webhook what happens from now on."""
    await tx.execute(
        webhooks.update()
        .where(_HOOK.id == webhook.id)
        .values(stopped_at=None, told_to=news_id, version=_HOOK.version + 1)
    )


async def list_deliveries(
    tx: AsyncConnection, webhook_id: int, before: int | None, limit: int
) -> list[Delivery]:
    """Return a webhook's deliveries, the latest first, from below an id on."""
    statement = sa.select(webhook_deliveries).where(_SENT.webhook_id == webhook_id)
    if before is not None:
        statement = statement.where(_SENT.id < before)
    rows = await tx.execute(statement.order_by(_SENT.id.desc()).limit(limit))
    return [_delivery(row) for row in rows]


async def latest_of_each(tx: AsyncConnection, event_id: int) -> dict[int, Delivery]:
    """Return the newest delivery of each webhook of an event, by the webhook's id."""
    newest = (
        sa.select(sa.func.max(_SENT.id))
        .join(webhooks, _HOOK.id == _SENT.webhook_id)
        .where(_HOOK.event_id == event_id)
        .group_by(_SENT.webhook_id)
    )
    rows = await tx.execute(sa.select(webhook_deliveries).where(_SENT.id.in_(newest)))
    return {row.webhook_id: _delivery(row) for row in rows}


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Delete deliveries that ended and were made before a moment."""
    ended = sa.or_(_SENT.delivered_at.is_not(None), _SENT.failed_at.is_not(None))
    await tx.execute(webhook_deliveries.delete().where(_SENT.created_at < before, ended))


def _webhook(row: Any) -> Webhook:
    return Webhook(
        id=row.id,
        event_id=row.event_id,
        url=row.url,
        kinds=tuple(row.kinds),
        told_to=row.told_to,
        created_at=row.created_at,
        created_by=row.created_by,
        stopped_at=row.stopped_at,
        sealed_secret=row.sealed_secret,
        version=row.version,
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        message=row.message,
        kind=row.kind,
        body=row.body,
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=row.attempts,
        delivered_at=row.delivered_at,
        failed_at=row.failed_at,
        status=row.status,
        error=row.error,
    )
