"""What stands in the way of a session, and what changed between two releases. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from eventhub.events.model import DEFAULT_SEVERITIES, Event

from . import alone
from .claims import Claim, claim
from .model import (
    Change,
    ProgrammeConflict,
    Released,
    Session,
    SessionState,
    Severity,
    Surroundings,
)
from .stretched import stretched
from .together import between, margin

expected_onsite = alone.expected_onsite


def severities(event: Event) -> dict[str, Severity]:
    """Return what each kind of conflict does in an event."""
    return {
        kind: Severity(event.severities.get(kind, usual))
        for kind, usual in DEFAULT_SEVERITIES.items()
    }


def conflicts(
    session: Session, others: Iterable[Session], event: Event, around: Surroundings
) -> list[ProgrammeConflict]:
    """Return what forbids a session to stand where it is: alone first, then with others by start, then offices.

    `others` are all that lie within `margin` of it, more do no harm. Of each only what the session shares with it
    must be there: rows and speakers that name its people, its offices or other people of these offices.
    """
    found = [*alone.alone(session, event, around)]
    own = claim(session, event, around)
    running = [own]
    for other in sorted(others, key=lambda each: (each.starts_at, each.code)):
        if other.id == session.id:
            continue
        theirs = claim(other, event, around)
        found += between(own, theirs, event, around)
        if session.overlaps(other):
            running.append(theirs)
    if len(running) > 1:
        found += _stretched_by(own, running, around)
    return _counted(found)


def all_conflicts(
    sessions: Iterable[Session], event: Event, around: Surroundings
) -> list[ProgrammeConflict]:
    """Return every conflict of a programme by start, each pair once; then what stretches offices."""
    ordered = sorted(sessions, key=lambda each: (each.starts_at, each.code))
    claims = [claim(session, event, around) for session in ordered]
    earlier = _meetings(claims, margin(event), around)
    found: list[ProgrammeConflict] = []
    for n, one in enumerate(claims):
        found += alone.alone(one.session, event, around)
        for m in sorted(earlier[n]):
            found += between(one, claims[m], event, around)
    for office, needing in _needing(claims, around).items():
        found += stretched(office, needing, around)
    return _counted(found)


def _stretched_by(
    own: Claim, running: Sequence[Claim], around: Surroundings
) -> Iterator[ProgrammeConflict]:
    """Return what stretches the offices that a session needs, while it runs."""
    concerned = own.offices.keys() | {around.people[person].office_id for person in own.people}
    called = {office for each in running for office in each.offices}
    for office in sorted(concerned & called):
        for stretch in stretched(office, running, around):
            if own.session.code in stretch.sessions:
                yield stretch


def _counted(found: Iterable[ProgrammeConflict]) -> list[ProgrammeConflict]:
    return [conflict for conflict in found if conflict.severity is not Severity.IGNORE]


def _meetings(
    claims: Sequence[Claim], apart: timedelta, around: Surroundings
) -> Mapping[int, set[int]]:
    """Return for each claim, by its number, the earlier ones that want something of the same and are near."""
    wanting: dict[tuple[str, object], list[int]] = defaultdict(list)
    for n, each in enumerate(claims):
        for thing in _things(each, around):
            wanting[thing].append(n)
    earlier: dict[int, set[int]] = defaultdict(set)
    for numbers in wanting.values():
        near: list[int] = []
        for n in numbers:
            start = claims[n].session.starts_at
            near = [m for m in near if claims[m].session.ends_at + apart > start]
            earlier[n].update(near)
            near.append(n)
    return earlier


def _things(each: Claim, around: Surroundings) -> Iterator[tuple[str, object]]:
    if each.room_id is not None and not around.rooms[each.room_id].parallel:
        yield "room", each.room_id
    if each.encoder is not None:
        yield "encoder", each.encoder
    yield from (("person", person) for person in each.people)
    yield from (("office", office) for office in each.offices)


def _needing(claims: Sequence[Claim], around: Surroundings) -> dict[int, list[Claim]]:
    """Return the claims that need each office that any session calls, in their order."""
    called = sorted({office for each in claims for office in each.offices})
    needing: dict[int, list[Claim]] = {office: [] for office in called}
    for each in claims:
        offices = {around.people[person].office_id for person in each.people}
        for office in offices.union(each.offices) & needing.keys():
            needing[office].append(each)
    return needing


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
