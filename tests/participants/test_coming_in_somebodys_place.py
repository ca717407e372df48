"""Who comes in somebody's place: the invited person stays on the list, and the quota is kept."""

import pytest

from eventhub.db.engine import Database
from eventhub.errors import Conflict, Invalid
from eventhub.participants import actions, standing
from eventhub.participants.standing import Named
from tests import make

AT = make.at("08:00", "2021-02-20")
SECRETARY = Named("Sekretaris Bappeda", "Sekretaris", "sekretaris@example.org")


@pytest.fixture
async def office(database: Database) -> Database:
    """Store an office that has named all it may, and two sessions."""
    await make.stored(
        database,
        make.event(),
        make.room(),
        make.delegation(1, name="Bappeda Provinsi Papua", quota=1),
        make.participant(1, name="Kepala Bappeda", email="kepala@example.org"),
        make.session(1, code="pembukaan"),
        make.session(2, code="desk", starts_at=make.at("13:00"), ends_at=make.at("14:00")),
    )
    return database


async def name(database: Database, who: Named = SECRETARY, session_id: int | None = None) -> int:
    async with database.transaction() as tx:
        principal = await actions.get_participant(tx, 1, 1)
        person = await standing.name_substitute(
            tx, make.event(), principal, who, session_id=session_id, at=AT
        )
    return person.id


async def seats(database: Database) -> list[tuple[str, bool, set[int]]]:
    async with database.reading() as tx:
        found = await standing.list_substitutes(tx, 1)
    return [(one.name, one.is_whole, set(one.session_ids)) for one in found]


async def test_a_substitute_replaces_and_takes_no_place_of_the_quota(office: Database) -> None:
    id = await name(office)

    async with office.reading() as tx:
        person = await actions.get_participant(tx, 1, id)
    assert (person.name, person.position, person.in_place_of, person.delegation_id) == (
        "Sekretaris Bappeda",
        "Sekretaris",
        "Kepala Bappeda",
        1,
    )
    async with office.transaction() as tx:
        with pytest.raises(Conflict):
            await actions.add_participant(tx, make.event(), person.details, at=AT)


async def test_another_may_come_to_each_session(office: Database) -> None:
    await name(office, session_id=1)
    await name(office, Named("Kepala Bidang", "", "bidang@example.org"), session_id=2)

    assert await seats(office) == [
        ("Sekretaris Bappeda", False, {1}),
        ("Kepala Bidang", False, {2}),
    ]


async def test_the_same_person_may_come_to_several(office: Database) -> None:
    first = await name(office, session_id=1)
    second = await name(office, session_id=2)

    assert (first == second, await seats(office)) == (
        True,
        [("Sekretaris Bappeda", False, {1, 2})],
    )


async def test_who_is_named_later_takes_the_seat_and_the_first_is_taken_out(
    office: Database,
) -> None:
    await name(office, session_id=1)
    await name(office, Named("Kepala Bidang", "", "bidang@example.org"), session_id=1)

    assert await seats(office) == [("Kepala Bidang", False, {1})]


async def test_for_the_whole_event_one_comes_and_no_other_beside(office: Database) -> None:
    await name(office, session_id=1)
    await name(office)

    assert await seats(office) == [("Sekretaris Bappeda", True, set())]
    with pytest.raises(Conflict):
        await name(office, Named("Kepala Bidang", "", "bidang@example.org"), session_id=2)


async def test_what_is_taken_back_takes_the_substitute_out(office: Database) -> None:
    await name(office)

    async with office.transaction() as tx:
        principal = await actions.get_participant(tx, 1, 1)
        done = await standing.call_off(tx, make.event(), principal, session_id=None, at=AT)
    assert (done, await seats(office)) == (True, [])


async def test_nobody_stands_in_for_a_substitute_or_for_themselves(office: Database) -> None:
    id = await name(office)

    async with office.transaction() as tx:
        substitute = await actions.get_participant(tx, 1, id)
        with pytest.raises(Conflict):
            await standing.name_substitute(
                tx, make.event(), substitute, SECRETARY, session_id=1, at=AT
            )
    with pytest.raises(Invalid):
        await name(office, Named("Kepala Bappeda", "", "Kepala@Example.org"), session_id=1)
