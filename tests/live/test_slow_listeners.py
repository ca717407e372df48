"""Who takes nothing is let go, and keeps nobody waiting."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing

from eventhub import news
from eventhub.db.engine import Database
from eventhub.events.model import EventState
from eventhub.live.hub import HUB
from tests import make
from tests.callers import Client
from tests.live.listening import PATIENCE_S, listened, listening
from tests.standins.clock import OPENING_DAY

LARGE = "x" * 15_000
AT_ONCE = 50


async def say(database: Database, *numbers: int) -> None:
    async with database.transaction() as tx:
        for n in numbers:
            told = {"n": n, "filling": LARGE}
            await news.tell(tx, "programme", told, event_id=1, at=OPENING_DAY)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(2 * PATIENCE_S):
        while not holds():  # noqa: ASYNC110 -- the hub tells nobody
            await asyncio.sleep(0.01)


async def test_a_listener_who_reads_nothing_is_let_go_while_others_hear_everything(
    client: Client, database: Database
) -> None:
    await make.stored(database, make.event(state=EventState.PUBLISHED))
    hub = client.app[HUB]
    loop = asyncio.get_running_loop()
    with closing(socket.socket()) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await loop.sock_connect(slow, (client.host, client.port))
        await loop.sock_sendall(slow, b"GET /live/rakortek HTTP/1.1\r\nHost: x\r\n\r\n")
        async with listening(client) as ear:
            await until(lambda: hub.count == 2)
            told = 0
            async with asyncio.timeout(PATIENCE_S * 3):
                while hub.count == 2:
                    await say(database, *range(told, told + AT_ONCE))
                    heard = [await ear.hear() for _ in range(AT_ONCE)]
                    numbers = [each and each.data["n"] for each in heard]
                    assert numbers == list(range(told, told + AT_ONCE))
                    told += AT_ONCE
    # What fits into the sockets' and the server's buffers, and the few that may wait.
    assert 200 < told < 5000


async def test_a_thousand_things_at_once_let_nobody_go_who_listens(
    client: Client, database: Database
) -> None:
    await make.stored(database, make.event(state=EventState.PUBLISHED))
    async with listening(client) as ear:
        async with database.transaction() as tx:
            for n in range(1000):
                await news.tell(tx, "programme", {"n": n}, event_id=1, at=OPENING_DAY)
        heard = [await ear.hear() for _ in range(1000)]

    assert [each and each.data["n"] for each in heard] == list(range(1000))


async def test_a_listener_who_was_let_go_comes_again_and_has_missed_nothing(
    client: Client, database: Database
) -> None:
    await make.stored(database, make.event(state=EventState.PUBLISHED))
    hub = client.app[HUB]
    async with listening(client) as ear:
        (listener,) = (each for turn in hub._turns for each in turn)
        await say(database, 1)
        first = await ear.hear()
        for _ in range(500):
            listener.offer(b":\n\n")
        await say(database, 2)
        last = await ear.hear()
    assert first is not None
    async with listened(client, headers={"Last-Event-ID": str(first.id)}) as (ear, hello):
        again = await ear.hear()

    assert last is None
    assert hello.data == {"last": 2, "missed": False}
    assert again is not None
    assert again.data["n"] == 2


async def test_lines_are_kept_open_by_comments(client: Client, database: Database) -> None:
    await make.stored(database, make.event(state=EventState.PUBLISHED))
    async with listening(client) as ear:
        (listener,) = (each for turn in client.app[HUB]._turns for each in turn)
        listener.offer(b":\n\n")
        await say(database, 1)
        await ear.hear()

    assert ear.comments == [":"]


async def test_a_hub_that_nobody_listens_to_does_nothing(
    client: Client, database: Database
) -> None:
    await make.stored(database, make.event(state=EventState.PUBLISHED))
    hub = client.app[HUB]
    async with listening(client):
        working = [task.get_name() for task in hub._working if not task.done()]
    # It is noticed when the next comment cannot be sent.
    await until(lambda: hub.count == 0)

    assert len(working) == 3
    assert hub._working == []
