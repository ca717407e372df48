"""What stands in the way of a session, and what changed between two releases. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from eventhub.events.model import DEFAULT_SEVERITIES, Attendance, Event
from eventhub.wording import Text, say

from .model import (
    Change,
    ProgrammeConflict,
    Released,
    Session,
    SessionState,
    Severity,
    Subject,
    Surroundings,
)


def severities(event: Event) -> dict[str, Severity]:
    """Return what each kind of conflict does in an event."""
    return {
        kind: Severity(event.severities.get(kind, usual))
        for kind, usual in DEFAULT_SEVERITIES.items()
    }


def conflicts(
    session: Session, others: Iterable[Session], event: Event, around: Surroundings
) -> list[ProgrammeConflict]:
    """Return what forbids a session to stand where it is: alone first, then with others by start."""
    found = [*_alone(session, event, around)]
    claim = _claim(session)
    for other in sorted(others, key=lambda each: (each.starts_at, each.code)):
        if other.id != session.id and session.overlaps(other):
            found += _between(claim, _claim(other), around)
    return [conflict for conflict in found if conflict.severity is not Severity.IGNORE]


def all_conflicts(
    sessions: Iterable[Session], event: Event, around: Surroundings
) -> list[ProgrammeConflict]:
    """Return every conflict of a programme, each pair once."""
    ordered = sorted(sessions, key=lambda each: (each.starts_at, each.code))
    found: list[ProgrammeConflict] = []
    open_ones: list[_Claim] = []
    for session in ordered:
        open_ones = [other for other in open_ones if other.session.ends_at > session.starts_at]
        found += _alone(session, event, around)
        claim = _claim(session)
        for other in open_ones:
            found += _between(claim, other, around)
        open_ones.append(claim)
    return [conflict for conflict in found if conflict.severity is not Severity.IGNORE]


def expected_onsite(session: Session, around: Surroundings) -> int:
    """Return how many people are expected in the room: those named, and those of the offices called there."""
    onsite = [row for row in session.audience if row.attendance is Attendance.ONSITE]
    offices = {row.delegation_id for row in onsite if row.delegation_id is not None}
    named = {row.participant_id for row in onsite if row.participant_id is not None}
    return len(named) + sum(around.offices[office].participants for office in offices)


def _alone(session: Session, event: Event, around: Surroundings) -> Iterator[ProgrammeConflict]:
    if session.state is SessionState.CANCELLED:
        return
    for day in _days(session, event):
        if day not in event.days:
            yield _conflict(
                "outside_days", around, (session,), Subject("day", day.isoformat(), day.isoformat()),
                say("{session} lies on {day}, which is no day of the event.", session=session.title, day=day),
            )  # fmt: skip
    if session.room_id is not None:
        room = around.rooms[session.room_id]
        expected = expected_onsite(session, around)
        if expected > room.limit:
            yield _conflict(
                "capacity", around, (session,), Subject("room", room.code, room.name),
                say(
                    "{session} expects {expected} people, and {room} takes {limit}.",
                    session=session.title, expected=expected, room=room.name, limit=room.limit,
                ),
            )  # fmt: skip


def _days(session: Session, event: Event) -> list[date]:
    first = event.day_of(session.starts_at)
    last = event.day_of(session.ends_at - timedelta(microseconds=1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class _Claim(NamedTuple):
    """What a session needs for itself: its room, people and offices; None and empty where it needs none."""

    session: Session
    room_id: int | None
    people: frozenset[int]
    offices: frozenset[int]


def _claim(session: Session) -> _Claim:
    """Return what a session claims. A cancelled one claims nothing, and watching a stream binds nobody."""
    if session.state is SessionState.CANCELLED:
        return _Claim(session, None, frozenset(), frozenset())
    rows = [row for row in session.audience if row.attendance is not Attendance.STREAM]
    named = {row.participant_id for row in rows if row.participant_id is not None}
    offices = {row.delegation_id for row in rows if row.delegation_id is not None}
    return _Claim(
        session, session.room_id, frozenset(named.union(session.speakers)), frozenset(offices)
    )


def _between(one: _Claim, other: _Claim, around: Surroundings) -> list[ProgrammeConflict]:
    found: list[ProgrammeConflict] = []
    if one.room_id is not None and one.room_id == other.room_id:
        found += _room(one.session, other.session, around)
    if not one.people.isdisjoint(other.people):
        found += _people(one, other, around)
    if not one.offices.isdisjoint(other.offices):
        found += _offices(one, other, around)
    return found


def _room(one: Session, other: Session, around: Surroundings) -> Iterator[ProgrammeConflict]:
    assert one.room_id is not None
    room = around.rooms[one.room_id]
    if not room.parallel:
        taken = _taken(room.name, other)
        yield _conflict("room", around, (one, other), Subject("room", room.code, room.name), taken)


def _offices(one: _Claim, other: _Claim, around: Surroundings) -> Iterator[ProgrammeConflict]:
    both = (one.session, other.session)
    for office_id in sorted(one.offices & other.offices):
        office = around.offices[office_id]
        subject = Subject("delegation", office.code, office.name)
        taken = _taken(office.name, other.session)
        yield _conflict("office", around, both, subject, taken)
        if office.participants < 2:
            needed = say(
                "{office} is needed in two sessions at once and has {n} participants.",
                office=office.name,
                n=office.participants,
            )
            yield _conflict("delegation_overstretched", around, both, subject, needed)


def _people(one: _Claim, other: _Claim, around: Surroundings) -> Iterator[ProgrammeConflict]:
    both = (one.session, other.session)
    for person in sorted(one.people & other.people):
        speaks = person in one.session.speakers and person in other.session.speakers
        name = around.people[person]
        subject = Subject("participant", str(person), name)
        taken = _taken(name, other.session)
        yield _conflict("speaker" if speaks else "participant", around, both, subject, taken)


def _taken(what: str, other: Session) -> Text:
    return say(
        "{what} is taken by {session}, {start}.",
        what=what,
        session=other.title,
        start=other.starts_at,
    )


def _conflict(
    kind: str,
    around: Surroundings,
    sessions: tuple[Session, ...],
    subject: Subject,
    explanation: Text,
) -> ProgrammeConflict:
    codes = tuple(session.code for session in sessions)
    return ProgrammeConflict(kind, around.severities[kind], codes, subject, explanation)


def changes(before: Mapping[str, Released], after: Mapping[str, Released]) -> list[Change]:
    """Return what differs between two releases, by start then code; one entry for each kind of change."""
    found: list[Change] = []
    for session in sorted(after.values(), key=lambda each: (each.starts_at, each.code)):
        found += _changes_of(before.get(session.code), session)
    for code in sorted(before.keys() - after.keys()):
        gone = before[code]
        if gone.state is not SessionState.CANCELLED:
            found.append(Change(code, gone.title, "cancelled", _when(gone), None))
    return found


def _changes_of(old: Released | None, new: Released) -> Iterator[Change]:
    if new.state is SessionState.CANCELLED:
        if old is not None and old.state is not SessionState.CANCELLED:
            yield Change(new.code, new.title, "cancelled", _when(old), None)
        return
    if old is None or old.state is SessionState.CANCELLED:
        yield Change(new.code, new.title, "new", None, _when(new))
        return
    pairs = (
        ("moved", _when(old), _when(new)),
        ("room", old.room_code, new.room_code),
        ("link", _link(old), _link(new)),
        ("text", [old.title, old.abstract], [new.title, new.abstract]),
        ("audience", _audience(old), _audience(new)),
    )
    for change, was, now in pairs:
        if was != now:
            yield Change(new.code, new.title, change, was, now)


def sequence(old: Released | None, new: Released) -> int:
    """Return the new revision: one more when time or place changed or it was cancelled (RFC 5546, 2.1.4)."""
    if old is None:
        return new.sequence
    moved = (_when(old), old.room_code, _link(old), old.state) != (
        _when(new),
        new.room_code,
        _link(new),
        new.state,
    )
    return old.sequence + 1 if moved else old.sequence


def _when(session: Released) -> dict[str, str]:
    return {"starts_at": session.starts_at.isoformat(), "ends_at": session.ends_at.isoformat()}


def _link(session: Released) -> dict[str, object]:
    return {"meeting_url": session.meeting_url, "stream": session.stream}


def _audience(session: Released) -> list[object]:
    rows = [dict(row) for row in session.audience]
    speakers = [{"speaker": person} for person, _ in session.speakers]
    return [*sorted(rows, key=str), *speakers]
