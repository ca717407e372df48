"""Tickets that were tampered with, shown twice, at another event, or signed with a key that is no more."""

import pytest

from eventhub.checkin import actions, badge, keys, store
from eventhub.checkin.model import Result
from eventhub.db.engine import Database
from eventhub.errors import Conflict, NotFound
from eventhub.installation import Installation
from eventhub.web.access import Role
from tests.callers import Client, signed_in
from tests.checkin import gate
from tests.checkin.gate import SECRETS, Hall


def brief(result: Result) -> str | None:
    return result.reason.value if result.reason else result.status.value


async def rotated(hall: Hall) -> int:
    async with hall.database.transaction() as tx:
        return await keys.rotate(tx, hall.event, who="command", secrets=SECRETS, at=hall.now)


async def retired(hall: Hall, key: int) -> int:
    async with hall.database.transaction() as tx:
        return await keys.retire(tx, hall.event, key, who="command", at=hall.now)


async def test_no_changed_letter_of_a_ticket_is_let_in(database: Database) -> None:
    hall = await gate.built(database)
    text = hall.texts[1]
    changed = [
        text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        for place in range(0, len(text), 11)
    ]

    told = await hall.record(*(hall.item(each) for each in changed))

    assert {brief(result) for result in told} <= {"bad_signature", "unknown"}
    assert await hall.inside() == {}


async def test_a_copied_ticket_is_let_in_once(database: Database) -> None:
    hall = await gate.built(database)

    told = [brief(await hall.scan(1, "gate-1", 0)), brief(await hall.scan(1, "gate-2", 1))]

    assert told == ["ok", "already_in"]


async def test_a_ticket_of_another_event_is_told_so(database: Database) -> None:
    hall = await gate.built(database)
    other = await gate.with_event(hall)
    async with database.transaction() as tx:
        ticket = await actions.ticket_for(tx, other, 200, secrets=SECRETS, at=hall.now)

    assert brief(await hall.scan(ticket.text)) == "wrong_event"


async def test_after_a_rotation_old_tickets_stay_good_and_new_ones_bear_the_new_key(
    database: Database,
) -> None:
    hall = await gate.built(database, people=2)
    assert await rotated(hall) == 2
    async with database.transaction() as tx:
        fresh = await actions.reissue_ticket(
            tx, hall.event, 2, who="command", secrets=SECRETS, at=hall.now
        )

    assert badge.read(fresh.text).key_id == 2
    assert brief(await hall.scan(1)) == "ok"
    assert brief(await hall.scan(fresh.text)) == "ok"


async def test_a_retired_key_takes_its_tickets_along_and_holders_get_new_ones(
    database: Database,
) -> None:
    hall = await gate.built(database, people=2)
    async with database.reading() as tx:
        first = (await store.list_keys(tx, 1))[1]
    private = SECRETS.sealer.unseal(first.sealed_private_key)
    forged = badge.write(private, key_id=1, event_id=1, number=42)
    await rotated(hall)

    assert await retired(hall, 1) == 2

    assert brief(await hall.scan(1)) == "revoked"
    assert brief(await hall.scan(forged)) == "bad_signature"
    renewed = await hall.ticket(1)
    assert badge.read(renewed).key_id == 2
    assert brief(await hall.scan(renewed)) == "ok"
    async with database.reading() as tx:
        listed = await keys.list_keys(tx, hall.event)
    assert [(key.key_id, key.retired_at, key.signed) for key in listed] == [
        (1, hall.now, 0),
        (2, None, 1),
    ]


async def test_the_key_that_signs_and_one_that_is_gone_are_not_retired(database: Database) -> None:
    hall = await gate.built(database)
    with pytest.raises(Conflict, match="Rotate the keys first"):
        await retired(hall, 1)
    with pytest.raises(NotFound):
        await retired(hall, 9)
    await rotated(hall)
    await retired(hall, 1)
    with pytest.raises(Conflict, match="retired already"):
        await retired(hall, 1)


async def test_organizers_rotate_and_retire_keys_on_their_page(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    csrf = await signed_in(client, installation, Role.ORGANIZER)
    url = "/manage/rakortek/checkin/keys"

    early = await client.post(f"{url}/1/retire", data={"csrf": csrf, "sure": "1"})
    rotated_here = await client.post(url, data={"csrf": csrf}, allow_redirects=False)
    unsure = await client.post(f"{url}/1/retire", data={"csrf": csrf})
    assert brief(await hall.scan(1)) == "ok"
    done = await client.post(
        f"{url}/1/retire", data={"csrf": csrf, "sure": "1"}, allow_redirects=False
    )
    shown = await (await client.get(url)).text()

    assert [early.status, rotated_here.status, unsure.status, done.status] == [409, 303, 422, 303]
    assert brief(await hall.scan(2)) == "revoked"
    assert "tidak berlaku" in shown


async def test_gate_staff_do_not_reach_the_keys(client: Client, installation: Installation) -> None:
    await gate.built(installation.database)
    await signed_in(client, installation, Role.GATE)

    assert (await client.get("/manage/rakortek/checkin/keys")).status == 403
