"""Why nothing goes out: an organizer paused an event's mail, or the mail server takes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_names

from .model import State
from .queue import ERROR_LIMIT
from .tables import mail_pauses, mail_stops, mails

# Tried again after a minute, two, four … a quarter of an hour at the most.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
# So many refusals in a row are the server's doing, not the addresses': of one domain it takes more to say so.
REFUSALS = 10
REFUSALS_OF_ONE_DOMAIN = 30
IN_A_ROW_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """That the server takes nothing: since when, when it is tried again, after how many tries, and its own words."""

    since: datetime
    probe_at: datetime
    tries: int
    answer: str


@dataclass(frozen=True, slots=True)
class Pause:
    """That an event's mail waits: since when, and who said so."""

    at: datetime
    who: str


async def read_stop(tx: AsyncConnection) -> Stop | None:
    """Return why the server is left alone; None while it takes mail."""
    row = (await tx.execute(sa.select(mail_stops).where(mail_stops.c.since.is_not(None)))).first()
    return Stop(row.since, row.probe_at, row.tries, row.answer) if row else None


async def stop(tx: AsyncConnection, answer: str, at: datetime) -> None:
    """Leave the server alone for a while, longer each time it still takes nothing."""
    await lock_names(tx, "mail server")
    before = await read_stop(tx)
    tries = before.tries + 1 if before else 1
    values = {
        "since": before.since if before else at,
        "probe_at": at + min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT),
        "tries": tries,
        "answer": answer[:ERROR_LIMIT],
    }
    changed = await tx.execute(mail_stops.update().values(**values))
    if not changed.rowcount:
        await tx.execute(mail_stops.insert().values(id=1, reopened_at=None, **values))


async def put_off(tx: AsyncConnection, until: datetime) -> None:
    """Let nobody else try the server before `until`."""
    await tx.execute(mail_stops.update().values(probe_at=until))


async def reopen(tx: AsyncConnection, at: datetime) -> None:
    """Note that the server takes mail again; what it refused before counts no more."""
    await tx.execute(
        mail_stops.update()
        .where(mail_stops.c.since.is_not(None))
        .values(since=None, probe_at=None, tries=0, answer="", reopened_at=at)
    )


async def refuses_all(tx: AsyncConnection, at: datetime) -> bool:
    """Whether the last mails were all refused, so many and to such domains that it is the server's doing."""
    reopened = (await tx.execute(sa.select(mail_stops.c.reopened_at))).scalar()
    since = max(at - IN_A_ROW_WITHIN, reopened) if reopened else at - IN_A_ROW_WITHIN
    query = (
        sa.select(mails.c.state, mails.c.domain)
        .where(mails.c.tried_at > since)
        .order_by(mails.c.tried_at.desc(), mails.c.id.desc())
        .limit(REFUSALS_OF_ONE_DOMAIN)
    )
    domains: list[str] = []
    for row in await tx.execute(query):
        if row.state not in {State.FAILED, State.QUEUED}:
            break
        domains.append(row.domain)
    return len(domains) >= (REFUSALS if len(set(domains)) > 1 else REFUSALS_OF_ONE_DOMAIN)


async def read_pause(tx: AsyncConnection, event_id: int) -> Pause | None:
    """Return who let the event's mail wait, None when it does not."""
    query = sa.select(mail_pauses).where(mail_pauses.c.event_id == event_id)
    row = (await tx.execute(query)).first()
    return Pause(row.at, row.who) if row else None


async def pause(tx: AsyncConnection, event_id: int, *, who: str, at: datetime) -> None:
    """Let the event's mail wait; what is being handed over this moment still goes out."""
    await lock_names(tx, "mail queue")
    if await read_pause(tx, event_id) is None:
        await tx.execute(mail_pauses.insert().values(event_id=event_id, who=who, at=at))


async def resume(tx: AsyncConnection, event_id: int) -> None:
    """Let the event's mail go on."""
    await tx.execute(mail_pauses.delete().where(mail_pauses.c.event_id == event_id))
