"""Webhooks for programs."""

from eventhub.errors import NotFound
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.keys import SETTINGS
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor
from eventhub.wording import say

from . import actions
from .forms import (
    DeliveryShape,
    NewWebhook,
    NewWebhookShape,
    WebhookShape,
    delivery_shape,
    new_webhook_shape,
    webhook_shape,
)
from .model import Webhook

_PATH = "/events/{event}/webhooks"
_ONE = _PATH + "/{webhook}"


@operation(
    "GET",
    _PATH,
    right=Right.EVENT_SETTINGS,
    query=Paging,
    answers={200: Listing[WebhookShape]},
    summary="List webhooks",
)
async def list_webhooks(call: Call[None, Paging]) -> Answer:
    limit, after = call.query.limit, read_cursor(call.query.cursor, int)
    found = await actions.list_after(call.tx, call.event.id, after[0] if after else 0, limit + 1)
    shapes = [webhook_shape(each) for each in found]
    return Answer(200, listing(shapes, limit, lambda shape: (shape.id,)))


@operation(
    "POST",
    _PATH,
    right=Right.EVENT_SETTINGS,
    body=NewWebhook,
    answers={201: NewWebhookShape},
    summary="Add a webhook; its secret is shown only in this answer",
)
async def add_webhook(call: Call[NewWebhook, None]) -> Answer:
    webhook, secret = await actions.add(
        call.tx,
        call.event,
        call.form.url,
        call.form.kinds,
        secret=call.request.app[SETTINGS].secret,
        who=call.who,
        at=call.at,
    )
    location = f"{call.request.path}/{webhook.id}"
    return Answer(201, new_webhook_shape(webhook, secret), webhook.version, location)


@operation(
    "GET",
    _ONE,
    right=Right.EVENT_SETTINGS,
    answers={200: WebhookShape},
    summary="Show a webhook",
)
async def show_webhook(call: Call[None, None]) -> Answer:
    webhook = await _webhook(call)
    return Answer(200, webhook_shape(webhook), webhook.version)


@operation(
    "DELETE",
    _ONE,
    right=Right.EVENT_SETTINGS,
    answers={204: None},
    summary="Remove a webhook",
)
async def remove_webhook(call: Call[None, None]) -> Answer:
    webhook = await _webhook(call)
    call.expect(webhook.version)
    await actions.remove(call.tx, call.event, webhook, who=call.who, at=call.at)
    return Answer(204)


@operation(
    "POST",
    _ONE + "/test",
    right=Right.EVENT_SETTINGS,
    answers={202: WebhookShape},
    summary="Send a test message; when it arrives, a stopped webhook goes on",
)
async def test_webhook(call: Call[None, None]) -> Answer:
    webhook = await _webhook(call)
    await actions.test(call.tx, call.event, webhook, at=call.at)
    return Answer(202, webhook_shape(webhook))


@operation(
    "GET",
    _ONE + "/deliveries",
    right=Right.EVENT_SETTINGS,
    query=Paging,
    answers={200: Listing[DeliveryShape]},
    summary="List a webhook's deliveries of the last week, the latest first",
)
async def list_deliveries(call: Call[None, Paging]) -> Answer:
    webhook = await _webhook(call)
    limit, before = call.query.limit, read_cursor(call.query.cursor, int)
    found = await actions.list_deliveries(
        call.tx, webhook.id, before[0] if before else None, limit + 1
    )
    shapes = [delivery_shape(each) for each in found]
    return Answer(200, listing(shapes, limit, lambda shape: (shape.id,)))


async def _webhook(call: Call[None, None] | Call[None, Paging]) -> Webhook:
    asked = call.path["webhook"]
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise NotFound(say("There is no such webhook."))
    return await actions.get(call.tx, call.event.id, int(asked))


API = [list_webhooks, add_webhook, show_webhook, remove_webhook, test_webhook, list_deliveries]
