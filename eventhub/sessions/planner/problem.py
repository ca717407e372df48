"""Makes a problem of the programme. What forbids a place is asked of the conflict rules themselves."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from eventhub.events.model import Attendance, Event
from eventhub.language import zone_of
from eventhub.sessions import rules
from eventhub.sessions.alone import alone
from eventhub.sessions.claims import claim
from eventhub.sessions.model import (
    AnySession,
    Format,
    ProgrammeConflict,
    Session,
    SessionState,
    Severity,
    Surroundings,
)
from eventhub.sessions.together import margin
from eventhub.wording import Text, say

from .model import EPOCH, MINUTE, WARNING, Item, Order, Place, Problem, minutes_of, moment_of
from .sharing import HARD, Free, Sharing


@dataclass(frozen=True, slots=True)
class Programme:
    """What a problem is made of; `heads` is the office at the top of each office, by id."""

    event: Event
    sessions: tuple[AnySession, ...]
    around: Surroundings
    heads: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Slot:
    starts_at: datetime
    day: int
    clock: int


def to_place(order: Order, sessions: Iterable[AnySession]) -> list[AnySession]:
    """Return the sessions an order places: those it names, without the cancelled and the pinned."""
    return [
        session
        for session in sessions
        if session.code in order.codes
        and session.code not in order.pinned
        and session.state is not SessionState.CANCELLED
    ]


def build(order: Order, programme: Programme) -> Problem:
    """Return the problem of an order."""
    chosen = to_place(order, programme.sessions)
    free = {session.id for session in chosen}
    fixed = [
        session
        for session in programme.sessions
        if isinstance(session, Session)
        and session.id not in free
        and session.state is not SessionState.CANCELLED
    ]
    by_day = _by_day(fixed, programme.event)
    asking = _Asking(order, programme, by_day)
    frees = [asking.free(session) for session in chosen]
    groups, lines = _Numbers(), _Numbers()
    items = tuple(
        asking.item(
            session, free, groups.of(_head(session, programme)), lines.of(session.track or None)
        )
        for session, free in zip(chosen, frees, strict=True)
    )
    near = {each.id: each for day in order.days for each in by_day.get(day, ())}
    shared, apart = Sharing(frees, [*near.values()], programme.event, programme.around).found()
    return Problem(
        days=order.days,
        items=items,
        shared=shared,
        apart=apart,
        rooms=_exclusive(programme.around),
        wishes=order.wishes,
    )


def _alone(session: Session, event: Event, around: Surroundings) -> list[ProgrammeConflict]:
    """Return what `rules.conflicts` would of a session far from all others, in a third of the time."""
    found = alone(session, event, around)
    return [conflict for conflict in found if conflict.severity is not Severity.IGNORE]


class _Numbers:
    """Numbers names as they come."""

    def __init__(self) -> None:
        self._known: dict[object, int] = {}

    def of(self, name: object) -> int:
        return -1 if name is None else self._known.setdefault(name, len(self._known))


def _exclusive(around: Surroundings) -> dict[int | None, str]:
    if around.severities["room"] is Severity.IGNORE:
        return {}
    return {id: room.name for id, room in around.rooms.items() if not room.parallel}


def _head(session: AnySession, programme: Programme) -> int | None:
    """Return the one office above all that a session calls, if there is one."""
    called = {
        row.delegation_id
        for row in session.audience
        if row.delegation_id is not None and row.attendance is not Attendance.STREAM
    }
    heads = {programme.heads[office] for office in called}
    return heads.pop() if len(heads) == 1 else None


def _by_day(fixed: Sequence[Session], event: Event) -> dict[date, list[Session]]:
    days: dict[date, list[Session]] = defaultdict(list)
    for session in fixed:
        first, last = event.day_of(session.starts_at), event.day_of(session.ends_at)
        for number in range((last - first).days + 1):
            days[first + timedelta(days=number)].append(session)
    return days


class _Asking:
    """Asks the conflict rules about every place that an order allows."""

    def __init__(
        self, order: Order, programme: Programme, fixed: Mapping[date, list[Session]]
    ) -> None:
        self._order, self._programme, self._fixed = order, programme, fixed
        self._margin = margin(programme.event)
        self._rooms_of_tracks = _rooms_of_tracks(programme.sessions)
        self._slots: dict[int, list[_Slot]] = {}

    def free(self, session: AnySession) -> Free:
        """Return a session with the rooms it may take."""
        rooms = tuple(self._rooms(session))
        return Free(_there(session, EPOCH, self._minutes(session), rooms[0]), rooms)

    def _minutes(self, session: AnySession) -> int:
        return self._order.length or session.minutes

    def item(self, session: AnySession, free: Free, group: int, line: int) -> Item:
        """Return a session with the places it may take, or why there is none."""
        minutes = self._minutes(session)
        places: list[Place] = []
        refused: Counter[tuple[str, str]] = Counter()
        texts: dict[tuple[str, str], Text] = {}
        for place, found in self._tried(session, free, minutes):
            hard = [conflict for conflict in found if conflict.severity in HARD]
            if not hard:
                places.append(place._replace(penalty=WARNING * len(found)))
            for conflict in hard[:1]:
                key = (conflict.kind, conflict.subject.code)
                refused[key] += 1
                texts.setdefault(key, conflict.explanation)
        why = None
        if not places:
            why = texts[refused.most_common(1)[0][0]] if refused else self._no_slot(minutes)
        return Item(
            code=session.code, minutes=minutes, group=group, line=line,
            ahead=self._ahead(free.session), now=_now(session), places=tuple(places), refused=why,
        )  # fmt: skip

    def _no_slot(self, minutes: int) -> Text:
        if not self._order.days:
            return say("No day is chosen.")
        return say("No chosen part of a day is {n} minutes long.", n=minutes)

    def _tried(
        self, session: AnySession, free: Free, minutes: int
    ) -> Iterator[tuple[Place, list[ProgrammeConflict]]]:
        event, around = self._programme.event, self._programme.around
        for room in free.rooms:
            for slot in self._slots_of(session, minutes):
                there = _there(session, slot.starts_at, minutes, room)
                others = self._near(there, self._order.days[slot.day])
                found = (
                    rules.conflicts(there, others, event, around)
                    if others
                    else _alone(there, event, around)
                )
                start = minutes_of(slot.starts_at)
                yield Place(start, room, slot.day, slot.clock, 0), found

    def _near(self, there: Session, day: date) -> list[Session]:
        apart = self._margin
        return [
            other
            for other in self._fixed.get(day, ())
            if other.starts_at < there.ends_at + apart and there.starts_at < other.ends_at + apart
        ]

    def _slots_of(self, session: AnySession, minutes: int) -> list[_Slot]:
        """Return the starts of the grid, and the present one where it lies in a window."""
        if minutes not in self._slots:
            self._slots[minutes] = list(self._grid(minutes))
        slots = self._slots[minutes]
        if isinstance(session, Session) and all(s.starts_at != session.starts_at for s in slots):
            own = self._own_slot(session.starts_at, minutes)
            return [*slots, own] if own else slots
        return slots

    def _windows(self) -> Iterator[tuple[int, datetime, datetime]]:
        zone = self._programme.event.zone
        for number, day in enumerate(self._order.days):
            for window in self._order.windows:
                begin = datetime.combine(day, window.begin, zone).astimezone(UTC)
                yield number, begin, datetime.combine(day, window.end, zone).astimezone(UTC)

    def _grid(self, minutes: int) -> Iterator[_Slot]:
        length, step = minutes * MINUTE, self._order.step * MINUTE
        for day, begin, until in self._windows():
            start = begin
            while start + length <= until:
                yield _Slot(start, day, self._clock(start))
                start += step

    def _own_slot(self, start: datetime, minutes: int) -> _Slot | None:
        for day, begin, until in self._windows():
            if begin <= start and start + minutes * MINUTE <= until:
                return _Slot(start, day, self._clock(start))
        return None

    def _clock(self, moment: datetime) -> int:
        local = moment.astimezone(self._programme.event.zone)
        return local.hour * 60 + local.minute

    def _rooms(self, session: AnySession) -> list[int | None]:
        """Return the rooms a session may take; the first is its own, or its track's, if it has one."""
        if session.format is Format.ONLINE:
            return [session.room_id]
        own = session.room_id or self._rooms_of_tracks.get(session.track)
        if own is not None and not self._order.any_room:
            return [own]
        rooms = self._programme.around.rooms
        expected = rules.expected_onsite(_there(session, EPOCH, 1, own), self._programme.around)
        # Which encoder feeds a stream depends on the room; an own room for it keeps the encoder free too.
        others = [
            id
            for id, room in rooms.items()
            if room.limit >= expected and id != own and not (session.stream and room.parallel)
        ]
        fitting = sorted(others, key=lambda id: (rooms[id].limit, rooms[id].code))
        return [own, *fitting] if own is not None else [*fitting] or [None]

    def _ahead(self, session: Session) -> int:
        """Return by how many hours the clocks of those who take part from afar are ahead, at most."""
        event, around = self._programme.event, self._programme.around
        zones = {
            around.offices[office].time_zone
            for office, where in claim(session, event, around).offices.items()
            if where is None
        }
        if not self._order.days:
            return 0
        noon = datetime.combine(self._order.days[0], time(12), event.zone)
        ahead = [_offset(noon, zone) - _offset(noon, event.time_zone) for zone in zones if zone]
        return max(0, max(ahead, default=timedelta(0)) // timedelta(hours=1))


def _offset(moment: datetime, zone: str) -> timedelta:
    return moment.astimezone(zone_of(zone)).utcoffset() or timedelta(0)


def _there(session: AnySession, starts_at: datetime, minutes: int, room: int | None) -> Session:
    ends_at = starts_at + minutes * MINUTE
    if isinstance(session, Session):
        return replace(session, starts_at=starts_at, ends_at=ends_at, room_id=room)
    return replace(session.at(starts_at), ends_at=ends_at, room_id=room)


def at_place(session: AnySession, place: Place, minutes: int) -> Session:
    """Return a session as it would stand at a place."""
    return _there(session, moment_of(place.start), minutes, place.room)


def _now(session: AnySession) -> tuple[int, int | None] | None:
    if isinstance(session, Session):
        return minutes_of(session.starts_at), session.room_id
    return None


def _rooms_of_tracks(sessions: Collection[AnySession]) -> dict[str, int]:
    """Return the room in which most of a track's sessions are."""
    counted: dict[str, Counter[int]] = defaultdict(Counter)
    for session in sessions:
        if session.track and session.room_id is not None:
            counted[session.track][session.room_id] += 1
    return {track: rooms.most_common(1)[0][0] for track, rooms in counted.items()}
