"""What happened becomes deliveries, deliveries are made, and old ones are deleted."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

import aiohttp

from eventhub.installation import Installation
from eventhub.settings import Settings

from . import actions, calling, store
from .model import Delivery, Webhook
from .rules import Network

# Longer than a try can take.
CLAIM = timedelta(seconds=4 * calling.WITHIN_S)
AT_A_TIME = 40
KEPT = timedelta(days=7)

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def own_networks(settings: Settings) -> Sequence[Network]:
    """Return the private networks that webhooks may reach: those set, and this machine if it serves itself alone."""
    host = urlsplit(settings.base_url).hostname or ""
    is_local = host in {"localhost", "::1"} or host.startswith("127.")
    return (*settings.webhook_networks, *(_LOOPBACK if is_local else ()))


async def collect(installation: Installation) -> None:
    """Make deliveries of all that happened since the last look."""
    while await _something_happened(installation):
        async with installation.database.transaction() as tx:
            await actions.collect(tx, installation.clock.now())


async def _something_happened(installation: Installation) -> bool:
    async with installation.database.reading() as tx:
        return await store.has_news(tx)


async def deliver(installation: Installation) -> None:
    """Try what is due."""
    database, clock = installation.database, installation.clock
    async with database.reading() as tx:
        if not await store.is_due(tx, clock.now()):
            return
    async with database.transaction() as tx:
        due = await store.claim_due(tx, clock.now(), CLAIM, AT_A_TIME)
    async with calling.client(own_networks(installation.settings)) as session:
        await asyncio.gather(*(_try(installation, session, *each) for each in due))


async def _try(
    installation: Installation, session: aiohttp.ClientSession, webhook: Webhook, delivery: Delivery
) -> None:
    settings, clock = installation.settings, installation.clock
    secret = actions.sealer(settings.secret).unseal(webhook.sealed_secret)
    status, error = await calling.deliver(session, webhook, delivery, secret, clock.now())
    async with installation.database.transaction() as tx:
        await actions.note(tx, webhook, delivery, status=status, error=error, at=clock.now())


async def forget(installation: Installation) -> None:
    """Delete what was delivered, or given up, a week ago."""
    async with installation.database.transaction() as tx:
        await store.forget(tx, installation.clock.now() - KEPT)


ROUNDS = ((collect, 1.0), (deliver, 1.0), (forget, 6 * 3600.0))
