import sqlalchemy as sa

from eventhub.db.engine import Database


async def test_a_fresh_database_has_the_newest_schema(database: Database) -> None:
    assert await database.is_current()


async def test_what_is_committed_is_read_back(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(sa.text("CREATE TABLE notes (text VARCHAR(20))"))
        await tx.execute(sa.text("INSERT INTO notes VALUES ('kept')"))

    async with database.reading() as tx:
        assert (await tx.execute(sa.text("SELECT text FROM notes"))).scalars().all() == ["kept"]
