"""What happened and may interest who looks on: rows written beside their cause, which `live` sends to open pages.

A row is written as the last statement of its transaction, and writers of one event's news take turns there. So an
event's rows become visible in the order of their ids, and whoever has read up to an id has missed none below it.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import Database, do_last
from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

# A line for each of some hundred rooms; more is fetched, not told.
LONGEST_DATA = 64_000


class Kind(StrEnum):
    PROGRAMME = "programme"
    OCCUPANCY = "occupancy"
    BROADCAST = "broadcast"
    ANNOUNCEMENT = "announcement"
    QUESTION = "question"
    MAIL = "mail"


# Sessions and participants are named without a foreign key: what is told of them outlives them by nothing but the hour
# that rows are kept.
news = sa.Table(
    "news",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("needed_right", sa.String(100), nullable=True),
    sa.Column("session_id", sa.Integer, nullable=True),
    sa.Column("participant_id", sa.Integer, nullable=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Index("ix_news_event_id_id", "event_id", "id"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. `right` is the value of the access right it takes to see it.

    Without a right it is for everybody; with a session for those it concerns; with a participant for that person.
    """

    id: int
    event_id: int
    kind: Kind
    data: dict[str, Any]
    right: str | None
    session_id: int | None
    participant_id: int | None


def row(
    kind: str,
    data: dict[str, Any],
    *,
    event_id: int,
    at: datetime,
    right: str | None = None,
    session_id: int | None = None,
    participant_id: int | None = None,
) -> dict[str, Any]:
    """Return what to write of something that happened; a ValueError says that it cannot be told.

    `data` holds codes and numbers, never personal data; a page that needs more asks for it.
    """
    if len(json.dumps(data)) > LONGEST_DATA:
        raise ValueError(f"too much to tell of {kind}")
    return {
        "event_id": event_id,
        "kind": Kind(kind),
        "data": data,
        "needed_right": right,
        "session_id": session_id,
        "participant_id": participant_id,
        "at": at,
    }


async def tell(
    tx: AsyncConnection,
    kind: str,
    data: dict[str, Any],
    *,
    event_id: int,
    at: datetime,
    right: str | None = None,
    session_id: int | None = None,
    participant_id: int | None = None,
) -> None:
    """Tell open pages of something once this transaction has committed; the arguments are those of `row`.

    What was told within a savepoint that is rolled back is told nevertheless.
    """
    told = row(
        kind,
        data,
        event_id=event_id,
        at=at,
        right=right,
        session_id=session_id,
        participant_id=participant_id,
    )
    do_last(tx, write, told)


async def write(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Write what a transaction tells; `Database.on_commit(write, …)` wakes who reads it."""
    if tx.dialect.name == "postgresql":
        for event_id in sorted({told["event_id"] for told in rows}):
            await tx.execute(
                sa.text("SELECT pg_advisory_xact_lock(7308, :event)"), {"event": event_id}
            )
    for told in _without_repetition(rows):
        await tx.execute(news.insert().values(**told))


async def tell_alone(
    database: Database,
    kind: str,
    data: dict[str, Any],
    *,
    event_id: int,
    at: datetime,
    right: str | None = None,
) -> None:
    """Tell open pages of something in a transaction of its own, as short as the engine allows."""
    if database.is_sqlite:
        told = row(kind, data, event_id=event_id, at=at, right=right)
        await database.at_once(lambda connection: write_plainly(connection, [told]))
    else:
        async with database.transaction() as tx:
            await tell(tx, kind, data, event_id=event_id, at=at, right=right)


def write_plainly(connection: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as `row` makes them within `Database.at_once`; readers find them when they next ask."""
    connection.executemany(
        "INSERT INTO news (event_id, kind, data, needed_right, session_id, participant_id, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row["event_id"],
                row["kind"],
                json.dumps(row["data"]),
                row["needed_right"],
                row["session_id"],
                row["participant_id"],
                f"{row['at'].astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            )
            for row in rows
        ],
    )


def _without_repetition(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that differ: a use case that changes a session twice tells of it once."""
    kept: list[dict[str, Any]] = []
    for told in rows:
        if told not in kept:
            kept.append(told)
    return kept


async def read_after(tx: AsyncConnection, seen: Mapping[int, int], limit: int) -> list[Item]:
    """Return what came after the last id seen of each event, oldest first."""
    newer = [
        sa.and_(news.c.event_id == event_id, news.c.id > last) for event_id, last in seen.items()
    ]
    statement = sa.select(news).where(sa.or_(*newer)).order_by(news.c.id).limit(limit)
    return [_item(found) for found in await tx.execute(statement)]


async def read_between(
    tx: AsyncConnection,
    event_id: int,
    after: int,
    upto: int,
    *,
    kinds: Collection[Kind],
    limit: int,
) -> list[Item]:
    """Return an event's news of some kinds after one id and up to another, oldest first."""
    statement = (
        sa.select(news)
        .where(
            news.c.event_id == event_id,
            news.c.id > after,
            news.c.id <= upto,
            news.c.kind.in_(kinds),
        )
        .order_by(news.c.id)
        .limit(limit)
    )
    return [_item(found) for found in await tx.execute(statement)]


async def last_id(tx: AsyncConnection, event_id: int) -> int:
    """Return the id of the event's newest row; 0 before anything happened."""
    statement = sa.select(sa.func.max(news.c.id)).where(news.c.event_id == event_id)
    return (await tx.execute(statement)).scalar_one() or 0


async def is_known(tx: AsyncConnection, event_id: int, seen: int) -> bool:
    """Whether nothing that came after an id has been forgotten yet."""
    statement = sa.select(news.c.id).where(news.c.event_id == event_id, news.c.id <= seen).limit(1)
    return (await tx.execute(statement)).first() is not None


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Delete what was told before a moment, but each event's newest row, from which its next readers go on."""
    newest = sa.select(sa.func.max(news.c.id)).group_by(news.c.event_id)
    await tx.execute(news.delete().where(news.c.at < before, news.c.id.not_in(newest)))


def _item(found: Any) -> Item:
    return Item(
        found.id,
        found.event_id,
        Kind(found.kind),
        found.data,
        found.needed_right,
        found.session_id,
        found.participant_id,
    )
