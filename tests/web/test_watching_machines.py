"""What machines that watch are told when not all is well, or when they ask from elsewhere."""

from dataclasses import replace
from ipaddress import ip_network

import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from eventhub import app as composition
from eventhub.installation import Installation
from tests import callers
from tests.callers import Client


async def test_a_schema_that_is_not_current_is_not_ready(
    client: Client, installation: Installation
) -> None:
    async with installation.database.transaction() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))

    answer = await client.get("/readyz")

    assert (answer.status, await answer.json()) == (503, {"status": "schema is not current"})


async def test_a_database_that_is_gone_is_not_ready(
    client: Client, installation: Installation
) -> None:
    async with installation.database.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE alembic_version"))

    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/healthz")).status == 200


async def test_figures_from_elsewhere_need_a_token(
    installation: Installation,
) -> None:
    trusting = replace(installation.settings, trusted_proxies=(ip_network("127.0.0.0/8"),))
    behind = replace(installation, settings=trusting)
    elsewhere = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    headers = await callers.bearer(installation, "owner", None)

    async with TestClient(TestServer(composition.build(behind))) as client:
        without = await client.get("/metrics", headers=elsewhere)
        owner = await client.get("/metrics", headers=headers | elsewhere)
        beside = await client.get("/metrics")

    assert (without.status, owner.status, beside.status) == (401, 200, 200)
