"""Every conflict of a programme, found by brute force: five minutes at a time, person by person, without the engine.

What is looked up (rooms, offices, people) is given as plain tables. Nothing of `eventhub.sessions` decides here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from eventhub.events.model import Attendance, Event, Room
from eventhub.participants.model import Delegation, Participant
from eventhub.sessions.model import Format, Kind, Session, SessionState

STEP = timedelta(minutes=5)
Finding = tuple[str, frozenset[str], str]


@dataclass(frozen=True)
class World:
    """An event with its rooms, offices and people, by id."""

    event: Event
    rooms: dict[int, Room]
    offices: dict[int, Delegation]
    people: dict[int, Participant]


def findings(programme: Sequence[Session], world: World) -> set[Finding]:
    """Return each conflict of whatever severity as its kind, the codes of its sessions, and what it is about."""
    alive = [session for session in programme if session.state is not SessionState.CANCELLED]
    found: set[Finding] = set()
    for session in alive:
        found.update(
            (kind, frozenset({session.code}), what) for kind, what in alone(session, world)
        )
    for one, other in combinations(alive, 2):
        pair = frozenset({one.code, other.code})
        found.update((kind, pair, what) for kind, what in between(one, other, world))
    return found | set(stretched(alive, world))


def ticks(session: Session) -> list[datetime]:
    """Return the starts of the five minutes a session fills."""
    count = (session.ends_at - session.starts_at) // STEP
    return [session.starts_at + n * STEP for n in range(count)]


def alone(session: Session, world: World) -> Iterator[tuple[str, str]]:
    event, limits = world.event, world.event.scheduling
    shift = timedelta(hours=event.day_starts_at.hour, minutes=event.day_starts_at.minute)
    local = [tick.astimezone(ZoneInfo(event.time_zone)) for tick in ticks(session)]
    shifted = [moment.replace(tzinfo=None) - shift for moment in local]
    yield from wrong_days({moment.date() for moment in shifted}, event)
    first = min(shifted).date()
    if limits.day_hours and first in event.days:
        opens = (_minute(limits.day_hours.start) - _minute(event.day_starts_at)) % 1440
        closes = (_minute(limits.day_hours.end) - _minute(event.day_starts_at)) % 1440
        inside = (opens <= _minute(moment.time()) < closes for moment in shifted)
        if {moment.date() for moment in shifted} != {first} or not all(inside):
            yield "outside_days", first.isoformat()
    if limits.friday_break and session.kind is not Kind.BREAK:
        free = limits.friday_break
        for moment in local:
            if moment.weekday() == 4 and free.start <= moment.time() < free.end:
                yield "friday_break", moment.date().isoformat()
    yield from crowded(session, world)
    yield from unfit_hours(session, world)


def wrong_days(days: set[date], event: Event) -> Iterator[tuple[str, str]]:
    for day in days:
        if day not in event.days:
            yield "outside_days", day.isoformat()
        weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]
        if day in event.scheduling.holidays or weekday in event.scheduling.weekend:
            yield "holiday", day.isoformat()


def crowded(session: Session, world: World) -> Iterator[tuple[str, str]]:
    if session.room_id is None:
        return
    room, protocol = world.rooms[session.room_id], world.event.protocol
    percent = protocol.protocol_percent if protocol.enabled else 100
    here = [who for who in world.people.values() if way_of(who, session) is Attendance.ONSITE]
    if len(here) > room.capacity * percent // 100:
        yield "capacity", room.code


def unfit_hours(session: Session, world: World) -> Iterator[tuple[str, str]]:
    hours = world.event.scheduling.remote_hours
    seen = set()
    for row in session.audience:
        who = (row.delegation_id, row.participant_id)
        if who in seen or hours is None:
            continue
        seen.add(who)
        if row.attendance is Attendance.ONSITE:
            continue
        if row.delegation_id is not None:
            office, code = world.offices[row.delegation_id], world.offices[row.delegation_id].code
        else:
            assert row.participant_id is not None
            office = world.offices[world.people[row.participant_id].delegation_id]
            code = str(row.participant_id)
        zone = ZoneInfo(office.time_zone or world.event.time_zone)
        local = [tick.astimezone(zone) for tick in ticks(session)]
        if any(
            moment.date() != local[0].date() or not hours.start <= moment.time() < hours.end
            for moment in local
        ):
            yield "local_hour", code


def way_of(person: Participant, session: Session) -> Attendance | None:
    """Return how somebody is expected: by a row of their own, as speaker, by their office's row, or not at all."""
    for row in session.audience:
        if row.participant_id == person.id:
            return row.attendance
    if person.id in session.speakers:
        return person.attendance
    for row in session.audience:
        if row.delegation_id == person.delegation_id:
            return row.attendance
    return None


