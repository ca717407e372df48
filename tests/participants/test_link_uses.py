"""A join link that is used from many places is shown to organizers, until it is replaced."""

import pytest

from eventhub.db.engine import Database
from eventhub.participants import actions, link_uses
from tests import make

AGENT = "Mozilla/5.0 (Android)"


@pytest.fixture
async def stored(database: Database) -> Database:
    await make.stored(
        database,
        make.event(),
        make.room(),
        make.delegation(1),
        make.participant(1),
        make.session(1, code="desk", title="Desk"),
    )
    return database


def place(address: str, agent: str = AGENT, *, event_id: int = 1) -> link_uses.Place:
    return link_uses.place_of(address, agent, secret="s" * 32, event_id=event_id)


async def use(database: Database, *places: link_uses.Place) -> None:
    async with database.transaction() as tx:
        for each in places:
            await link_uses.note(tx, 1, 1, 1, each, at=make.at("09:00"))


async def shared(database: Database) -> list[tuple[str, int, int]]:
    async with database.reading() as tx:
        return [
            (one.session, one.networks, one.places) for one in await link_uses.list_shared(tx, 1)
        ]


def test_a_place_is_a_network_and_a_browser_and_names_neither() -> None:
    assert place("203.0.113.7") == place("203.0.113.99")
    assert place("203.0.113.7") != place("203.0.114.7")
    assert place("2001:db8:1::1") == place("2001:db8:1:ffff::2")
    assert place("203.0.113.7") != place("203.0.113.7", "Mozilla/5.0 (X11)")
    assert place("203.0.113.7") != place("203.0.113.7", event_id=2)
    assert "203" not in place("203.0.113.7").network


async def test_a_link_used_in_three_networks_is_one_persons(stored: Database) -> None:
    await use(stored, *(place(f"10.0.{n}.1") for n in range(3)), place("10.0.0.2"))

    assert await shared(stored) == []


async def test_a_link_used_in_more_networks_is_shown_until_it_is_replaced(stored: Database) -> None:
    await use(stored, *(place(f"10.0.{n}.1") for n in range(4)), place("10.0.0.1"))
    before = await shared(stored)
    async with stored.transaction() as tx:
        person = await actions.hold_participant(tx, 1, 1)
        await actions.renew_links(tx, person)

    assert before == [("Desk", 4, 4)]
    assert await shared(stored) == []


async def test_a_link_used_on_many_devices_of_one_network_is_shown(stored: Database) -> None:
    await use(stored, *(place("10.0.0.1", f"browser {n}") for n in range(7)))

    assert await shared(stored) == [("Desk", 1, 7)]
