"""Finding out who calls: the cookie of a login, or an API token."""

from datetime import datetime

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.signing import digest
from eventhub.web.access import Principal, Role
from eventhub.web.guard import LOGIN_COOKIE, cookie_name
from eventhub.web.keys import CLOCK, SETTINGS

from .tables import logins, roles, tokens, users

# Of no role in this event and no owner: shown to nothing but pages for every signed-in user.
STRANGER = -1


async def by_login(
    tx: AsyncConnection, request: web.Request, event: Event | None
) -> Principal | None:
    """Return the signed-in user with their role in the event, if the login is alive."""
    secret = request.cookies.get(cookie_name(LOGIN_COOKIE, secure=request.app[SETTINGS].is_https))
    if not secret:
        return None
    rows = list(await tx.execute(_roles_of(digest(secret), request.app[CLOCK].now())))
    if not rows:
        return None
    owner = [row for row in rows if row.role == Role.OWNER]
    here = [row for row in rows if event is not None and row.event_id == event.id]
    row = (owner or here or rows)[0]
    if owner:
        return Principal("user", row.id, row.email, Role.OWNER, None, may_override=True)
    role = Role(row.role) if row.role else Role.VIEWER
    return Principal(
        "user", row.id, row.email, role, row.event_id or STRANGER, bool(row.may_override)
    )


def _roles_of(
    login: str, at: datetime
) -> sa.Select[tuple[int, str, int | None, str | None, bool | None]]:
    return (
        sa.select(users.c.id, users.c.email, roles.c.event_id, roles.c.role, roles.c.may_override)
        .join(logins, logins.c.user_id == users.c.id)
        .outerjoin(roles, roles.c.user_id == users.c.id)
        .where(logins.c.digest == login, logins.c.expires_at > at, users.c.disabled_at.is_(None))
    )


async def by_token(
    tx: AsyncConnection, request: web.Request, _event: Event | None
) -> Principal | None:
    """Return the caller of a live API token."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    query = sa.select(tokens).where(
        tokens.c.digest == digest(secret.strip()), tokens.c.revoked_at.is_(None)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    role = Role(row.role)
    may_override = role is Role.OWNER or row.may_override
    return Principal("token", row.id, row.name, role, row.event_id, may_override)
