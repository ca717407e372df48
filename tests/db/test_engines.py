import asyncio
from pathlib import Path

import sqlalchemy as sa

from eventhub.db.engine import Database


async def test_a_fresh_database_has_the_newest_schema(database: Database) -> None:
    assert await database.is_current()


def _modes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "eventhub.db"
    opened = Database(f"sqlite:///{file}")

    await opened.migrate()
    modes = await asyncio.to_thread(_modes, tmp_path)
    await opened.close()

    assert modes["eventhub.db"] == 0o600
    assert set(modes.values()) == {0o600}


async def test_what_is_committed_is_read_back(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(sa.text("CREATE TABLE notes (text VARCHAR(20))"))
        await tx.execute(sa.text("INSERT INTO notes VALUES ('kept')"))

    async with database.reading() as tx:
        assert (await tx.execute(sa.text("SELECT text FROM notes"))).scalars().all() == ["kept"]
