"""Who calls: an API token of a role, or a signed-in user with their form token."""

from aiohttp import web
from aiohttp.test_utils import TestClient

from eventhub.accounts import actions
from eventhub.installation import Installation
from eventhub.signing import Signer, digest
from eventhub.web.access import Role
from eventhub.web.guard import LOGIN_COOKIE

Client = TestClient[web.Request, web.Application]


async def bearer(
    installation: Installation,
    role: Role | str = Role.OWNER,
    event_id: int | None = 1,
    *,
    may_override: bool = False,
) -> dict[str, str]:
    """Make an API token of a role; return the header that carries it. An owner's belongs to no event."""
    role = Role(role)
    async with installation.database.transaction() as tx:
        secret = await actions.add_token(
            tx,
            f"{role} of {event_id}",
            role,
            event_id=None if role is Role.OWNER else event_id,
            at=installation.clock.now(),
            may_override=may_override,
        )
    return {"Authorization": f"Bearer {secret}"}


async def signed_in(
    client: Client,
    installation: Installation,
    role: Role | str = Role.OWNER,
    event_id: int | None = 1,
) -> str:
    """Sign a new user of a role in on the client; return the value of the form field `csrf`."""
    role, at = Role(role), installation.clock.now()
    async with installation.database.transaction() as tx:
        user = await actions.add_user(
            tx,
            f"{role}@example.org",
            "no password opens this",
            role,
            event_id=None if role is Role.OWNER else event_id,
            at=at,
        )
        login = await actions.open_login(tx, user, "127.0.0.1", "tests", at)
    client.session.cookie_jar.update_cookies({LOGIN_COOKIE: login}, client.make_url("/"))
    return Signer(installation.settings.secret, "csrf").derive(digest(login))
