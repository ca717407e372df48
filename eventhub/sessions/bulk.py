"""What is done to many sessions at once: shift or copy a day, cancel a track. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub.events.model import Event

from .exchange.planning import free_code
from .model import AnySession, Session, SessionState, Unscheduled, with_changes


@dataclass(frozen=True, slots=True)
class Edit:
    """A session before and after; `before` None where it is made, `after` None where it is taken out."""

    before: AnySession | None
    after: AnySession | None

    @property
    def code(self) -> str:
        known = self.before or self.after
        assert known is not None
        return known.code


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sessions of a day are meant; what is None does not narrow. `since`: those that start then or later."""

    day: date
    room_id: int | None = None
    track: str | None = None
    kind: str | None = None
    since: time | None = None


def chosen(sessions: Iterable[Session], choice: Choice, event: Event) -> list[Session]:
    """Return the sessions meant, by start; cancelled ones never are."""
    found = [
        session
        for session in sessions
        if session.state is not SessionState.CANCELLED
        and event.day_of(session.starts_at) == choice.day
        and choice.room_id in {None, session.room_id}
        and choice.track in {None, session.track}
        and choice.kind in {None, session.kind.value}
        and (choice.since is None or session.starts_at >= _moment(choice.day, choice.since, event))
    ]
    return sorted(found, key=lambda session: (session.starts_at, session.code))


def _moment(day: date, clock: time, event: Event) -> datetime:
    """Return the moment of a time of day; what lies before the day starts belongs to the night after it."""
    later = timedelta(days=1) if clock < event.day_starts_at else timedelta(0)
    return datetime.combine(day + later, clock, event.zone).astimezone(UTC)


def shifted(
    sessions: Iterable[Session], event: Event, *, minutes: int, days: int = 0
) -> list[Edit]:
    """Move sessions by days, keeping what the clock shows in the event's zone, and then by minutes."""
    return [
        Edit(
            session,
            replace(_moved(session, event.zone, days, minutes), version=session.version + 1),
        )
        for session in sessions
    ]


def _moved(session: Session, zone: ZoneInfo, days: int, minutes: int) -> Session:
    wall = session.starts_at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    start = wall.replace(tzinfo=zone).astimezone(UTC) + timedelta(minutes=minutes)
    return replace(session, starts_at=start, ends_at=start + (session.ends_at - session.starts_at))


def copied(
    sessions: Iterable[Session], event: Event, *, days: int, taken: Collection[str]
) -> list[Edit]:
    """Copy sessions to another day as drafts with codes of their own, made of the codes they are copied from."""
    used = set(taken)
    edits = []
    for session in sessions:
        code = free_code(session.code, used, "session")
        used.add(code)
        copy = replace(
            _moved(session, event.zone, days, 0),
            id=0,
            code=code,
            state=SessionState.DRAFT,
            sequence=0,
            version=1,
            origin="",
        )
        edits.append(Edit(None, copy))
    return edits


def cancelled(
    sessions: Iterable[AnySession], *, to_tray: bool, released: Collection[int]
) -> list[Edit]:
    """Cancel sessions. What was never released goes to the tray, or out; what the tray holds already stays there."""
    edits = []
    for session in sessions:
        if session.state is SessionState.CANCELLED:
            continue
        if session.id in released:
            edits.append(Edit(session, _changed(session, state=SessionState.CANCELLED)))
        elif not to_tray:
            edits.append(Edit(session, None))
        elif isinstance(session, Session):
            edits.append(Edit(session, put_away(session)))
    return edits


def put_away(session: Session) -> Unscheduled:
    """Return a session without its time, for the tray."""
    away = _changed(session, starts_at=None, ends_at=None)
    assert isinstance(away, Unscheduled)
    return away


def _changed(session: AnySession, **changes: object) -> AnySession:
    return with_changes(session, {**changes, "version": session.version + 1})


def after(sessions: Sequence[Session], edits: Iterable[Edit]) -> list[Session]:
    """Return the programme with edits done; sessions still to be made get ids below zero."""
    programme = {session.code: session for session in sessions}
    for n, edit in enumerate(edits, 1):
        programme.pop(edit.code, None)
        if isinstance(edit.after, Session):
            made = edit.before is None
            programme[edit.code] = replace(edit.after, id=-n) if made else edit.after
    return list(programme.values())
