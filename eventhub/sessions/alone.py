"""What stands in a session's way by itself: days, hours, the room's size, and its audience's clocks. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from eventhub.events.model import Attendance, Event
from eventhub.events.scheduling import FRIDAY, WEEKDAYS, Hours
from eventhub.language import zone_of
from eventhub.wording import Local, Text, say

from .model import Audience, Kind, ProgrammeConflict, Session, SessionState, Subject, Surroundings
from .telling import told, told_of_all

Found = Iterator[ProgrammeConflict]


def alone(session: Session, event: Event, around: Surroundings) -> Found:
    """Return what stands in a session's way whatever else is planned."""
    if session.state is SessionState.CANCELLED:
        return
    yield from _days(session, event, around)
    yield from _room(session, around)
    yield from _remote_hours(session, event, around)
    yield from _friday_break(session, event, around)


def _days(session: Session, event: Event, around: Surroundings) -> Found:
    days = _days_of(session, event)
    for day in days:
        if day not in event.days:
            text = say(
                "{session} lies on {day}, which is no day of the event.",
                session=session.title,
                day=day,
            )
            yield told("outside_days", around, (session,), _day(day), text)
        if off := _day_off(session, day, event):
            yield told("holiday", around, (session,), _day(day), off)
    hours = event.scheduling.day_hours
    if hours is not None and days[0] in event.days:
        yield from _day_hours(session, days[0], hours, event=event, around=around)


def _days_of(session: Session, event: Event) -> list[date]:
    first = event.day_of(session.starts_at)
    last = event.day_of(session.ends_at - timedelta(microseconds=1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day_off(session: Session, day: date, event: Event) -> Text | None:
    if day in event.scheduling.holidays:
        return say("{session} lies on {day}, a public holiday.", session=session.title, day=day)
    if WEEKDAYS[day.weekday()] in event.scheduling.weekend:
        return say("{session} lies on {day}, at the weekend.", session=session.title, day=day)
    return None


def _day_hours(
    session: Session, day: date, hours: Hours, *, event: Event, around: Surroundings
) -> Found:
    start, end = event.moment_on(day, hours.start), event.moment_on(day, hours.end)
    if session.starts_at < start or session.ends_at > end:
        text = say(
            "{session} lies outside the hours of {day}, {start} to {end}.",
            session=session.title, day=day, start=Local(start, event.zone), end=Local(end, event.zone),
        )  # fmt: skip
        yield told("outside_days", around, (session,), _day(day), text)


def _day(day: date) -> Subject:
    return Subject("day", day.isoformat(), day.isoformat())


def _room(session: Session, around: Surroundings) -> Found:
    if session.room_id is None:
        return
    room = around.rooms[session.room_id]
    expected = expected_onsite(session, around)
    if expected > room.limit:
        text = say(
            "{session} expects {expected} people, and {room} takes {limit}.",
            session=session.title, expected=expected, room=room.name, limit=room.limit,
        )  # fmt: skip
        yield told("capacity", around, (session,), Subject("room", room.code, room.name), text)


def expected_onsite(session: Session, around: Surroundings) -> int:
    """Return how many people are expected in the room, each once.

    A row that names somebody wins; then that they speak, as they are registered; then their office's row.
    """
    named: dict[int, Attendance] = {}
    offices: dict[int, Attendance] = {}
    for row in session.audience:
        if row.participant_id is not None:
            named.setdefault(row.participant_id, row.attendance)
        elif row.delegation_id is not None:
            offices.setdefault(row.delegation_id, row.attendance)
    for person in session.speakers:
        named.setdefault(person, around.people[person].attendance)
    here = sum(attendance is Attendance.ONSITE for attendance in named.values())
    called = {office for office, way in offices.items() if way is Attendance.ONSITE}
    besides = sum(around.people[person].office_id in called for person in named)
    return here + sum(around.offices[office].participants for office in called) - besides


def _remote_hours(session: Session, event: Event, around: Surroundings) -> Found:
    hours = event.scheduling.remote_hours
    if hours is None:
        return
    walls = {event.time_zone: _walls(session, event.zone)}
    unfit: dict[tuple[datetime, datetime], tuple[ZoneInfo, list[Subject]]] = {}
    for subject, name in _remote(session, event, around):
        if name not in walls:
            walls[name] = _walls(session, zone_of(name))
        if _is_unfit(*walls[name], hours):
            unfit.setdefault(walls[name], (zone_of(name), []))[1].append(subject)
    for zone, subjects in unfit.values():
        start, end = Local(session.starts_at, zone), Local(session.ends_at, zone)
        explain = partial(_unfit, session, hours, start, end)
        yield told_of_all("local_hour", around, (session,), subjects, explain)


def _unfit(session: Session, hours: Hours, start: Local, end: Local, who: object) -> Text:
    return say(
        "{session} runs from {start} to {end} for {who}, outside {first_hour}–{last_hour}.",
        session=session.title,
        start=start,
        end=end,
        who=who,
        first_hour=f"{hours.start:%H:%M}",
        last_hour=f"{hours.end:%H:%M}",
    )


def _remote(session: Session, event: Event, around: Surroundings) -> Iterator[tuple[Subject, str]]:
    """Return who takes part from afar, each once by their first row, with the name of their zone."""
    rows: dict[tuple[int | None, int | None], Audience] = {}
    for row in session.audience:
        rows.setdefault((row.delegation_id, row.participant_id), row)
    for (office_id, person_id), row in rows.items():
        if row.attendance is Attendance.ONSITE:
            continue
        if office_id is not None:
            office = around.offices[office_id]
            subject = Subject("delegation", office.code, office.name)
            yield subject, office.time_zone or event.time_zone
        elif person_id is not None:
            person = around.people[person_id]
            subject = Subject("participant", str(person_id), person.name)
            yield subject, person.time_zone or event.time_zone


def _walls(session: Session, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return (
        session.starts_at.astimezone(zone).replace(tzinfo=None),
        session.ends_at.astimezone(zone).replace(tzinfo=None),
    )


def _is_unfit(start: datetime, end: datetime, hours: Hours) -> bool:
    latest = datetime.combine(start.date(), hours.end)
    return start.time() < hours.start or end > latest


def _friday_break(session: Session, event: Event, around: Surroundings) -> Found:
    hours = event.scheduling.friday_break
    if hours is None or session.kind is Kind.BREAK:
        return
    zone = event.zone
    first, last = (
        moment.astimezone(zone).date() for moment in (session.starts_at, session.ends_at)
    )
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        start, end = (datetime.combine(day, at, zone) for at in (hours.start, hours.end))
        if day.weekday() == FRIDAY and session.starts_at < end and start < session.ends_at:
            text = say(
                "{session} lies in the break for Friday prayer, {start} to {end}.",
                session=session.title, start=Local(start, zone), end=Local(end, zone),
            )  # fmt: skip
            yield told("friday_break", around, (session,), _day(day), text)
