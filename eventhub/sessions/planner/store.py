"""Plans in the database, and what a plan is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.errors import NotFound
from eventhub.events.actions import list_rooms
from eventhub.events.model import Event
from eventhub.participants.tables import delegations
from eventhub.sessions import lookup
from eventhub.sessions import store as sessions_store
from eventhub.sessions.model import AnySession, Kind, Session, SessionState
from eventhub.sessions.tables import sessions
from eventhub.wording import say

from .model import EPOCH, MINUTE, Order, Progress
from .orders import order_json, order_of
from .problem import Programme
from .tables import plans

# A search that has not been heard of for so long has ended with its server.
SILENT = timedelta(seconds=30)


class PlanStatus(StrEnum):
    """`finishing`: asked for the best so far; `stopped`: its server ended; `taken_back`: was applied, and undone."""

    RUNNING = "running"
    FINISHING = "finishing"
    READY = "ready"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    FAILED = "failed"
    APPLIED = "applied"
    TAKEN_BACK = "taken_back"


ALIVE = (PlanStatus.RUNNING, PlanStatus.FINISHING)
_SHORT = [column for column in plans.c if column.name not in {"proposal", "applied"}]


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as it stands; `proposal` in the shape of `proposal.as_json`, `applied` versions by code."""

    id: int
    event_id: int
    status: PlanStatus
    made_by: str
    made_at: datetime
    seen_at: datetime
    order: Order
    progress: Progress
    proposal: Mapping[str, Any] | None
    applied: Mapping[str, int] | None

    def stands(self, at: datetime) -> PlanStatus:
        """Return where it stands; one that nobody has searched for any more is stopped."""
        return PlanStatus.STOPPED if self.is_silent(at) else self.status

    def is_silent(self, at: datetime) -> bool:
        """Whether nobody has searched for it for long."""
        return self.status in ALIVE and abs(at - self.seen_at) > SILENT


async def insert_plan(
    tx: AsyncConnection, event_id: int, order: Order, made_by: str, at: datetime
) -> int:
    """Write a new plan that is being searched for; return its id."""
    values = {
        "event_id": event_id,
        "status": PlanStatus.RUNNING,
        "made_by": made_by[:300],
        "made_at": at,
        "seen_at": at,
        "wanted": order_json(order),
        "progress": asdict(Progress(of=len(order.codes - order.pinned))),
    }
    return await insert_row(tx, plans, values)


async def find_plan(tx: AsyncConnection, plan_id: int) -> StoredPlan | None:
    """Return a plan by its id."""
    row = (await tx.execute(sa.select(plans).where(plans.c.id == plan_id))).one_or_none()
    return _plan(row) if row else None


async def get_plan(tx: AsyncConnection, event_id: int, plan_id: int) -> StoredPlan:
    """Return a plan of an event, or raise NotFound."""
    found = await find_plan(tx, plan_id)
    if found is None or found.event_id != event_id:
        raise NotFound(say("There is no such plan."))
    return found


async def list_plans(
    tx: AsyncConnection, event_id: int, *, before: int | None = None, limit: int = 20
) -> list[StoredPlan]:
    """Return an event's plans, the newest first, without their proposals, which are half a megabyte each."""
    query = sa.select(*_SHORT).where(plans.c.event_id == event_id)
    if before is not None:
        query = query.where(plans.c.id < before)
    return [_plan(row) for row in await tx.execute(query.order_by(plans.c.id.desc()).limit(limit))]


async def list_alive(tx: AsyncConnection, event_id: int | None = None) -> list[StoredPlan]:
    """Return the plans that are being searched for, of one event or of all."""
    query = sa.select(*_SHORT).where(plans.c.status.in_(ALIVE))
    if event_id is not None:
        query = query.where(plans.c.event_id == event_id)
    return [_plan(row) for row in await tx.execute(query)]


async def update_plan(tx: AsyncConnection, plan_id: int, **values: Any) -> None:
    """Write some columns of a plan."""
    if isinstance(values.get("progress"), Progress):
        values["progress"] = asdict(values["progress"])
    await tx.execute(plans.update().where(plans.c.id == plan_id).values(**values))