def bound(session: Session, world: World) -> dict[tuple[str, int], int | None]:
    """Return whom a session binds and the room where they are, None for online."""
    found: dict[tuple[str, int], int | None] = {}
    for row in session.audience:
        if row.attendance is not Attendance.STREAM:
            person = row.participant_id is not None
            who = ("person", row.participant_id) if person else ("office", row.delegation_id)
            found.setdefault(who, _place(session, row.attendance))  # type: ignore[arg-type]
    for id in session.speakers:
        found.setdefault(("person", id), _place(session, world.people[id].attendance))
    return found


def _place(session: Session, attendance: Attendance) -> int | None:
    if session.format is Format.ONSITE or attendance is Attendance.ONSITE:
        return session.room_id
    return None


def between(one: Session, other: Session, world: World) -> Iterator[tuple[str, str]]:
    ours, theirs = bound(one, world), bound(other, world)
    both = {who for who in ours if who in theirs}
    if set(ticks(one)) & set(ticks(other)):
        if one.room_id and one.room_id == other.room_id and not world.rooms[one.room_id].parallel:
            yield "room", world.rooms[one.room_id].code
        if one.stream and other.stream and feed(one, world) == feed(other, world):
            yield "encoder", feed(one, world)
        for kind, id in both:
            if kind == "office":
                yield "office", world.offices[id].code
            else:
                speaks = id in one.speakers and id in other.speakers
                yield "speaker" if speaks else "participant", str(id)
        return
    gap = max(one.starts_at - other.ends_at, other.starts_at - one.ends_at)
    for kind, id in both:
        if gap < timedelta(minutes=way(ours[kind, id], theirs[kind, id], world)):
            yield "travel", world.offices[id].code if kind == "office" else str(id)


def way(here: int | None, there: int | None, world: World) -> int:
    minutes = world.event.scheduling.travel_minutes
    if here is None and there is None:
        return 0
    if here is None or there is None:
        return minutes.online
    if here == there:
        return 0
    one, other = world.rooms[here].building, world.rooms[there].building
    return minutes.rooms if one == other or "" in {one, other} else minutes.buildings


def feed(session: Session, world: World) -> str:
    if session.room_id is not None:
        return f"room:{world.rooms[session.room_id].code}"
    return f"track:{session.track}" if session.track else "event"


def stretched(alive: Sequence[Session], world: World) -> Iterator[Finding]:
    running: dict[datetime, list[Session]] = {}
    for session in alive:
        for tick in ticks(session):
            running.setdefault(tick, []).append(session)
    for office in world.offices.values():
        members = [
            person.id for person in world.people.values() if person.delegation_id == office.id
        ]
        groups = set()
        for at_once in running.values():
            busy: set[int] = set()
            calling, concerned = 0, set()
            for session in at_once:
                binds = bound(session, world)
                own = {id for kind, id in binds if kind == "person" and id in members}
                called = ("office", office.id) in binds
                busy |= own
                calling += called and not own
                if own or called:
                    concerned.add(session.code)
            if calling and len(concerned) > 1 and calling + len(busy) > len(members):
                groups.add(frozenset(concerned))
        for group in groups:
            if not any(group < larger for larger in groups):
                yield "delegation_overstretched", group, office.code


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
