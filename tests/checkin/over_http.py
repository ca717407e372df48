"""Calling check-in over HTTP."""

from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from eventhub.accounts.tables import audit_log
from eventhub.installation import Installation
from tests.callers import bearer

URL = "/api/v1/events/rakortek"
Client = TestClient[Any, Any]


def path_of(url: str) -> str:
    return urlsplit(url).path


async def as_role(installation: Installation, role: str, **more: Any) -> dict[str, str]:
    return await bearer(installation, role, **more)


async def audited(installation: Installation) -> list[tuple[str, str, str]]:
    async with installation.database.reading() as tx:
        query = sa.select(audit_log.c.actor, audit_log.c.action, audit_log.c.subject)
        rows = await tx.execute(query.order_by(audit_log.c.id))
        return [tuple(row) for row in rows]
