"""A phone that is a scanner hears what happens by the cookie that it has for `/scan` alone."""

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.checkin import device_store, enrolling
from eventhub.checkin.phones import COOKIE
from eventhub.db.engine import Database
from eventhub.live.hub import HUB
from eventhub.web.access import Right
from tests import make
from tests.callers import Client
from tests.live.listening import Message, listening
from tests.standins.clock import OPENING_DAY


async def tell(tx: AsyncConnection, right: Right) -> None:
    told = {"right": right.value}
    await news.tell(tx, "occupancy", told, event_id=1, at=OPENING_DAY, right=right.value)


async def test_a_scanner_hears_what_a_gate_may_see_until_it_is_revoked(
    client: Client, database: Database
) -> None:
    event = make.event()
    await make.stored(database, event)
    async with database.transaction() as tx:
        code = await enrolling.invite_device(tx, event, name="Gerbang", who="t", at=OPENING_DAY)
        phone, token = await enrolling.enrol(tx, code, at=OPENING_DAY)

    async with listening(client, "/scan/live", {"Cookie": f"{COOKIE}={token}"}) as ear:
        async with database.transaction() as tx:
            await tell(tx, Right.HEALTH_READ)
            await tell(tx, Right.PASSAGES_READ)
        heard = await ear.hear()
        await client.app[HUB].recheck()
        async with database.transaction() as tx:
            await device_store.revoke_device(tx, 1, phone.id, OPENING_DAY)
        await client.app[HUB].recheck()
        end = await ear.hear()

    assert heard == Message(2, "occupancy", {"right": Right.PASSAGES_READ.value})
    assert end is None


async def test_a_phone_that_is_no_scanner_hears_nothing(client: Client) -> None:
    answer = await client.get("/scan/live", headers={"Cookie": f"{COOKIE}=nothing"})

    assert answer.status == 401
