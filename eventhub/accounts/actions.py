"""Signing in and out, users and their roles, API tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row, lock_names
from eventhub.errors import Conflict, Invalid, NotFound, TooMany
from eventhub.signing import digest, new_secret
from eventhub.web.access import Principal, Role
from eventhub.wording import say

from . import audit
from .passwords import MAX_LENGTH, MIN_LENGTH, hash_password, is_password
from .tables import failed_sign_ins, logins, roles, tokens, users

LOGIN_LASTS = timedelta(days=14)
TRIES = 10
TRIES_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is listed; its secret was shown once and is not stored."""

    name: str
    role: Role
    event_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A user with a role in an event (or, as owner, in all)."""

    email: str
    role: Role
    may_override: bool


def folded(email: str) -> str:
    """Return an account's e-mail address as it is compared."""
    return email.strip().casefold()


async def begin_try(tx: AsyncConnection, email: str, address: str, at: datetime) -> int:
    """Count a try before its password is looked at; return its number for `forgive_try`.

    An 11th within 15 minutes is refused, for one account or from one address. Counting comes first so
    that tries made at the same time see each other.
    """
    account = folded(email)[:254]
    await lock_names(tx, f"account {account}", f"address {address}")
    await tx.execute(failed_sign_ins.delete().where(failed_sign_ins.c.at <= at - TRIES_WITHIN))
    for column, value in (
        (failed_sign_ins.c.email, account),
        (failed_sign_ins.c.address, address),
    ):
        await _check_tries(tx, column == value, at)
    return await insert_row(tx, failed_sign_ins, {"email": account, "address": address, "at": at})


