"""Importing lists of people into the database, on both engines."""

import sqlalchemy as sa

from eventhub.db.engine import Database
from eventhub.events.actions import get_event
from eventhub.participants import importing
from eventhub.participants.importing import Imported
from eventhub.participants.tables import delegations, participants
from tests import make
from tests.participants.statements import counted

HEADER = "Nama;Jabatan;Instansi;Provinsi;Surel;No. HP;Kehadiran"


async def imported(database: Database, *lines: str, dry_run: bool = False) -> Imported:
    people = await importing.read_people("\n".join([HEADER, *lines]).encode())
    async with database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        return await importing.import_people(
            tx, event, people, at=make.at("08:30"), dry_run=dry_run
        )


async def people(database: Database) -> list[tuple[str, str, str, str, int]]:
    query = (
        sa.select(
            participants.c.name,
            delegations.c.code,
            participants.c.phone,
            participants.c.attendance,
            participants.c.version,
        )
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .order_by(participants.c.id)
    )
    async with database.reading() as tx:
        return [tuple(row) for row in await tx.execute(query)]


async def parents(database: Database) -> dict[str, str | None]:
    above = delegations.alias()
    query = sa.select(delegations.c.code, above.c.code).outerjoin(
        above, above.c.id == delegations.c.parent_id
    )
    async with database.reading() as tx:
        return dict([tuple(row) for row in await tx.execute(query)])


async def test_people_offices_and_provinces_are_made_then_updated_then_left(
    database: Database,
) -> None:
    await make.stored(database, make.event(), make.delegation(1, code="ppn", name="Bappenas"))
    lines = [
        "Kepala;Kepala;Bappeda;Papua;kepala@papua.example.org;'0812345;streaming",
        "Kepala;Kepala;Bappeda;Bali;kepala@bali.example.org;;zoom",
        "Menteri;;bappenas;;;;luring",
    ]

    first = await imported(database, *lines)
    after_first = await people(database)
    lines[2] = "Menteri;;ppn;;;0811111;luring"
    second = await imported(database, *lines)
    third = await imported(database, *lines)

    assert (first, second, third) == (
        Imported(3, 0, 0, ()),
        Imported(0, 1, 2, ()),
        Imported(0, 0, 3, ()),
    )
    assert after_first == [
        ("Kepala", "bappeda-papua", "0812345", "stream", 1),
        ("Kepala", "bappeda-bali", "", "meeting", 1),
        ("Menteri", "ppn", "", "onsite", 1),
    ]
    assert (await people(database))[2] == ("Menteri", "ppn", "0811111", "onsite", 2)
    assert await parents(database) == {
        "ppn": None,
        "papua": None,
        "bali": None,
        "bappeda-papua": "papua",
        "bappeda-bali": "bali",
    }


async def test_a_dry_run_tells_the_same_and_writes_nothing(database: Database) -> None:
    await make.stored(database, make.event())

    checked = await imported(database, "Kepala;;Bappeda;Papua;;;", dry_run=True)

    assert checked == Imported(1, 0, 0, ())
    assert (await people(database), await parents(database)) == ([], {})


async def test_another_events_people_are_not_touched(database: Database) -> None:
    await make.stored(
        database,
        make.event(1),
        make.event(2),
        make.delegation(1, event_id=2, code="papua", name="Papua"),
        make.participant(1, event_id=2, name="Gubernur", email="gubernur@example.org"),
    )

    result = await imported(database, "Gubernur baru;;Papua;;gubernur@example.org;;")

    assert result == Imported(1, 0, 0, ())
    assert [row[0] for row in await people(database)] == ["Gubernur", "Gubernur baru"]


async def test_two_hundred_rows_take_as_many_statements_as_two(database: Database) -> None:
    await make.stored(database, make.event())

    def lines(count: int, start: int) -> list[str]:
        return [
            f"Orang {i};;Dinas {i};Provinsi {i % 34};o{i}@example.org;;luring"
            for i in range(start, start + count)
        ]

    with counted() as few:
        await imported(database, *lines(2, 0))
    with counted() as many:
        result = await imported(database, *lines(200, 100))

    assert result == Imported(200, 0, 0, ())
    # PostgreSQL takes new rows in batches of a thousand parameters' worth.
    assert len(many) <= len(few) + 2
