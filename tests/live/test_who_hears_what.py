"""What a listener may not see is not sent, and who may no longer listen is let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from eventhub import news
from eventhub.accounts import actions as accounts
from eventhub.db.engine import Database
from eventhub.events.model import EventState
from eventhub.events.tables import events
from eventhub.installation import Installation
from eventhub.live.hub import HUB
from eventhub.participants.tables import participants
from eventhub.web.access import Right, Role
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.live.listening import Ear, listening
from tests.live.scene import join_token, page_token, publish_two_streams
from tests.standins.clock import OPENING_DAY


@dataclass(frozen=True)
class Told:
    """Something told, by a name of its own."""

    name: str
    right: Right | None = None
    session_id: int | None = None
    participant_id: int | None = None


TOLD = (
    Told("for all"),
    Told("draft", Right.PROGRAMME_READ),
    Told("inside", Right.REPORTS_READ),
    Told("passages", Right.PASSAGES_READ),
    Told("health", Right.HEALTH_READ),
    Told("broadcasts", Right.BROADCASTS_READ),
    Told("of session 1", session_id=1),
    Told("of session 2", session_id=2),
    Told("to person 1", participant_id=1),
    Told("to person 2", participant_id=2),
    Told("asked by person 1", Right.ANNOUNCE, session_id=1, participant_id=1),
    Told("end"),
)
OF_SESSIONS = {"of session 1", "of session 2"}
FOR_EVERYBODY = {"for all", "end"}


@pytest.fixture
async def world(database: Database) -> Database:
    """Give an event with two streamed sessions, each with a participant of its own."""
    await publish_two_streams(database)
    return database


async def heard(database: Database, ear: Ear) -> set[str]:
    """Tell everything there is; return what was heard."""
    async with database.transaction() as tx:
        for told in TOLD:
            await news.tell(
                tx,
                "question",
                {"name": told.name},
                event_id=1,
                at=OPENING_DAY,
                right=told.right.value if told.right else None,
                session_id=told.session_id,
                participant_id=told.participant_id,
            )
    names: set[str] = set()
    while "end" not in names:
        message = await ear.hear()
        assert message is not None
        names.add(message.data["name"])
    return names


LISTEN = "/live/rakortek?kinds=question"

BY_ROLE: Mapping[Role, set[str]] = {
    Role.OWNER: {"draft", "inside", "passages", "health", "broadcasts", "asked by person 1"},
    Role.ORGANIZER: {"draft", "inside", "passages", "broadcasts", "asked by person 1"},
    Role.GATE: {"draft", "inside", "passages"},
    Role.HEALTH: {"draft", "inside", "passages", "health"},
    Role.STREAMING: {"draft", "inside", "broadcasts", "asked by person 1"},
    Role.VIEWER: {"draft", "inside", "broadcasts"},
}


@pytest.mark.parametrize("role", Role)
async def test_a_token_hears_what_its_role_may_see(
    role: Role, client: Client, installation: Installation, world: Database
) -> None:
    token = await bearer(installation, role)

    async with listening(client, LISTEN, token) as ear:
        names = await heard(world, ear)

    assert names == FOR_EVERYBODY | OF_SESSIONS | BY_ROLE[role]


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.GATE])
async def test_a_signed_in_user_hears_what_their_role_may_see(
    role: Role, client: Client, installation: Installation, world: Database
) -> None:
    await signed_in(client, installation, role)

    async with listening(client, LISTEN) as ear:
        names = await heard(world, ear)

    assert names == FOR_EVERYBODY | OF_SESSIONS | BY_ROLE[role]


async def test_nobody_in_particular_hears_what_is_public(client: Client, world: Database) -> None:
    async with listening(client, LISTEN) as ear:
        names = await heard(world, ear)

    assert names == FOR_EVERYBODY


async def test_a_watch_page_hears_of_its_session_too(client: Client, world: Database) -> None:
    async with listening(client, f"{LISTEN}&session=session-2") as ear:
        names = await heard(world, ear)

    assert names == {*FOR_EVERYBODY, "of session 2"}


async def test_a_participant_hears_of_their_sessions_and_what_is_theirs_alone(
    client: Client, installation: Installation, world: Database
) -> None:
    async with listening(client, f"{LISTEN}&person={page_token(installation, 1)}") as ear:
        by_page = await heard(world, ear)
    async with listening(client, f"{LISTEN}&person={join_token(installation, 2, 2)}") as ear:
        by_join_link = await heard(world, ear)

    assert by_page == {*FOR_EVERYBODY, "of session 1", "to person 1", "asked by person 1"}
    assert by_join_link == {*FOR_EVERYBODY, "of session 2", "to person 2"}


async def test_a_participant_who_comes_again_is_told_only_what_they_may_see(
    client: Client, installation: Installation, world: Database
) -> None:
    async with listening(client, LISTEN) as ear:
        await heard(world, ear)

    path = f"{LISTEN}&last=0&person={page_token(installation, 1)}"
    async with listening(client, path) as ear:
        names = {(await said(ear)) for _ in range(5)}

    assert names == {*FOR_EVERYBODY, "of session 1", "to person 1", "asked by person 1"}


async def said(ear: Ear) -> str:
    message = await ear.hear()
    assert message is not None
    return str(message.data["name"])


@dataclass(frozen=True)
class Wrong:
    """A way in that opens nothing."""

    name: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


WRONG = (
    Wrong("an event that is not there", "/live/nowhere", 404),
    Wrong("a broken personal link", "/live/rakortek?person=abc", 404),
    Wrong("a session that is not there", "/live/rakortek?session=nothing", 404),
    Wrong("a dead token", "/live/rakortek", 401, {"Authorization": "Bearer dead"}),
)


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong.name for wrong in WRONG])
async def test_a_way_in_that_opens_nothing_is_refused(
    wrong: Wrong, client: Client, world: Database
) -> None:
    answer = await client.get(wrong.path, headers=wrong.headers)

    assert answer.status == wrong.status


async def test_other_events_and_unpublished_ones_are_closed(
    client: Client, installation: Installation, world: Database
) -> None:
    await make.stored(world, make.event(2))
    of_another = await bearer(installation, Role.ORGANIZER, 2)

    statuses = {
        "the public, before it is published": (await client.get("/live/rakortek-2")).status,
        "a token of another event": (await client.get("/live/rakortek", headers=of_another)).status,
        "a participant of another event": (
            await client.get(f"/live/rakortek-2?person={page_token(installation, 1)}")
        ).status,
        "a replaced link": (
            await client.get(f"/live/rakortek?person={page_token(installation, 1, 2)}")
        ).status,
    }
    async with listening(client, "/live/rakortek-2", of_another):
        pass

    assert set(statuses.values()) == {404}


async def test_a_user_without_a_role_here_hears_what_everybody_hears(
    client: Client, installation: Installation, world: Database
) -> None:
    await make.stored(world, make.event(2))
    await signed_in(client, installation, Role.ORGANIZER, 2)

    async with listening(client, LISTEN) as ear:
        names = await heard(world, ear)

    assert names == FOR_EVERYBODY


async def test_a_revoked_token_an_ended_login_and_a_renewed_link_hear_nothing_more(
    client: Client, installation: Installation, world: Database
) -> None:
    token = await bearer(installation, Role.GATE)
    await signed_in(client, installation, Role.ORGANIZER)
    hub = client.app[HUB]
    page = f"{LISTEN}&person={page_token(installation, 1)}"
    async with (
        listening(client, LISTEN, token) as gate,
        listening(client, LISTEN) as organizer,
        listening(client, page) as person,
        listening(client, f"{LISTEN}&person={page_token(installation, 2)}") as other,
    ):
        await hub.recheck()
        async with world.transaction() as tx:
            await accounts.revoke_token(tx, "gate of 1", event_id=1, at=OPENING_DAY)
            await accounts.set_password(tx, "organizer@example.org", "another")
            first = participants.update().where(participants.c.id == 1)
            await tx.execute(first.values(link_generation=2))
        await hub.recheck()
        ends = [await ear.hear() for ear in (gate, organizer, person)]
        still = await heard(world, other)

    assert ends == [None, None, None]
    assert still == {*FOR_EVERYBODY, "of session 2", "to person 2"}


async def test_a_user_whose_role_changed_comes_again_with_the_new_one(
    client: Client, installation: Installation, world: Database
) -> None:
    await signed_in(client, installation, Role.ORGANIZER)
    async with listening(client, LISTEN) as ear:
        async with world.transaction() as tx:
            await accounts.add_user(
                tx, "organizer@example.org", "", Role.GATE, event_id=1, at=OPENING_DAY
            )
        await client.app[HUB].recheck()
        end = await ear.hear()
    async with listening(client, LISTEN) as ear:
        names = await heard(world, ear)

    assert end is None
    assert names == FOR_EVERYBODY | OF_SESSIONS | BY_ROLE[Role.GATE]


async def test_an_event_that_is_taken_back_lets_the_public_go(
    client: Client, world: Database
) -> None:
    async with listening(client, LISTEN) as ear:
        async with world.transaction() as tx:
            await tx.execute(events.update().values(state=EventState.DRAFT))
        await client.app[HUB].recheck()
        end = await ear.hear()

    assert end is None
