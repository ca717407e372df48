"""Webhooks: what happens reaches a program's address, signed, once it is there; refused things change nothing."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub import news
from eventhub.installation import Installation
from eventhub.web.idempotency import idempotency_keys
from eventhub.webhooks import jobs, rules
from eventhub.webhooks.tables import webhook_deliveries, webhooks
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.standins.clock import StillClock
from tests.webhooks.receiver import Receiver, receiving

API = "/api/v1/events/rakortek/webhooks"
PAGE = "/manage/rakortek/webhooks"


@pytest.fixture(autouse=True)
async def world(installation: Installation) -> None:
    await make.stored(installation.database, make.event())


@pytest.fixture
async def owner(installation: Installation) -> dict[str, str]:
    return await bearer(installation)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


async def add(client: Client, owner: dict[str, str], url: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(API, json={"url": url, **more}, headers=owner)
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


async def tell(installation: Installation, kind: str, data: dict[str, Any], **more: Any) -> None:
    async with installation.database.transaction() as tx:
        await news.tell(tx, kind, data, event_id=1, at=installation.clock.now(), **more)


async def work(installation: Installation) -> None:
    await jobs.collect(installation)
    await jobs.deliver(installation)


async def deliveries(client: Client, owner: dict[str, str]) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/1/deliveries", headers=owner)
    return list((await answer.json())["items"])


async def test_the_same_request_again_shows_the_secret_again_and_no_database_holds_it(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver
) -> None:
    headers = owner | {"Idempotency-Key": "k1"}

    made, again = [await add(client, headers, receiver.url) for _ in range(2)]

    assert made == again
    async with installation.database.reading() as tx:
        kept = (await tx.execute(sa.select(idempotency_keys.c.body))).scalar_one()
        assert (await tx.execute(sa.select(sa.func.count()).select_from(webhooks))).scalar() == 1
    assert made["secret"] not in kept
    assert made["url"] not in kept


async def test_what_happens_is_told_signed_with_the_secret_shown_once(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver
) -> None:
    made = await add(client, owner, receiver.url)
    await tell(installation, "programme", {"release": 1})

    await work(installation)
    await work(installation)

    [(headers, body)] = receiver.messages
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    stamp = int(installation.clock.now().timestamp())
    assert json.loads(body) == {
        "type": "programme",
        "timestamp": "2021-02-25T01:30:00Z",
        "event": "rakortek",
        "data": {"release": 1},
    }
    assert headers["webhook-timestamp"] == str(stamp)
    assert headers["webhook-signature"] == rules.signature(
        secret, headers["webhook-id"], stamp, body
    )
    listed = await (await client.get(API, headers=owner)).json()
    assert "secret" not in listed["items"][0]


async def test_only_what_was_asked_for_and_is_no_persons_own_is_told(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver
) -> None:
    await tell(installation, "announcement", {"id": 1})  # before the webhook was there
    await add(client, owner, receiver.url, kinds=["announcement"])
    await tell(installation, "programme", {"release": 1})
    await tell(installation, "announcement", {"id": 2}, participant_id=7)
    await tell(installation, "announcement", {"id": 3})

    await work(installation)

    assert [json.loads(body)["data"] for _, body in receiver.messages] == [{"id": 3}]


async def test_a_message_that_did_not_arrive_is_tried_again_later_under_the_same_name(
    client: Client,
    installation: Installation,
    owner: dict[str, str],
    receiver: Receiver,
    clock: StillClock,
) -> None:
    await add(client, owner, receiver.url)
    await tell(installation, "programme", {"release": 1})
    receiver.answers = [500, 302]

    await work(installation)
    await work(installation)
    too_early = len(receiver.messages)
    clock.moment += timedelta(seconds=5)
    await work(installation)
    clock.moment += timedelta(minutes=5)
    await work(installation)

    assert too_early == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.messages}) == 1
    assert len(receiver.messages) == 3
    [delivery] = await deliveries(client, owner)
    assert (delivery["attempts"], delivery["status"], delivery["next_at"]) == (3, 204, None)
    assert delivery["delivered_at"] == "2021-02-25T01:35:05Z"


async def test_what_waits_for_one_does_not_keep_others_waiting(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver
) -> None:
    await add(client, owner, "http://127.0.0.1:9/", kinds=["occupancy"])
    await add(client, owner, receiver.url, kinds=["programme"])
    for number in range(60):
        await tell(installation, "occupancy", {"number": number})
    await tell(installation, "programme", {"release": 1})

    await work(installation)

    assert [json.loads(body)["data"] for _, body in receiver.messages] == [{"release": 1}]


async def test_an_address_that_is_gone_is_told_nothing_more_until_a_test_arrives(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver
) -> None:
    await add(client, owner, receiver.url)
    receiver.answers = [410]
    await tell(installation, "programme", {"release": 1})
    await work(installation)
    await tell(installation, "programme", {"release": 2})
    await work(installation)
    stopped = await (await client.get(f"{API}/1", headers=owner)).json()

    asked = await client.post(f"{API}/1/test", headers=owner)
    await work(installation)
    await tell(installation, "programme", {"release": 3})
    await work(installation)

    goes_on = await (await client.get(f"{API}/1", headers=owner)).json()
    assert asked.status == 202
    assert stopped["stopped_at"] == "2021-02-25T01:30:00Z"
    assert goes_on["stopped_at"] is None
    assert [json.loads(body)["data"] for _, body in receiver.messages] == [
        {"release": 1},
        {"webhook": 1},
        {"release": 3},
    ]


async def test_after_the_last_try_it_stops(
    client: Client,
    installation: Installation,
    owner: dict[str, str],
    receiver: Receiver,
    clock: StillClock,
) -> None:
    await add(client, owner, receiver.url)
    await tell(installation, "programme", {"release": 1})
    receiver.answers = [503] * 20
    for _ in range(12):
        await work(installation)
        clock.moment += timedelta(hours=25)

    [delivery] = await deliveries(client, owner)
    assert len(receiver.messages) == 10
    assert delivery["failed_at"] is not None
    async with installation.database.reading() as tx:
        assert (await tx.execute(sa.select(webhooks.c.stopped_at))).scalar_one() is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "[::1]"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_public_server_calls_no_private_network(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver, host: str
) -> None:
    port = receiver.url.rpartition(":")[2].partition("/")[0]
    await add(client, owner, f"http://{host}:{port}/hook")
    await tell(installation, "programme", {"release": 1})
    public = replace(
        installation, settings=replace(installation.settings, base_url="https://events.example.org")
    )

    await work(public)

    [delivery] = await deliveries(client, owner)
    assert receiver.messages == []
    assert (delivery["attempts"], delivery["status"]) == (1, None)
    assert "webhooks may not reach" in delivery["error"] or "canonical" in delivery["error"]


async def test_one_that_was_removed_is_told_nothing(
    client: Client, installation: Installation, owner: dict[str, str], receiver: Receiver
) -> None:
    await add(client, owner, receiver.url)
    await tell(installation, "programme", {"release": 1})
    await jobs.collect(installation)

    blind = await client.delete(f"{API}/1", headers=owner)
    removed = await client.delete(f"{API}/1", headers=owner | {"If-Match": '"1"'})
    await work(installation)

    assert (blind.status, removed.status) == (428, 204)
    assert receiver.messages == []
    async with installation.database.reading() as tx:
        left = sa.select(sa.func.count()).select_from(webhook_deliveries)
        assert (await tx.execute(left)).scalar_one() == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": "ftp://example.org/"},
        {"url": "https://user:pass@example.org/"},
        {"url": "https://example.org/", "kinds": []},
        {"url": "https://example.org/", "kinds": ["mail"]},
        {"url": "https://example.org/", "secret": "own"},
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_wrong_webhook_is_refused(
    client: Client, installation: Installation, owner: dict[str, str], body: dict[str, Any]
) -> None:
    answer = await client.post(API, json=body, headers=owner)

    assert answer.status == 422
    async with installation.database.reading() as tx:
        assert (await tx.execute(sa.select(webhooks))).all() == []


@pytest.mark.parametrize("role", ["gate", "health", "streaming", "viewer"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_webhooks_are_for_organizers(
    client: Client, installation: Installation, role: str
) -> None:
    headers = await bearer(installation, role)

    statuses = [
        (await client.get(API, headers=headers)).status,
        (await client.post(API, json={"url": "https://example.org/"}, headers=headers)).status,
    ]

    assert statuses == [403, 403]


async def test_an_organizer_adds_tests_and_removes_one_on_its_page(
    client: Client, installation: Installation, receiver: Receiver
) -> None:
    csrf = await signed_in(client, installation, "organizer")

    unticked = await client.post(PAGE, data={"csrf": csrf, "url": receiver.url})
    added = await client.post(PAGE, data={"csrf": csrf, "url": receiver.url, "programme": "1"})
    tested = await client.post(f"{PAGE}/1/test", data={"csrf": csrf})
    await work(installation)
    shown = await (await client.get(f"{PAGE}/1?lang=en")).text()
    removed = await client.post(f"{PAGE}/1/remove", data={"csrf": csrf})

    assert unticked.status == 422
    assert "whsec_" in await added.text()
    assert tested.status == 200
    assert "arrived" in shown
    assert "whsec_" not in await (await client.get(PAGE)).text()
    assert removed.status == 200
    assert [json.loads(body)["type"] for _, body in receiver.messages] == ["test"]
