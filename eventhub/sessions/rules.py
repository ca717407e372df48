"""What stands in the way of a session, and what changed between two releases. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

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
    for other in sorted(others, key=lambda each: (each.starts_at, each.code)):
        if other.id != session.id and session.overlaps(other):
            found += _between(session, other, around)
    return [conflict for conflict in found if conflict.severity is not Severity.IGNORE]


def all_conflicts(
    sessions: Iterable[Session], event: Event, around: Surroundings
) -> list[ProgrammeConflict]:
    """Return every conflict of a programme, each pair once."""
    ordered = sorted(sessions, key=lambda each: (each.starts_at, each.code))
    found: list[ProgrammeConflict] = []
    open_ones: list[Session] = []
    for session in ordered:
        open_ones = [other for other in open_ones if other.ends_at > session.starts_at]
        found += _alone(session, event, around)
        for other in open_ones:
            if session.overlaps(other):
                found += _between(session, other, around)
        open_ones.append(session)
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


def _between(one: Session, other: Session, around: Surroundings) -> Iterator[ProgrammeConflict]:
    if SessionState.CANCELLED in {one.state, other.state}:
        return
    if one.room_id is not None and one.room_id == other.room_id:
        room = around.rooms[one.room_id]
        if not room.parallel:
            yield _conflict(
                "room", around, (one, other), Subject("room", room.code, room.name),
                _taken(say("The room {name}", name=room.name), other),
            )  # fmt: skip
    yield from _people(one, other, around)
    for office_id in sorted(_called(one) & _called(other)):
        office = around.offices[office_id]
        subject = Subject("delegation", office.code, office.name)
        yield _conflict(
            "office", around, (one, other), subject, _taken(say("{name}", name=office.name), other)
        )
        if office.participants < 2:
            yield _conflict("delegation_overstretched", around, (one, other), subject, say(
                "{office} is needed in two sessions at once and has {n} participants.",
                office=office.name, n=office.participants,
            ))  # fmt: skip


def _people(one: Session, other: Session, around: Surroundings) -> Iterator[ProgrammeConflict]:
    for person in sorted(_named(one) & _named(other)):
        kind = "speaker" if person in one.speakers and person in other.speakers else "participant"
        name = around.people[person]
        subject = Subject("participant", str(person), name)
        yield _conflict(
            kind, around, (one, other), subject, _taken(say("{name}", name=name), other)
        )


def _taken(what: Text, other: Session) -> Text:
    return say(
        "{what} is taken by {session}, {start}.",
        what=what,
        session=other.title,
        start=other.starts_at,
    )


def _named(session: Session) -> frozenset[int]:
    """People who must be there themselves; watching a stream binds nobody."""
    rows = (row for row in session.audience if row.attendance is not Attendance.STREAM)
    return frozenset(session.speakers) | {
        row.participant_id for row in rows if row.participant_id is not None
    }


def _called(session: Session) -> frozenset[int]:
    """Offices called into the room or the meeting; watching a stream binds nobody."""
    rows = (row for row in session.audience if row.attendance is not Attendance.STREAM)
    return frozenset(row.delegation_id for row in rows if row.delegation_id is not None)


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
