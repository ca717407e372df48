"""`/live/{event}`: what a listener hears, from where, and how it ends."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.db.engine import Database
from eventhub.events.model import EventState
from eventhub.installation import Installation
from tests import make
from tests.callers import Client
from tests.live.listening import Message, listened, listening
from tests.standins.clock import OPENING_DAY


async def tell(tx: AsyncConnection, n: int, **told: Any) -> None:
    kind = told.pop("kind", "programme")
    await news.tell(tx, kind, {"n": n}, event_id=told.pop("event_id", 1), at=OPENING_DAY, **told)


async def say(database: Database, n: int, **told: Any) -> None:
    async with database.transaction() as tx:
        await tell(tx, n, **told)


async def published(database: Database) -> None:
    await make.stored(database, make.event(state=EventState.PUBLISHED))


async def test_what_is_told_is_sent_as_a_server_sent_event(
    client: Client, database: Database
) -> None:
    await published(database)

    async with client.get("/live/rakortek") as response:
        greeting = [await response.content.readline() for _ in range(5)]
        await say(database, 1)
        sent = [await response.content.readline() for _ in range(4)]

    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in response.headers
    assert greeting[0].startswith(b"retry: ")
    assert greeting[1:] == [
        b"id: 0\n",
        b"event: hello\n",
        b'data: {"last":0,"missed":false}\n',
        b"\n",
    ]
    assert sent == [b"id: 1\n", b"event: programme\n", b'data: {"n":1}\n', b"\n"]


async def test_who_comes_anew_hears_what_happens_from_then_on(
    client: Client, database: Database
) -> None:
    await published(database)
    await say(database, 1)

    async with listened(client) as (ear, hello):
        await say(database, 2)
        heard = await ear.hear()

    assert hello == Message(1, "hello", {"last": 1, "missed": False})
    assert heard == Message(2, "programme", {"n": 2})


async def test_who_comes_again_is_told_what_happened_meanwhile(
    client: Client, database: Database
) -> None:
    await published(database)
    for n in (1, 2, 3):
        await say(database, n)

    async with listened(client, headers={"Last-Event-ID": "1"}) as (ear, hello):
        await say(database, 4)
        by_header = [await ear.hear() for _ in range(3)]
    async with listening(client, "/live/rakortek?last=3") as ear:
        by_query = await ear.hear()

    assert hello == Message(1, "hello", {"last": 3, "missed": False})
    assert by_header == [Message(n, "programme", {"n": n}) for n in (2, 3, 4)]
    assert by_query == Message(4, "programme", {"n": 4})


async def test_who_was_away_for_longer_than_news_are_kept_learns_that_something_is_missing(
    client: Client, database: Database
) -> None:
    await published(database)
    for n in (1, 2, 3):
        await say(database, n)
    async with database.transaction() as tx:
        await tx.execute(news.news.delete().where(news.news.c.id < 3))

    async with listened(client, headers={"Last-Event-ID": "1"}) as (ear, hello):
        heard = await ear.hear()
    async with listened(client, headers={"Last-Event-ID": "99"}) as (_, of_another_time):
        pass

    assert hello == Message(1, "hello", {"last": 3, "missed": True})
    assert heard == Message(3, "programme", {"n": 3})
    assert of_another_time == Message(3, "hello", {"last": 3, "missed": True})


async def test_an_id_that_is_none_of_ours_counts_as_none(
    client: Client, database: Database
) -> None:
    await published(database)
    await say(database, 1)

    async with listened(client, headers={"Last-Event-ID": "yesterday"}) as (_, hello):
        pass

    assert hello == Message(1, "hello", {"last": 1, "missed": False})


async def test_only_the_kinds_asked_for_are_sent(client: Client, database: Database) -> None:
    await published(database)

    async with listening(client, "/live/rakortek?kinds=broadcast,announcement") as ear:
        for n, kind in enumerate(("programme", "announcement", "question", "broadcast")):
            await say(database, n, kind=kind)
        heard = [await ear.hear() for _ in range(2)]

    assert heard == [Message(2, "announcement", {"n": 1}), Message(4, "broadcast", {"n": 3})]


async def test_a_kind_that_does_not_exist_is_refused(client: Client, database: Database) -> None:
    await published(database)

    refused = await client.get(
        "/live/rakortek?kinds=gossip&lang=en", headers={"Accept": "application/json"}
    )

    assert refused.status == 422
    assert (await refused.json())["errors"] == [
        {
            "field": "kinds",
            "message": "The kinds are programme, occupancy, broadcast, announcement, question, mail.",
        }
    ]


async def test_another_events_news_are_not_heard(client: Client, database: Database) -> None:
    await make.stored(
        database,
        make.event(state=EventState.PUBLISHED),
        make.event(2, state=EventState.PUBLISHED),
    )

    async with listening(client) as here, listening(client, "/live/rakortek-2") as there:
        await say(database, 1, event_id=2)
        await say(database, 2, event_id=1)
        heard = (await here.hear(), await there.hear())

    assert heard == (Message(2, "programme", {"n": 2}), Message(1, "programme", {"n": 1}))


async def test_what_another_process_tells_is_heard_too(
    client: Client, database: Database, database_url: str
) -> None:
    await published(database)
    other = Database(database_url)

    async with listening(client) as ear:
        await say(other, 1)
        heard = await ear.hear()
    await other.close()

    assert heard == Message(1, "programme", {"n": 1})


async def test_many_changes_in_quick_succession_are_told_once_when_they_say_the_same(
    client: Client, database: Database
) -> None:
    await published(database)

    async with listening(client) as ear:
        async with database.transaction() as tx:
            rows = [
                {"event_id": 1, "kind": "occupancy", "data": {"n": n}, "at": OPENING_DAY}
                for n in (1, 2, 1)
            ]
            for row in rows:
                await news.write(tx, [row])
        await say(database, 9)
        heard = [await ear.hear() for _ in range(3)]

    assert heard == [
        Message(2, "occupancy", {"n": 2}),
        Message(3, "occupancy", {"n": 1}),
        Message(4, "programme", {"n": 9}),
    ]


async def test_nobody_waits_for_a_listener_when_the_server_ends(
    client: Client, database: Database, installation: Installation
) -> None:
    await published(database)

    async with listening(client) as ear:
        await client.server.close()
        last = await ear.hear()

    assert last is None
