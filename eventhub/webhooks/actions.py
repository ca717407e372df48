"""Adding, testing and removing webhooks; what happened becomes deliveries, and a try's end is noted."""

import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.errors import Conflict, NotFound
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.signing import Sealer
from eventhub.web.access import Principal
from eventhub.wording import say

from . import rules, store
from .model import KINDS, TEST, Delivery, Webhook

list_after = store.list_after
list_deliveries = store.list_deliveries
latest_of_each = store.latest_of_each

MOST = 20
_AT_A_TIME = 500


def sealer(secret: str) -> Sealer:
    """Return what seals the secrets of webhooks."""
    return Sealer(secret, "webhook")


async def add(
    tx: AsyncConnection,
    event: Event,
    url: str,
    kinds: tuple[str, ...],
    *,
    secret: str,
    who: Principal,
    at: datetime,
) -> tuple[Webhook, str]:
    """Add a webhook and return it with its secret, which is shown only now. `secret` is the installation's."""
    if len(await store.list_after(tx, event.id, 0, MOST)) == MOST:
        raise Conflict(say("An event has at most {most} webhooks. Remove one first.", most=MOST))
    own = secrets.token_bytes(rules.SECRET_BYTES)
    webhook_id = await store.insert(
        tx,
        {
            "event_id": event.id,
            "url": url,
            "kinds": [kind for kind in KINDS if kind in kinds],
            "sealed_secret": sealer(secret).seal(own),
            "told_to": await news.last_id(tx, event.id),
            "created_at": at,
            "created_by": who.name,
        },
    )
    await audit.record(tx, who, "webhook.added", url, event_id=event.id, at=at)
    return await get(tx, event.id, webhook_id), rules.shown(own)


async def get(tx: AsyncConnection, event_id: int, webhook_id: int) -> Webhook:
    """Return one webhook of an event, or raise NotFound."""
    found = await store.find(tx, event_id, webhook_id)
    if found is None:
        raise NotFound(say("There is no such webhook."))
    return found


async def remove(
    tx: AsyncConnection, event: Event, webhook: Webhook, *, who: Principal, at: datetime
) -> None:
    """Remove a webhook; what was not delivered yet never will be."""
    await store.delete(tx, webhook.id)
    await audit.record(tx, who, "webhook.removed", webhook.url, event_id=event.id, at=at)


async def test(tx: AsyncConnection, event: Event, webhook: Webhook, *, at: datetime) -> None:
    """Send a webhook a message that says nothing; when it arrives, a stopped one goes on."""
    await store.insert_deliveries(
        tx, [_delivery(event, webhook, TEST, {"webhook": webhook.id}, at)]
    )


async def collect(tx: AsyncConnection, at: datetime) -> None:
    """Make deliveries of what happened; an event's webhooks are told what its organizers may see.

    News about one participant stay between the house and them.
    """
    for webhook in await store.claim_with_news(tx):
        event = await events.get_event_by_id(tx, webhook.event_id)
        items = await news.read_after(tx, {event.id: webhook.told_to}, _AT_A_TIME)
        told = [
            _delivery(event, webhook, item.kind.value, item.data, at)
            for item in items
            if item.kind.value in webhook.kinds and item.participant_id is None
        ]
        await store.insert_deliveries(tx, told)
        await store.note_told(tx, webhook.id, items[-1].id)


def _delivery(
    event: Event, webhook: Webhook, kind: str, data: dict[str, Any], at: datetime
) -> dict[str, Any]:
    body = {
        "type": kind,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "event": event.slug,
        "data": data,
    }
    return {
        "webhook_id": webhook.id,
        "message": f"msg_{uuid4().hex}",
        "kind": kind,
        "body": body,
        "created_at": at,
        "due_at": at,
    }


async def note(
    tx: AsyncConnection,
    webhook: Webhook,
    delivery: Delivery,
    *,
    status: int | None,
    error: str,
    at: datetime,
) -> None:
    """Note how a try ended: delivered (2xx), to be tried again, or given up, which stops the webhook."""
    outcome: dict[str, Any] = {"status": status, "error": error[:300]}
    if status is not None and 200 <= status < 300:
        await store.note_outcome(tx, delivery.id, outcome | {"delivered_at": at})
        if webhook.stopped_at is not None and delivery.kind == TEST:
            await store.go_on(tx, webhook, await news.last_id(tx, webhook.event_id))
        return
    wait = rules.wait_after(delivery.attempts)
    if delivery.kind == TEST or wait is None or status == rules.GONE:
        await store.note_outcome(tx, delivery.id, outcome | {"failed_at": at})
    else:
        await store.note_outcome(tx, delivery.id, outcome | {"due_at": at + wait})
    if wait is None or status == rules.GONE:
        await store.stop(tx, webhook.id, at)
