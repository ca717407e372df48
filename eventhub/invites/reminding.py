"""Reminders before a day: asked for by an organizer, at once or for an hour, and queued once for each person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.db.engine import insert_row, lock_event
from eventhub.errors import Conflict, Invalid, NotFound
from eventhub.events.model import Attendance, Event
from eventhub.participants.tables import participants, rsvps
from eventhub.sessions.tables import sessions
from eventhub.wording import say

from . import actions, choice_store, programmes, queue, remembering
from .choices import Choices
from .choices import Told as Way
from .desk import Desk
from .model import Guest, Item, State
from .programmes import Programme
from .remembering import Told
from .switching import STAYS_AWAY
from .tables import reminded, reminders

REMIND = "invitations.remind"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder asked for; `due_at` is UTC, `queued` how many mails it became, None before it is due."""

    id: int
    day: date
    due_at: datetime
    who: str
    queued: int | None


async def list_reminders(tx: AsyncConnection, event_id: int) -> list[Reminder]:
    """Return what was asked for, earliest first."""
    query = (
        sa.select(reminders)
        .where(reminders.c.event_id == event_id)
        .order_by(reminders.c.due_at, reminders.c.id)
    )
    return [
        Reminder(row.id, row.day, row.due_at, row.who, row.queued)
        for row in await tx.execute(query)
    ]


async def ask(
    tx: AsyncConnection,
    event: Event,
    day: date,
    *,
    due_at: datetime | None,
    who: str,
    at: datetime,
) -> int:
    """Have people reminded of a day, at `due_at` or at once; return the reminder's id."""
    await lock_event(tx, event.id)
    if day not in event.days:
        raise Invalid.field("day", say("This is no day of the event."))
    _, end = event.day_bounds(day)
    if at >= end:
        raise Conflict(say("This day is over."))
    if due_at is not None and not at <= due_at < end:
        raise Invalid.field("at", say("Choose a moment between now and the end of that day."))
    asked = [one for one in await list_reminders(tx, event.id) if one.day == day]
    if any(one.queued is None for one in asked):
        raise Conflict(say("A reminder of this day is planned already."))
    values = {"event_id": event.id, "day": day, "due_at": due_at or at, "who": who}
    id = await insert_row(tx, reminders, values)
    payload = {"reminder": id}
    await outbox.add(tx, REMIND, payload, event_id=event.id, at=at, due_at=due_at)
    return id


async def withdraw(tx: AsyncConnection, event: Event, reminder_id: int) -> None:
    """Take back a reminder that is not due yet."""
    await lock_event(tx, event.id)
    result = await tx.execute(
        reminders.delete().where(
            reminders.c.id == reminder_id,
            reminders.c.event_id == event.id,
            reminders.c.queued.is_(None),
        )
    )
    if not result.rowcount:
        raise NotFound(say("There is no such reminder (any more)."))


async def queue_reminder(
    tx: AsyncConnection, event: Event, reminder_id: int, *, at: datetime, domain: str
) -> int:
    """Queue the mails of a reminder that is due, unless it was taken back; return how many."""
    await lock_event(tx, event.id)
    asked = [one for one in await list_reminders(tx, event.id) if one.id == reminder_id]
    if not asked or asked[0].queued is not None:
        return 0
    day = asked[0].day
    told = await whom_to_remind(tx, event, day, at=at)
    programme = await programmes.last_programme(tx, event.id)
    common = {"event_id": event.id, "state": State.QUEUED, "due_at": at, "created_at": at}
    desk = Desk(event, domain, common, programme.number if programme else None)
    await queue.insert_mails(tx, [desk.reminder(guest, day, items) for guest, items in told])
    if told:
        rows = [{"participant_id": guest.id, "day": day} for guest, _ in told]
        await tx.execute(reminded.insert(), rows)
    done = reminders.update().where(reminders.c.id == reminder_id)
    await tx.execute(done.values(queued=len(told)))
    return len(told)


async def whom_to_remind(
    tx: AsyncConnection, event: Event, day: date, *, at: datetime
) -> list[tuple[Guest, Sequence[Told]]]:
    """Return who was invited, has not been reminded of the day, and of what it still holds for them."""
    programme = await programmes.last_programme(tx, event.id)
    if programme is None:
        return []
    coming = remembering.sessions_on(event, programme.items.values(), day, at)
    ways = await programmes.list_attendance(tx, programme, [item.id for item in coming])
    choices = await choice_store.get_choices(tx, event.id)
    away = await _staying_away(tx, event.id)
    known = sa.select(reminded.c.participant_id).where(reminded.c.day == day)
    before = set((await tx.execute(known)).scalars())
    found: list[tuple[Guest, Sequence[Told]]] = []
    for id, guest in (await actions.invited(tx, event.id)).items():
        if not guest.address or id in before or id not in ways:
            continue
        told = remembering.told_to(guest, coming, ways[id], away[id], choices)
        if told:
            found.append((guest, told))
    return found


async def count_to_remind(
    tx: AsyncConnection, event: Event, days: Iterable[date], *, at: datetime
) -> dict[date, int]:
    """Return of each day how many `whom_to_remind` would return."""
    programme = await programmes.last_programme(tx, event.id)
    if programme is None:
        return dict.fromkeys(days, 0)
    choices = await choice_store.get_choices(tx, event.id)
    guests = await actions.invited(tx, event.id)
    reachable = {id for id, guest in guests.items() if guest.address}
    before = await _reminded(tx, event.id)
    found: dict[date, int] = {}
    for day in days:
        coming = remembering.sessions_on(event, programme.items.values(), day, at)
        query = _told(programme, coming, choices)
        told = set((await tx.execute(query)).scalars()) if coming else set()
        found[day] = len((told & reachable) - before[day])
    return found


async def _reminded(tx: AsyncConnection, event_id: int) -> Mapping[date, set[int]]:
    query = (
        sa.select(reminded.c.day, reminded.c.participant_id)
        .join(participants, participants.c.id == reminded.c.participant_id)
        .where(participants.c.event_id == event_id)
    )
    found: dict[date, set[int]] = defaultdict(set)
    for day, participant_id in await tx.execute(query):
        found[day].add(participant_id)
    return found


def _told(programme: Programme, coming: Sequence[Item], choices: Choices) -> sa.Select[int]:
    """Select who is told of any of some sessions; what `remembering.told_to` says, but for thousands at once."""
    everyone = programme.people.subquery()
    cells = [
        sa.and_(
            everyone.c.attendance == way,
            everyone.c.session_id.in_(
                [one.id for one in coming if choices.of(one.kind, way) is not Way.NOTHING]
            ),
        )
        for way in Attendance
    ]
    away = (
        sa.exists()
        .where(
            rsvps.c.participant_id == everyone.c.participant_id,
            rsvps.c.session_code == sessions.c.code,
            sessions.c.id == everyone.c.session_id,
            rsvps.c.status.in_(STAYS_AWAY),
        )
        .correlate(everyone)
    )
    return sa.select(everyone.c.participant_id).distinct().where(sa.or_(*cells), ~away)


async def _staying_away(tx: AsyncConnection, event_id: int) -> Mapping[int, set[int]]:
    query = (
        sa.select(rsvps.c.participant_id, sessions.c.id)
        .join_from(rsvps, sessions, sessions.c.code == rsvps.c.session_code)
        .where(sessions.c.event_id == event_id, rsvps.c.status.in_(STAYS_AWAY))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for participant_id, session_id in await tx.execute(query):
        found[participant_id].add(session_id)
    return found
