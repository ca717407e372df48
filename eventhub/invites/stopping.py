"""Why nothing goes out: an organizer paused an event's mail, or the mail server takes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts.tables import audit_log
from eventhub.db.engine import lock_names
from eventhub.db.plain import Conversation, Statement, Turn, hold, moment

from .queue import ERROR_LIMIT
from .tables import mail_pauses

# Tried again after a minute, two, four … a quarter of an hour at the most.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
# So many refusals in a row are the server's doing, not the addresses': of one domain it takes more to say so.
REFUSALS = 10
REFUSALS_OF_ONE_DOMAIN = 30
IN_A_ROW_WITHIN = timedelta(hours=1)
# How the audit log calls it.
RESUMED = "mail.resumed"


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
    return await hold(tx, find_stop())


def find_stop() -> Conversation[Stop | None]:
    """Return why the server is left alone; None while it takes mail."""
    rows = yield Statement(
        "SELECT since, probe_at, tries, answer FROM mail_stops WHERE since IS NOT NULL", {}
    )
    for since, probe_at, tries, answer in rows:
        return Stop(moment(since), moment(probe_at), tries, answer)
    return None


def stop(answer: str, at: datetime) -> Conversation[None]:
    """Leave the server alone for a while, longer each time it still takes nothing."""
    yield Turn("mail server")
    before = yield from find_stop()
    tries = before.tries + 1 if before else 1
    values = {
        "since": before.since if before else at,
        "probe_at": at + min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT),
        "tries": tries,
        "answer": answer[:ERROR_LIMIT],
    }
    yield Statement(
        "INSERT INTO mail_stops (id, since, probe_at, tries, answer)"
        " VALUES (1, :since, :probe_at, :tries, :answer) ON CONFLICT (id) DO UPDATE"
        " SET since = :since, probe_at = :probe_at, tries = :tries, answer = :answer",
        values,
    )


def put_off(until: datetime) -> Conversation[None]:
    """Let nobody else try the server before `until`."""
    yield Statement(
        "UPDATE mail_stops SET probe_at = :until WHERE since IS NOT NULL", {"until": until}
    )


def reopen(at: datetime) -> Conversation[None]:
    """Note that the server takes mail again; what it refused before counts no more."""
    yield Statement(
        "UPDATE mail_stops SET since = NULL, probe_at = NULL, tries = 0, answer = '', reopened_at = :at"
        " WHERE since IS NOT NULL",
        {"at": at},
    )


def refuses_all(at: datetime) -> Conversation[bool]:
    """Whether the last mails were all refused, so many and to such domains that it is the server's doing."""
    rows = yield Statement("SELECT reopened_at FROM mail_stops WHERE reopened_at IS NOT NULL", {})
    since = max([at - IN_A_ROW_WITHIN, *(moment(row[0]) for row in rows)])
    last = yield Statement(
        "SELECT state, domain FROM mails WHERE tried_at > :since"
        " ORDER BY tried_at DESC, id DESC LIMIT :most",
        {"since": since, "most": REFUSALS_OF_ONE_DOMAIN},
    )
    refused = [row[1] for row in takewhile(lambda row: row[0] in {"failed", "queued"}, last)]
    return len(refused) >= (REFUSALS if len(set(refused)) > 1 else REFUSALS_OF_ONE_DOMAIN)


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


async def find_resumption(tx: AsyncConnection, event_id: int) -> datetime | None:
    """Return when the event's mail last went on after a pause, as the audit log tells; None when it never paused."""
    query = sa.select(sa.func.max(audit_log.c.at)).where(
        audit_log.c.event_id == event_id, audit_log.c.action == RESUMED
    )
    found: datetime | None = (await tx.execute(query)).scalar_one()
    return found


async def resume(tx: AsyncConnection, event_id: int) -> None:
    """Let the event's mail go on."""
    await tx.execute(mail_pauses.delete().where(mail_pauses.c.event_id == event_id))
