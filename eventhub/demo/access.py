"""Who may manage the sample event: one owner who signs in, and an API token per role.

Password and tokens are derived from the installation's secret, so each start prints the same, and they are stored
hashed like any other.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import actions as accounts
from eventhub.accounts.tables import tokens
from eventhub.signing import Signer, digest
from eventhub.web.access import Role

EMAIL = "panitia@example.org"


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """What the demo prints: the owner's sign-in, and the token of each role by its name."""

    email: str
    password: str
    tokens: dict[str, str]


def demo_access(secret: str) -> DemoAccess:
    """Return what an installation's secret makes."""
    signer = Signer(secret, "demo")
    return DemoAccess(
        EMAIL,
        signer.derive("password")[:20],
        {role.value: signer.derive(f"token/{role.value}") for role in Role},
    )


async def grant_access(
    tx: AsyncConnection,
    access: DemoAccess,
    password_hash: str | None,
    *,
    event_id: int,
    at: datetime,
) -> None:
    """Let the printed password and tokens work; `password_hash` is None where the password does already."""
    if password_hash is not None:
        if await accounts.find_user(tx, access.email):
            await accounts.set_password(tx, access.email, password_hash)
        await accounts.add_user(tx, access.email, password_hash, Role.OWNER, event_id=None, at=at)
    for name, secret in access.tokens.items():
        role = Role(name)
        await _grant_token(
            tx, secret, role, event_id=None if role is Role.OWNER else event_id, at=at
        )


async def _grant_token(
    tx: AsyncConnection, secret: str, role: Role, *, event_id: int | None, at: datetime
) -> None:
    """Add a role's token unless it is there; one of the same name that another secret made gives way."""
    name = f"demo-{role.value}"
    known = await tx.execute(sa.select(tokens.c.id).where(tokens.c.digest == digest(secret)))
    if known.first():
        return
    if name in {token.name for token in await accounts.list_tokens(tx, event_id)}:
        await accounts.revoke_token(tx, name, event_id=event_id, at=at)
    await accounts.add_token(tx, name, role, event_id=event_id, at=at, secret=secret)
