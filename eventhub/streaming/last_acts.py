"""The last thing done with each broadcast, which others see while it is under way and afterwards."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.web.access import Principal, Right

from . import turn_rules
from .automatic import AUTOMATIC
from .model import Act, Shown
from .problems import PROBLEMS
from .room_model import Deed
from .tables import broadcast_acts
from .trouble import YouTubeTrouble

_TABLE = broadcast_acts.c


async def begin(
    tx: AsyncConnection,
    event_id: int,
    shown: Shown,
    wish: Act,
    *,
    who: Principal | str,
    at: datetime,
) -> None:
    """Note that something is being done, in the audit log too; YouTubeTrouble when something else still is."""
    await lock_event(tx, event_id)
    known = (await list_deeds(tx, event_id, shown.session_id)).get(shown.session_id)
    # What acts by itself holds a lease: its own deed that has not ended is one that died.
    is_own = known is not None and known.who == who == AUTOMATIC
    if turn_rules.is_under_way(known, at) and not is_own:
        raise YouTubeTrouble(PROBLEMS["under_way"])
    await tx.execute(broadcast_acts.delete().where(_TABLE.session_id == shown.session_id))
    await audit.record(tx, who, f"broadcast.{wish}", shown.session, event_id=event_id, at=at)
    values = {"session_id": shown.session_id, "event_id": event_id, "act": wish.value}
    await tx.execute(broadcast_acts.insert().values(**values, who=audit.actor_of(who), begun_at=at))
    await _tell(tx, event_id, shown.session, wish, is_done=False, at=at)


async def finish(
    tx: AsyncConnection,
    event_id: int,
    shown: Shown,
    wish: Act,
    *,
    begun_at: datetime,
    problem_code: str | None,
    at: datetime,
) -> None:
    """Note how what began at a moment has ended; what was begun instead since is left alone."""
    same = broadcast_acts.update().where(
        _TABLE.session_id == shown.session_id, _TABLE.begun_at == begun_at
    )
    await tx.execute(same.values(ended_at=at, problem_code=problem_code))
    await _tell(tx, event_id, shown.session, wish, is_done=True, at=at)


async def list_deeds(
    tx: AsyncConnection, event_id: int, session_id: int | None = None
) -> dict[int, Deed]:
    """Return the last thing done with each of an event's broadcasts, by session id."""
    query = sa.select(broadcast_acts).where(_TABLE.event_id == event_id)
    if session_id is not None:
        query = query.where(_TABLE.session_id == session_id)
    return {
        row.session_id: Deed(Act(row.act), row.who, row.begun_at, row.ended_at, row.problem_code)
        for row in await tx.execute(query)
    }


async def _tell(
    tx: AsyncConnection, event_id: int, session: str, wish: Act, *, is_done: bool, at: datetime
) -> None:
    data = {"session": session, "act": wish.value, "done": is_done}
    await news.tell(
        tx, "broadcast", data, event_id=event_id, at=at, right=Right.BROADCASTS_READ.value
    )
