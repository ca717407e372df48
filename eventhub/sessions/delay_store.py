"""Delays in the database: what was moved and why, and a release that is the last one with other times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row

from .model import AnySession, Released, Session
from .release_store import snapshot
from .rows import load
from .tables import delays, released_audiences, released_sessions, releases, sessions


@dataclass(frozen=True, slots=True)
class Delay:
    """A room's delay as it is kept. `announced` holds the ids of what was announced; `conflicts` came with it."""

    id: int
    event_id: int
    release: int
    session: str
    place: str
    minutes: int
    moves: tuple[Mapping[str, Any], ...]
    conflicts: tuple[Mapping[str, Any], ...]
    announced: tuple[int, ...]
    kept_drafts: tuple[str, ...]
    token: str | None
    actor: str
    at: datetime


async def list_delays(tx: AsyncConnection, event_id: int) -> list[Delay]:
    """Return an event's delays, the latest first."""
    rows = await tx.execute(_delays().where(delays.c.event_id == event_id))
    return [_delay(row) for row in rows]


async def find_by_token(tx: AsyncConnection, event_id: int, token: str) -> Delay | None:
    """Return the delay that a form asked for already."""
    query = _delays().where(delays.c.event_id == event_id, delays.c.token == token)
    row = (await tx.execute(query)).one_or_none()
    return _delay(row) if row else None


def _delays() -> sa.Select[Any]:
    return (
        sa.select(delays, releases.c.number.label("release"))
        .join(releases, releases.c.id == delays.c.release_id)
        .order_by(delays.c.id.desc())
    )


def _delay(row: Any) -> Delay:
    values = {name: getattr(row, name) for name in Delay.__dataclass_fields__}
    lists = ("moves", "conflicts", "announced", "kept_drafts")
    return Delay(**values | {name: tuple(values[name]) for name in lists})


async def insert_delay(tx: AsyncConnection, values: Mapping[str, Any]) -> int:
    """Write a new delay; return its id."""
    return await insert_row(tx, delays, values)


async def save_announced(tx: AsyncConnection, delay_id: int, announced: Sequence[int]) -> None:
    """Note which announcements told a delay."""
    await tx.execute(
        delays.update().where(delays.c.id == delay_id).values(announced=list(announced))
    )


async def copy_release(
    tx: AsyncConnection, old_id: int, new_id: int, moved: Sequence[Released]
) -> None:
    """Fill a release with what another one froze, some sessions at other times."""
    for table, own in ((released_sessions, ()), (released_audiences, ("id",))):
        names = [each.name for each in table.c if each.name not in {"release_id", *own}]
        held = sa.select(sa.literal(new_id, sa.Integer), *(table.c[name] for name in names))
        held = held.where(table.c.release_id == old_id)
        await tx.execute(table.insert().from_select(["release_id", *names], held))
    await tx.execute(
        released_sessions.update()
        .where(
            released_sessions.c.release_id == new_id,
            released_sessions.c.session_id == sa.bindparam("of"),
        )
        .values({name: sa.bindparam(f"new_{name}", type_=released_sessions.c[name].type)
                 for name in ("starts_at", "ends_at", "snapshot")}),
        [
            {
                "of": each.session_id,
                "new_starts_at": each.starts_at,
                "new_ends_at": each.ends_at,
                "new_snapshot": snapshot(each),
            }
            for each in moved
        ],
    )  # fmt: skip


async def list_drafts(tx: AsyncConnection, ids: Sequence[int]) -> dict[int, AnySession]:
    """Return by id how sessions stand in the draft."""
    found = await load(tx, sa.select(sessions).where(sessions.c.id.in_(ids)))
    return {each.id: each for each in found}


async def save_drafts(tx: AsyncConnection, drafts: Sequence[AnySession]) -> None:
    """Write times, revisions and versions of sessions in the draft."""
    for each in drafts:
        values: dict[str, Any] = {"sequence": each.sequence, "version": each.version}
        if isinstance(each, Session):
            values |= {"starts_at": each.starts_at, "ends_at": each.ends_at}
        await tx.execute(sessions.update().where(sessions.c.id == each.id).values(**values))