async def _check_tries(tx: AsyncConnection, same: sa.ColumnElement[bool], at: datetime) -> None:
    table = failed_sign_ins.c
    query = sa.select(sa.func.count(), sa.func.min(table.at)).where(
        same, table.at > at - TRIES_WITHIN
    )
    count, first = (await tx.execute(query)).one()
    if count >= TRIES:
        wait = int((first + TRIES_WITHIN - at).total_seconds()) + 1
        raise TooMany(say("Too many wrong tries. Please wait {n} minutes.", n=-(-wait // 60)), wait)


async def forgive_try(tx: AsyncConnection, try_id: int) -> None:
    """Take back a try whose password was right."""
    await tx.execute(failed_sign_ins.delete().where(failed_sign_ins.c.id == try_id))


async def find_user(tx: AsyncConnection, email: str) -> tuple[int, str] | None:
    """Return id and password hash of a user who may sign in."""
    query = sa.select(users.c.id, users.c.password_hash).where(
        users.c.email == folded(email), users.c.disabled_at.is_(None)
    )
    row = (await tx.execute(query)).one_or_none()
    return (row.id, row.password_hash) if row else None


async def open_login(
    tx: AsyncConnection, user_id: int, address: str, agent: str, at: datetime
) -> str:
    """Sign a user in; return the secret for their cookie."""
    secret = new_secret()
    await tx.execute(logins.delete().where(logins.c.expires_at <= at))
    await tx.execute(
        logins.insert().values(
            digest=digest(secret),
            user_id=user_id,
            created_at=at,
            expires_at=at + LOGIN_LASTS,
            address=address,
            agent=agent[:200],
        )
    )
    return secret


async def close_login(tx: AsyncConnection, secret: str) -> None:
    """Sign out: the cookie is worth nothing from now on."""
    await tx.execute(logins.delete().where(logins.c.digest == digest(secret)))


async def is_right_password(stored: str | None, password: str) -> bool:
    """Whether a password is right; open no transaction meanwhile, it takes long."""
    return await is_password(stored, password)


async def add_user(
    tx: AsyncConnection,
    email: str,
    password_hash: str,
    role: Role,
    *,
    event_id: int | None,
    at: datetime,
    may_override: bool = False,
) -> int:
    """Give a user, made where missing, a role in an event (an owner's is in all); a known user keeps the password."""
    if (role is Role.OWNER) != (event_id is None):
        raise Invalid.field(
            "role", say("An owner belongs to no event, and every other role to one.")
        )
    address = folded(email)
    user_id = (
        await tx.execute(sa.select(users.c.id).where(users.c.email == address))
    ).scalar_one_or_none()
    if user_id is None:
        user_id = await insert_row(
            tx, users, {"email": address, "password_hash": password_hash, "created_at": at}
        )
    same = roles.c.event_id.is_(None) if event_id is None else roles.c.event_id == event_id
    await tx.execute(roles.delete().where(roles.c.user_id == user_id, same))
    await tx.execute(
        roles.insert().values(
            user_id=user_id, event_id=event_id, role=role, may_override=may_override
        )
    )
    await audit.record(tx, "system", "user.role", f"{address} {role}", event_id=event_id, at=at)
    return int(user_id)


async def set_password(tx: AsyncConnection, email: str, password_hash: str) -> None:
    """Change a user's password and end all their logins."""
    user_id = (
        await tx.execute(sa.select(users.c.id).where(users.c.email == folded(email)))
    ).scalar_one_or_none()
    if user_id is None:
        raise NotFound(say("There is no user {email}.", email=email))
    await tx.execute(
        users.update().where(users.c.id == user_id).values(password_hash=password_hash)
    )
    await tx.execute(logins.delete().where(logins.c.user_id == user_id))


async def hashed(password: str) -> str:
    """Return a new password's hash, or refuse one that is too short or too long."""
    if len(password) < MIN_LENGTH:
        raise Invalid.field(
            "password", say("A password needs at least {n} characters.", n=MIN_LENGTH)
        )
    if len(password) > MAX_LENGTH:
        raise Invalid.field(
            "password", say("This is too long: at most {n} characters.", n=MAX_LENGTH)
        )
    return await hash_password(password)


async def list_members(tx: AsyncConnection, event_id: int) -> list[Member]:
    """Return an event's users by e-mail address."""
    query = (
        sa.select(users.c.email, roles.c.role, roles.c.may_override)
        .join(roles, roles.c.user_id == users.c.id)
        .where(roles.c.event_id == event_id)
        .order_by(users.c.email)
    )
    return [Member(r.email, Role(r.role), r.may_override) for r in await tx.execute(query)]


async def remove_member(
    tx: AsyncConnection, email: str, *, event_id: int, who: Principal, at: datetime
) -> None:
    """Take a user's role in an event away."""
    user_id = sa.select(users.c.id).where(users.c.email == folded(email)).scalar_subquery()
    gone = await tx.execute(
        roles.delete().where(roles.c.user_id == user_id, roles.c.event_id == event_id)
    )
    if not gone.rowcount:
        raise NotFound(say("There is no user {email}.", email=email))
    await audit.record(tx, who, "user.removed", folded(email), event_id=event_id, at=at)


async def events_of(tx: AsyncConnection, user_id: int) -> dict[int | None, Role]:
    """Return a user's roles by event id; an owner's stands under None."""
    query = sa.select(roles.c.event_id, roles.c.role).where(roles.c.user_id == user_id)
    return {r.event_id: Role(r.role) for r in await tx.execute(query)}


async def add_token(
    tx: AsyncConnection,
    name: str,
    role: Role,
    *,
    event_id: int | None,
    at: datetime,
    secret: str | None = None,
    may_override: bool = False,
) -> str:
    """Make an API token and return its secret, which is not stored. A live token's name is taken."""
    if (role is Role.OWNER) != (event_id is None):
        raise Invalid.field(
            "role", say("An owner belongs to no event, and every other role to one.")
        )
    if not 0 < len(name) <= 200:
        raise Invalid.field("name", say("A token needs a name of at most {n} characters.", n=200))
    taken = sa.select(tokens.c.id).where(_live(name, event_id))
    if (await tx.execute(taken)).first():
        raise Conflict(
            say(
                "There is a token {name} already. Revoke it first or choose another name.",
                name=name,
            )
        )
    secret = secret or new_secret()
    await tx.execute(
        tokens.insert().values(
            name=name,
            digest=digest(secret),
            role=role,
            event_id=event_id,
            may_override=may_override,
            created_at=at,
        )
    )
    await audit.record(tx, "system", "token.added", f"{name} {role}", event_id=event_id, at=at)
    return secret


async def list_tokens(
    tx: AsyncConnection, event_id: int | None = None, *, every: bool = False
) -> list[Token]:
    """Return the live tokens of an event, of no event (None), or all, by name."""
    query = (
        sa.select(tokens).where(tokens.c.revoked_at.is_(None)).order_by(tokens.c.name, tokens.c.id)
    )
    if not every:
        same = tokens.c.event_id.is_(None) if event_id is None else tokens.c.event_id == event_id
        query = query.where(same)
    return [Token(r.name, Role(r.role), r.event_id, r.created_at) for r in await tx.execute(query)]


async def revoke_token(
    tx: AsyncConnection, name: str, *, event_id: int | None, at: datetime
) -> None:
    """Let a token be worth nothing from now on."""
    revoked = await tx.execute(tokens.update().where(_live(name, event_id)).values(revoked_at=at))
    if not revoked.rowcount:
        raise NotFound(say("There is no token {name}.", name=name))
    await audit.record(tx, "system", "token.revoked", name, event_id=event_id, at=at)


def _live(name: str, event_id: int | None) -> sa.ColumnElement[bool]:
    same = tokens.c.event_id.is_(None) if event_id is None else tokens.c.event_id == event_id
    return sa.and_(tokens.c.name == name, same, tokens.c.revoked_at.is_(None))
