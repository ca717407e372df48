"""Answers kept by `Idempotency-Key`, written in the transaction of what they answer.

Their bodies are sealed: some hold what is shown only once, such as the secret of a webhook, or somebody's links.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime
from eventhub.errors import Invalid
from eventhub.signing import Sealer
from eventhub.wording import say

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("scope", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)

# What is kept without this mark was kept before bodies were sealed.
_SEALED = "sealed:"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before."""

    status: int
    body: str
    headers: Mapping[str, str]


def sealer(secret: str) -> Sealer:
    """Return what seals the answers kept; `secret` is the installation's."""
    return Sealer(secret, "answers")


def read_key(request: web.Request) -> str | None:
    """Return the request's key; raise Invalid for one that cannot be kept."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid.field("Idempotency-Key", say("This takes 1 to 255 plain characters."))
    return key


async def begin(
    tx: AsyncConnection, scope: str, key: str, fingerprint: str, at: datetime, *, seals: Sealer
) -> Kept | None:
    """Claim a key, or return the answer given under it; another request under the same key is refused.

    On PostgreSQL a second caller waits here until the first has committed.
    """
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    claimed = await tx.execute(
        insert(idempotency_keys)
        .values(
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            status=0,
            body="",
            headers={},
            created_at=at,
        )
        .on_conflict_do_nothing()
        .returning(idempotency_keys.c.key)
    )
    if claimed.first() is not None:
        return None
    table = idempotency_keys.c
    row = (
        await tx.execute(sa.select(idempotency_keys).where(table.scope == scope, table.key == key))
    ).one()
    if row.fingerprint != fingerprint:
        raise Invalid.field("Idempotency-Key", say("This key was used for another request."))
    return Kept(row.status, _opened(row.body, seals), row.headers)


def _opened(body: str, seals: Sealer) -> str:
    if not body.startswith(_SEALED):
        return body
    return seals.unseal(base64.b64decode(body.removeprefix(_SEALED))).decode()


async def keep(tx: AsyncConnection, scope: str, key: str, answer: Kept, *, seals: Sealer) -> None:
    """Keep the answer given under a claimed key."""
    table = idempotency_keys.c
    body = _SEALED + base64.b64encode(seals.seal(answer.body.encode())).decode()
    await tx.execute(
        idempotency_keys.update()
        .where(table.scope == scope, table.key == key)
        .values(status=answer.status, body=body, headers=dict(answer.headers))
    )


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Delete answers kept before a moment."""
    await tx.execute(idempotency_keys.delete().where(idempotency_keys.c.created_at < before))
