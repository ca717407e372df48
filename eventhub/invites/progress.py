"""How far an event's mail has got: what is left, how fast it goes, when it will be out, and what holds it up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from . import pace, stopping
from .model import State
from .pace import Limits
from .queue import OPEN
from .tables import mails

# A rate of less than this is too young to go by.
YOUNGEST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an event's mail stands.

    `left`: due now; `later`: wait for another try, the next at `next_at`. `rate`: mails a minute lately, 0 when none
    went out; `done_at` when what is left is out, None while nobody can say. `slowest` is the domain, if any, that is
    waited for because it takes no more than `slowest_limit` a minute.
    """

    left: int
    later: int
    next_at: datetime | None
    rate: float
    done_at: datetime | None
    slowest: str | None
    slowest_limit: int | None
    stop: stopping.Stop | None
    pause: stopping.Pause | None

    @property
    def is_running(self) -> bool:
        """Whether mail goes out, or would at any moment."""
        return bool(self.left) and self.stop is None and self.pause is None


async def read_progress(
    tx: AsyncConnection, event_id: int, *, limits: Limits, at: datetime
) -> Progress:
    """Return where the event's mail stands now."""
    due = sa.or_(mails.c.state == State.SENDING, mails.c.due_at <= at)
    left = (
        sa.select(mails.c.domain, sa.func.count())
        .where(mails.c.event_id == event_id, mails.c.state.in_(OPEN), due)
        .group_by(mails.c.domain)
    )
    by_domain = {row[0]: int(row[1]) for row in await tx.execute(left)}
    later = sa.select(sa.func.count(), sa.func.min(mails.c.due_at)).where(
        mails.c.event_id == event_id, mails.c.state == State.QUEUED, mails.c.due_at > at
    )
    waiting, next_at = (await tx.execute(later)).one()
    rate = await _rate(tx, event_id, at)
    minutes = pace.minutes_left(by_domain, limits, rate)
    slowest = pace.slowest_domain(by_domain, limits)
    return Progress(
        left=sum(by_domain.values()),
        later=waiting,
        next_at=next_at,
        rate=rate,
        done_at=at + minutes * pace.MINUTE if minutes is not None else None,
        slowest=slowest,
        slowest_limit=limits.of(slowest) if slowest else None,
        stop=await stopping.read_stop(tx),
        pause=await stopping.read_pause(tx, event_id),
    )


async def _rate(tx: AsyncConnection, event_id: int, at: datetime) -> float:
    """Return the mails a minute of the last minute; what went out before a pause in it tells nothing of now."""
    since = max(at - pace.MINUTE, await stopping.find_resumption(tx, event_id) or at - pace.MINUTE)
    query = sa.select(sa.func.count(), sa.func.min(mails.c.tried_at)).where(
        mails.c.event_id == event_id,
        mails.c.state == State.SENT,
        mails.c.tried_at > since,
    )
    count, first = (await tx.execute(query)).one()
    if not count:
        return 0.0
    return float(count * (pace.MINUTE / max(at - first, YOUNGEST)))
