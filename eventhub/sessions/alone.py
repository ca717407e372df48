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
    last = max(first, event.day_of(session.ends_at - timedelta(microseconds=1)))
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
    walls: dict[str, tuple[datetime, datetime] | None] = {}
    unfit: dict[tuple[datetime, datetime], tuple[ZoneInfo, list[Subject]]] = {}
    for row in _remote(session):
        zone = _zone_of(row, around) or event.time_zone
        if zone not in walls:
            walls[zone] = _unfit_walls(session, zone_of(zone), hours)
        if wall := walls[zone]:
            unfit.setdefault(wall, (zone_of(zone), []))[1].append(_subject(row, around))
    for place, subjects in unfit.values():
        start, end = Local(session.starts_at, place), Local(session.ends_at, place)
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


def _remote(session: Session) -> Iterator[Audience]:
    """Return the rows of those who take part from afar, each once by their first row."""
    rows: dict[tuple[int | None, int | None], Audience] = {}
    for row in session.audience:
        rows.setdefault((row.delegation_id, row.participant_id), row)
    return (row for row in rows.values() if row.attendance is not Attendance.ONSITE)


def _zone_of(row: Audience, around: Surroundings) -> str:
    if row.delegation_id is not None:
        return around.offices[row.delegation_id].time_zone
    assert row.participant_id is not None
    return around.people[row.participant_id].time_zone


def _subject(row: Audience, around: Surroundings) -> Subject:
    if row.delegation_id is not None:
        office = around.offices[row.delegation_id]
        return Subject("delegation", office.code, office.name)
    assert row.participant_id is not None
    return Subject("participant", str(row.participant_id), around.people[row.participant_id].name)


def _unfit_walls(
    session: Session, zone: ZoneInfo, hours: Hours
) -> tuple[datetime, datetime] | None:
    """Return what clocks in a zone show at a session's start and end, if that lies outside hours."""
    start = session.starts_at.astimezone(zone).replace(tzinfo=None)
    end = session.ends_at.astimezone(zone).replace(tzinfo=None)
    is_unfit = start.time() < hours.start or end > datetime.combine(start.date(), hours.end)
    return (start, end) if is_unfit else None


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
