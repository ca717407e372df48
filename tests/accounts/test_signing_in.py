"""Signing in and out: what gets in, what does not, and how long it is tried."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from eventhub.accounts import actions, passwords
from eventhub.errors import TooMany
from eventhub.installation import Installation
from eventhub.signing import Signer, digest
from eventhub.web.access import Role
from eventhub.web.guard import CSRF_COOKIE, LOGIN_COOKIE
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock

EMAIL, PASSWORD = "planner@example.org", "sandi yang panjang"
# Verified in a moment: what a hash costs stands within it.
STORED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
async def planner(installation: Installation) -> None:
    await make.stored(installation.database, make.event())
    async with installation.database.transaction() as tx:
        at = installation.clock.now()
        await actions.add_user(tx, EMAIL, STORED, Role.ORGANIZER, event_id=1, at=at)


async def try_with(
    client: Client, installation: Installation, email: str, password: str, going: str = ""
) -> int:
    await client.get("/manage/sign-in")
    seed = client.session.cookie_jar.filter_cookies(client.make_url("/"))[CSRF_COOKIE].value
    csrf = Signer(installation.settings.secret, "csrf").derive(digest(seed))
    form = {"email": email, "password": password, "csrf": csrf, "next": going}
    answer = await client.post("/manage/sign-in", data=form, allow_redirects=False)
    return answer.status


async def test_a_password_is_kept_as_a_dear_hash_and_known_again() -> None:
    stored = await actions.hashed(PASSWORD)

    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.is_password(stored, PASSWORD)
    assert not await passwords.is_password(stored, "something else")


def login(client: Client) -> str | None:
    cookie = client.session.cookie_jar.filter_cookies(client.make_url("/")).get(LOGIN_COOKIE)
    return cookie.value if cookie else None


@pytest.mark.usefixtures("planner")
async def test_the_right_password_signs_in_whatever_the_address_is_written_like(
    client: Client, installation: Installation
) -> None:
    assert await try_with(client, installation, " Planner@Example.ORG ", PASSWORD) == 303
    assert login(client) is not None


@pytest.mark.usefixtures("planner")
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: Client, installation: Installation
) -> None:
    wrong = await try_with(client, installation, EMAIL, "something else")
    unknown = await try_with(client, installation, "nobody@example.org", PASSWORD)

    assert (wrong, unknown) == (422, 422)
    assert login(client) is None


@pytest.mark.usefixtures("planner")
async def test_after_ten_wrong_tries_the_right_password_waits_too(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    at = clock.now()
    async with installation.database.transaction() as tx:
        for n in range(10):
            await actions.begin_try(tx, EMAIL, f"192.0.2.{n}", at)

    too_many = await try_with(client, installation, EMAIL, PASSWORD)
    clock.moment = at + timedelta(minutes=16)
    later = await try_with(client, installation, EMAIL, PASSWORD)

    assert (too_many, later) == (429, 303)


@pytest.mark.usefixtures("planner")
async def test_ten_wrong_tries_from_one_address_stop_it_for_every_account(
    installation: Installation,
) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        for n in range(10):
            await actions.begin_try(tx, f"somebody-{n}@example.org", "192.0.2.7", at)

    async with installation.database.transaction() as tx:
        await actions.begin_try(tx, EMAIL, "192.0.2.8", at)
        with pytest.raises(TooMany) as refused:
            await actions.begin_try(tx, EMAIL, "192.0.2.7", at)
    assert refused.value.retry_after == 15 * 60 + 1


@pytest.mark.usefixtures("planner")
async def test_tries_made_at_the_same_time_are_counted_all_the_same(
    client: Client, installation: Installation
) -> None:
    tries = (try_with(client, installation, EMAIL, f"guess number {n}") for n in range(15))

    answers = await asyncio.gather(*tries)

    assert sorted(answers) == [422] * 10 + [429] * 5


@pytest.mark.usefixtures("planner")
async def test_a_right_password_uses_up_no_try(client: Client, installation: Installation) -> None:
    answers = []
    for _ in range(12):
        client.session.cookie_jar.clear()
        answers.append(await try_with(client, installation, EMAIL, PASSWORD))

    assert answers == [303] * 12


async def test_signing_out_makes_the_cookie_worthless(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")
    stolen = login(client)

    await client.post("/manage/sign-out", data={"csrf": csrf}, allow_redirects=False)
    client.session.cookie_jar.update_cookies({LOGIN_COOKIE: stolen or ""})
    answer = await client.get("/manage/", allow_redirects=False)

    assert stolen is not None
    assert (answer.status, answer.headers["Location"]) == (303, "/manage/sign-in?next=/manage/")


async def test_a_login_ends_by_itself(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await make.stored(installation.database, make.event())
    await callers.signed_in(client, installation, "organizer")
    fresh = await client.get("/manage/", allow_redirects=False)

    clock.moment += actions.LOGIN_LASTS
    old = await client.get("/manage/", allow_redirects=False)

    assert (fresh.status, old.status) == (200, 303)


async def test_a_form_without_its_token_or_from_another_site_is_refused(
    client: Client, installation: Installation
) -> None:
    await make.stored(installation.database, make.event())
    csrf = await callers.signed_in(client, installation, "organizer")

    without = await client.post("/manage/sign-out", data={})
    foreign = await client.post(
        "/manage/sign-out", data={"csrf": csrf}, headers={"Origin": "https://evil.example"}
    )
    beside = await client.post(
        "/manage/sign-out", data={"csrf": csrf}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (without.status, foreign.status, beside.status) == (403, 403, 403)
    assert (await client.get("/manage/")).status == 200


@pytest.mark.usefixtures("planner")
@pytest.mark.parametrize(
    "going", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"]
)
async def test_signing_in_never_leads_to_another_site(
    client: Client, installation: Installation, going: str
) -> None:
    await client.get("/manage/sign-in")
    seed = client.session.cookie_jar.filter_cookies(client.make_url("/"))[CSRF_COOKIE].value
    csrf = Signer(installation.settings.secret, "csrf").derive(digest(seed))
    form = {"email": EMAIL, "password": PASSWORD, "csrf": csrf, "next": going}

    answer = await client.post("/manage/sign-in", data=form, allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/manage/")
