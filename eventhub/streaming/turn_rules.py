"""How one session stands in the control room at a moment: on, late, what can be done, what is wrong. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .model import Act, Provider, Shown, State
from .room_model import Deed, Late, Lateness, Phase, Turn

_ON = frozenset({State.TESTING, State.LIVE})

# Going on air takes a minute at most, with repeated calls two; then whoever did it has died.
ABANDONED_AFTER = timedelta(minutes=3)

# How long the problem of an act that changed nothing is told.
_TOLD_FOR = timedelta(minutes=15)

_REACHED = {
    Act.CREATE: frozenset({State.CREATED, State.READY, State.TESTING, State.LIVE, State.COMPLETE}),
    Act.TEST: frozenset({State.TESTING, State.LIVE, State.COMPLETE}),
    Act.START: frozenset({State.LIVE, State.COMPLETE}),
    Act.END: frozenset({State.COMPLETE}),
    Act.DELETE: frozenset({State.WANTED}),
}

# YouTube tells of viewers once a minute.
_TOLD_LATELY = timedelta(minutes=5)


def phase_of(turn: Turn, at: datetime) -> Phase:
    """Return where a session stands: by its broadcast where it has one, else by its time."""
    state = turn.shown.state if turn.streams else None
    if state is State.COMPLETE:
        return Phase.OVER
    if state is State.LIVE:
        return Phase.NOW
    if at < turn.shown.starts_at:
        return Phase.COMING
    return Phase.NOW if at < turn.shown.ends_at or state in _ON else Phase.OVER


def late_of(turn: Turn, others: Iterable[Turn], at: datetime) -> Late | None:
    """Return what is late about a session, and into whose time among the others of its room it runs."""
    if not turn.streams or phase_of(turn, at) is not Phase.NOW:
        return None
    shown = turn.shown
    if at >= shown.ends_at:
        taken = (each.shown.title for each in others if _is_due(each, turn, at))
        return Late(Lateness.OVERRUNS, shown.ends_at, next(taken, ""))
    is_begun = shown.state is State.LIVE or at < shown.starts_at
    return None if is_begun else Late(Lateness.NOT_ON_AIR, shown.starts_at)


def _is_due(other: Turn, turn: Turn, at: datetime) -> bool:
    later = other.shown.starts_at >= turn.shown.ends_at and other.shown.starts_at <= at
    return later and phase_of(other, at) is not Phase.OVER


def acts_of(shown: Shown) -> tuple[Act, ...]:
    """Return what an operator would do next, in order."""
    is_link = shown.broadcast is not None and shown.broadcast.provider is Provider.LINK
    return {
        State.WANTED: () if is_link else (Act.CREATE,),
        State.PROBLEM: (Act.CREATE,),
        State.CREATED: (Act.CREATE,),
        State.READY: (Act.START,) if is_link else (Act.TEST, Act.START),
        State.TESTING: (Act.START,),
        State.LIVE: (Act.END,),
        State.COMPLETE: (),
    }[shown.state]


def audience_of(shown: Shown, at: datetime) -> int:
    """Return how many watch: as many as YouTube tells lately, and never less than are known here."""
    row = shown.broadcast
    if row is None or row.concurrent is None or row.concurrent_at is None:
        return shown.viewers.now
    is_told = at - row.concurrent_at <= _TOLD_LATELY
    return max(shown.viewers.now, row.concurrent) if is_told else shown.viewers.now


def is_under_way(deed: Deed | None, at: datetime) -> bool:
    """Whether something is just being done; what began long ago was abandoned."""
    return deed is not None and deed.ended_at is None and at - deed.begun_at < ABANDONED_AFTER


def problem_of(turn: Turn, at: datetime) -> str | None:
    """Return the code of what is wrong with a broadcast: as last seen, or as the last act found it lately."""
    row, deed = turn.shown.broadcast, turn.deed
    if not turn.streams or is_under_way(deed, at):
        return None
    if row is not None and row.problem_code is not None:
        return row.problem_code
    if deed is None or turn.shown.state in _REACHED.get(deed.act, ()):
        return None
    if deed.ended_at is None:
        return "interrupted"
    return deed.problem_code if at - deed.ended_at < _TOLD_FOR else None
