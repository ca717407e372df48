"""Webhooks for organizers: what is told to which address, and how that went."""

from aiohttp import web

from eventhub.errors import Invalid, Refusal
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions
from .forms import USUAL, PostedWebhook

UNTOUCHED = Filled(dict.fromkeys(USUAL, "1"))
RECENT = 50


@allow(Right.EVENT_SETTINGS)
async def show_webhooks(request: web.Request) -> web.Response:
    """List the webhooks and how their last delivery went."""
    return await _page(request)


@allow(Right.EVENT_SETTINGS)
async def add_webhook(request: web.Request) -> web.Response:
    """Add a webhook and show its secret this once."""
    form = await posted(request)
    try:
        wanted = read_form(PostedWebhook, form)
        if not wanted.kinds:
            raise Invalid.field("kinds", say("Choose at least one thing to be told of."))
        async with transaction(request) as tx:
            _, secret = await actions.add(
                tx, request[EVENT], wanted.url, wanted.kinds,
                secret=request.app[SETTINGS].secret,
                who=request[PRINCIPAL], at=request.app[CLOCK].now(),
            )  # fmt: skip
    except Refusal as refusal:
        typed = filled(text_fields(form), refusal, request[READER])
        return await _page(request, refusal.status, form=typed)
    return await _page(request, secret=secret)


@allow(Right.EVENT_SETTINGS)
async def show_deliveries(request: web.Request) -> web.Response:
    """List what one webhook was told lately."""
    async with reading(request) as tx:
        webhook = await actions.get(tx, request[EVENT].id, int(request.match_info["webhook"]))
        deliveries = await actions.list_deliveries(tx, webhook.id, None, RECENT)
    return await page(request, "webhooks/deliveries.html", webhook=webhook, deliveries=deliveries)


@allow(Right.EVENT_SETTINGS)
async def test_webhook(request: web.Request) -> web.Response:
    """Send one webhook a message that says nothing."""
    await posted(request)
    event = request[EVENT]
    async with transaction(request) as tx:
        webhook = await actions.get(tx, event.id, int(request.match_info["webhook"]))
        await actions.test(tx, event, webhook, at=request.app[CLOCK].now())
    return see_other(request, "webhooks.one", event=event.slug, webhook=str(webhook.id))


@allow(Right.EVENT_SETTINGS)
async def remove_webhook(request: web.Request) -> web.Response:
    """Remove one webhook."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        webhook = await actions.get(tx, event.id, int(request.match_info["webhook"]))
        await actions.remove(tx, event, webhook, who=request[PRINCIPAL], at=at)
    return see_other(request, "webhooks.all", event=event.slug)


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    form: Filled = UNTOUCHED,
    secret: str | None = None,
) -> web.Response:
    event = request[EVENT]
    async with reading(request) as tx:
        found = await actions.list_after(tx, event.id, 0, actions.MOST)
        latest = await actions.latest_of_each(tx, event.id)
    return await page(
        request,
        "webhooks/webhooks.html",
        status=status,
        webhooks=[(webhook, latest.get(webhook.id)) for webhook in found],
        form=form,
        secret=secret,
    )


_ALL = "/manage/{event}/webhooks"
_ONE = _ALL + r"/{webhook:\d{1,9}}"

ROUTES = [
    web.get(_ALL, show_webhooks, name="webhooks.all"),
    web.post(_ALL, add_webhook, name="webhooks.add"),
    web.get(_ONE, show_deliveries, name="webhooks.one"),
    web.post(f"{_ONE}/test", test_webhook, name="webhooks.test"),
    web.post(f"{_ONE}/remove", remove_webhook, name="webhooks.remove"),
]