async def end_plan(tx: AsyncConnection, plan_id: int, status: PlanStatus, **values: Any) -> bool:
    """Write down how a search ended, unless it had ended already; return whether."""
    if isinstance(values.get("progress"), Progress):
        values["progress"] = asdict(values["progress"])
    alive = sa.and_(plans.c.id == plan_id, plans.c.status.in_(ALIVE))
    ended = await tx.execute(plans.update().where(alive).values(status=status, **values))
    return ended.rowcount > 0


def _plan(row: Any) -> StoredPlan:
    return StoredPlan(
        id=row.id,
        event_id=row.event_id,
        status=PlanStatus(row.status),
        made_by=row.made_by,
        made_at=row.made_at,
        seen_at=row.seen_at,
        order=order_of(row.wanted),
        progress=Progress(**row.progress),
        proposal=getattr(row, "proposal", None),
        applied=getattr(row, "applied", None),
    )


async def list_every(tx: AsyncConnection, event_id: int) -> list[AnySession]:
    """Return an event's sessions, with a time and without, cancelled ones too."""
    return await sessions_store.list_any(
        tx, event_id, sessions_store.Wanted(), scheduled=None, after=None, limit=sessions_store.MOST
    )


@dataclass(frozen=True, slots=True)
class Outline:
    """What choosing sessions needs of one; `starts_at` is None in the tray."""

    code: str
    kind: Kind
    track: str
    state: SessionState
    starts_at: datetime | None
    minutes: int


async def list_outlines(tx: AsyncConnection, event_id: int) -> list[Outline]:
    """Return an event's sessions in outline: whole, they take a third of a second to read."""
    column = sessions.c
    query = sa.select(
        column.code, column.kind, column.track, column.state,
        column.starts_at, column.ends_at, column.minutes,
    ).where(column.event_id == event_id)  # fmt: skip
    return [
        Outline(
            code=row.code,
            kind=Kind(row.kind),
            track=row.track,
            state=SessionState(row.state),
            starts_at=row.starts_at,
            minutes=(row.ends_at - row.starts_at) // MINUTE if row.starts_at else row.minutes,
        )
        for row in await tx.execute(query.order_by(column.id))
    ]


async def read_programme(tx: AsyncConnection, event: Event) -> Programme:
    """Return what a plan is made of."""
    every = await list_every(tx, event.id)
    # What the rules look up must know every room: a plan tries them.
    rooms = [room.id for room in await list_rooms(tx, event.id)]
    tried = [_in_room(each, room) for each in every[:1] for room in rooms]
    office = delegations.c
    heads = await tx.execute(
        sa.select(office.id, office.parent_id).where(office.event_id == event.id)
    )
    return Programme(
        event=event,
        sessions=tuple(every),
        around=await lookup.surroundings(tx, event, [*(_timed(each) for each in every), *tried]),
        heads={row.id: row.parent_id or row.id for row in heads},
    )


def _timed(session: AnySession) -> Session:
    return session if isinstance(session, Session) else session.at(EPOCH)


def _in_room(session: AnySession, room: int) -> Session:
    return replace(_timed(session), room_id=room)


async def move_sessions(tx: AsyncConnection, moved: Sequence[AnySession]) -> None:
    """Write times, rooms and versions of sessions, many a statement."""
    if not moved:
        return
    statement = (
        sessions.update()
        .where(sessions.c.id == sa.bindparam("moved"))
        .values({name: sa.bindparam(f"new_{name}") for name in _MOVED})
    )
    await tx.execute(statement, [_moved(session) for session in moved])


_MOVED = ("starts_at", "ends_at", "minutes", "room_id", "version")


def _moved(session: AnySession) -> dict[str, Any]:
    has_time = isinstance(session, Session)
    values = {
        "starts_at": session.starts_at if isinstance(session, Session) else None,
        "ends_at": session.ends_at if isinstance(session, Session) else None,
        "minutes": None if has_time else session.minutes,
        "room_id": session.room_id,
        "version": session.version,
    }
    return {"moved": session.id} | {f"new_{name}": value for name, value in values.items()}
