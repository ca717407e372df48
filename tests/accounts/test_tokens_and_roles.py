"""API tokens: shown once, stored as a digest, dead when revoked; and what each role may do."""

import pytest
import sqlalchemy as sa

from eventhub.accounts import actions
from eventhub.accounts.tables import tokens
from eventhub.errors import Conflict, Invalid, NotFound
from eventhub.events.actions import list_rooms
from eventhub.installation import Installation
from eventhub.web.access import RIGHTS, Right, Role
from tests import callers, make
from tests.callers import Client


async def test_a_token_is_stored_as_a_digest_only(installation: Installation) -> None:
    async with installation.database.transaction() as tx:
        secret = await actions.add_token(tx, "own", Role.OWNER, event_id=None, at=make.WRITTEN_AT)
        stored = (await tx.execute(sa.select(tokens))).one()

    assert secret not in map(str, stored)
    assert len(stored.digest) == 64


async def test_a_name_is_taken_until_its_token_is_revoked(installation: Installation) -> None:
    async with installation.database.transaction() as tx:
        await actions.add_token(tx, "own", Role.OWNER, event_id=None, at=make.WRITTEN_AT)
        with pytest.raises(Conflict):
            await actions.add_token(tx, "own", Role.OWNER, event_id=None, at=make.WRITTEN_AT)
        await actions.revoke_token(tx, "own", event_id=None, at=make.WRITTEN_AT)
        await actions.add_token(tx, "own", Role.OWNER, event_id=None, at=make.WRITTEN_AT)
        assert [token.name for token in await actions.list_tokens(tx, every=True)] == ["own"]
        with pytest.raises(NotFound):
            await actions.revoke_token(tx, "other", event_id=None, at=make.WRITTEN_AT)


async def test_an_owner_belongs_to_no_event_and_every_other_role_to_one(
    installation: Installation,
) -> None:
    await make.stored(installation.database, make.event())
    async with installation.database.transaction() as tx:
        for role, event_id in ((Role.OWNER, 1), (Role.GATE, None)):
            with pytest.raises(Invalid):
                await actions.add_token(tx, "wrong", role, event_id=event_id, at=make.WRITTEN_AT)
        assert await actions.list_tokens(tx, every=True) == []


async def test_a_revoked_token_and_none_at_all_are_401_before_anything_else_is_looked_at(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "organizer")
    async with installation.database.transaction() as tx:
        (token,) = await actions.list_tokens(tx, 1)
        await actions.revoke_token(tx, token.name, event_id=1, at=make.WRITTEN_AT)

    dead = await client.post("/api/v1/events/rakortek/rooms", headers=headers, data="{broken")
    none = await client.get("/api/v1/events/no-such-event")

    assert (dead.status, none.status) == (401, 401)
    assert dead.headers["WWW-Authenticate"] == "Bearer"


async def test_a_role_that_may_not_is_403_before_the_body_is_read_and_changes_nothing(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    headers = await callers.bearer(installation, "viewer")

    broken = await client.post("/api/v1/events/rakortek/rooms", headers=headers, data="{broken")
    right = await client.post(
        "/api/v1/events/rakortek/rooms", headers=headers, json={"name": "A", "capacity": 1}
    )

    assert (broken.status, right.status) == (403, 403)
    async with installation.database.reading() as tx:
        assert await list_rooms(tx, 1) == []


async def test_a_cookie_is_no_token(client: Client, installation: Installation) -> None:
    await make.stored(installation.database, make.event())
    await callers.signed_in(client, installation, "organizer")

    assert (await client.get("/api/v1/events")).status == 401


def test_the_roles_have_the_rights_of_the_contract() -> None:
    o, org, gate, health, streaming = (
        Role.OWNER,
        Role.ORGANIZER,
        Role.GATE,
        Role.HEALTH,
        Role.STREAMING,
    )
    every = frozenset(Role)

    assert {right: RIGHTS[right] for right in Right} == {
        Right.EVENTS_MAKE: {o},
        Right.EVENT_READ: every,
        Right.EVENT_SETTINGS: {o, org},
        Right.PROGRAMME_WRITE: {o, org},
        Right.PROGRAMME_READ: every,
        Right.PEOPLE_WRITE: {o, org},
        Right.PEOPLE_READ: every,
        Right.PEOPLE_CONTACTS: {o, org},
        Right.TICKETS_READ: {o, org, gate},
        Right.INVITATIONS: {o, org},
        Right.ANNOUNCE: {o, org, streaming},
        Right.REPORTS_READ: every,
        Right.PASSAGES_WRITE: {o, org, gate, health},
        Right.PASSAGES_READ: {o, org, gate, health},
        Right.HEALTH_WRITE: {o, gate, health},
        Right.HEALTH_READ: {o, health},
        Right.BROADCASTS_ACT: {o, org, streaming},
        Right.BROADCASTS_READ: {o, org, streaming, Role.VIEWER},
        Right.DOORS_MANAGE: {o, org},
        Right.DOORS_READ: {o, org, gate, health},
    }
