"""What a plan means for the programme: what moves from where to where, what finds no place, and what is in the way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventhub.sessions import rules
from eventhub.sessions.model import (
    AnySession,
    ProgrammeConflict,
    Session,
    SessionState,
    Severity,
    Unscheduled,
)
from eventhub.wording import Text

from .model import Plan, Problem
from .problem import Programme, at_place
from .reasons import reasons
from .sharing import HARD
from .texts import text_json


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a session stands: moments in UTC, and a room's code ("": none)."""

    starts_at: datetime
    ends_at: datetime
    room: str


@dataclass(frozen=True, slots=True)
class Move:
    """A session's way. None is the tray; `version` is the one that was planned with."""

    code: str
    title: str
    version: int
    before: Spot | None
    after: Spot | None
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A session for which no place was found, and which stays where it is."""

    code: str
    title: str
    why: Text


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a plan would change. `kept` sessions stay as they are; `conflicts` would forbid the plan."""

    moves: tuple[Move, ...]
    left: tuple[Left, ...]
    kept: int
    conflicts: tuple[ProgrammeConflict, ...]
    warnings: int
    warnings_before: int


def propose(
    problem: Problem, plan: Plan, programme: Programme, chosen: Sequence[AnySession]
) -> Proposal:
    """Return what a plan means, held against the conflict rules as a whole."""
    by_code = {
        session.code: session for session in programme.sessions if isinstance(session, Session)
    }
    before = list(by_code.values())
    placed: dict[str, Session] = {}
    for session, item, at in zip(chosen, problem.items, plan, strict=True):
        by_code.pop(session.code, None)
        if at is not None:
            placed[session.code] = at_place(session, item.places[at], item.minutes)
    standing = {**by_code, **placed}
    why, left, tray = reasons(problem, plan), [], {}
    for index, text in why.items():
        session = chosen[index]
        if isinstance(session, Unscheduled) or _stands(session, standing, programme):
            left.append(Left(session.code, session.title, text))
            if isinstance(session, Session):
                standing[session.code] = session
        else:
            tray[session.code] = text
    moves = _moves(chosen, placed, tray, programme)
    found = rules.all_conflicts(standing.values(), programme.event, programme.around)
    old = rules.all_conflicts(before, programme.event, programme.around)
    return Proposal(
        moves=moves,
        left=tuple(left),
        kept=len(chosen) - len(moves) - len(left),
        conflicts=tuple(fresh_conflicts(found, old)),
        warnings=sum(c.severity is Severity.WARN for c in found),
        warnings_before=sum(c.severity is Severity.WARN for c in old),
    )


def _stands(session: Session, standing: Mapping[str, Session], programme: Programme) -> bool:
    """Whether a session that found no place can stay where it is."""
    others = [
        other
        for other in standing.values()
        if other.state is not SessionState.CANCELLED and other.code != session.code
    ]
    found = rules.conflicts(session, others, programme.event, programme.around)
    return not any(conflict.severity in HARD for conflict in found)


def _moves(
    chosen: Sequence[AnySession],
    placed: Mapping[str, Session],
    tray: Mapping[str, Text],
    programme: Programme,
) -> tuple[Move, ...]:
    moves = []
    for session in chosen:
        before = _spot(session, programme)
        if session.code in tray:
            why = tray[session.code]
            moves.append(Move(session.code, session.title, session.version, before, None, why))
        elif session.code in placed:
            after = _spot(placed[session.code], programme)
            if after != before:
                moves.append(Move(session.code, session.title, session.version, before, after))
    return tuple(moves)


def _spot(session: AnySession, programme: Programme) -> Spot | None:
    if isinstance(session, Unscheduled):
        return None
    room = session.room_id
    code = programme.around.rooms[room].code if room is not None else ""
    return Spot(session.starts_at, session.ends_at, code)


def fresh_conflicts(
    found: Iterable[ProgrammeConflict], before: Iterable[ProgrammeConflict]
) -> list[ProgrammeConflict]:
    """Return the conflicts that forbid a save or a release and were not there before.

    An office stretched by three sessions of which one moves away is still stretched by two: that is not new.
    """
    known: dict[tuple[str, str], list[set[str]]] = defaultdict(list)
    for conflict in before:
        known[conflict.kind, conflict.subject.code].append(set(conflict.sessions))
    return [
        conflict
        for conflict in found
        if conflict.severity in HARD
        and not any(
            old.issuperset(conflict.sessions) for old in known[conflict.kind, conflict.subject.code]
        )
    ]


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as JSON values; moments are ISO 8601 in UTC, texts are message and values."""
    return {
        "moves": [
            {
                "session": move.code,
                "title": move.title,
                "version": move.version,
                "before": _spot_json(move.before),
                "after": _spot_json(move.after),
                "why": text_json(move.why) if move.why else None,
            }
            for move in proposal.moves
        ],
        "unplaced": [
            {"session": each.code, "title": each.title, "why": text_json(each.why)}
            for each in proposal.left
        ],
        "kept": proposal.kept,
        "conflicts": [
            {"kind": c.kind, "sessions": list(c.sessions), "why": text_json(c.explanation)}
            for c in proposal.conflicts
        ],
        "warnings": proposal.warnings,
        "warnings_before": proposal.warnings_before,
    }


def _spot_json(spot: Spot | None) -> dict[str, str] | None:
    if spot is None:
        return None
    return {
        "starts_at": spot.starts_at.isoformat(),
        "ends_at": spot.ends_at.isoformat(),
        "room": spot.room,
    }
