"""What a moderator's act makes of a question, how much one person may ask, in which order questions stand."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .model import Act, PollAct, PollState, Question, State

# One person's questions in one session; a queue that a person can read needs a bound.
MOST_IN_SPAN = 3
SPAN = timedelta(minutes=5)
MOST_IN_ALL = 20

_BECOMES = {
    Act.APPROVE: State.APPROVED,
    Act.REJECT: State.REJECTED,
    Act.ANSWERED: State.ANSWERED,
}
_POLL_STEPS = {
    (PollState.DRAFT, PollAct.OPEN): PollState.OPEN,
    (PollState.CLOSED, PollAct.OPEN): PollState.OPEN,
    (PollState.OPEN, PollAct.CLOSE): PollState.CLOSED,
}


def wait_before_asking(asked: Sequence[datetime], at: datetime) -> timedelta | None:
    """Return how long somebody waits who asked at these moments; None when they may ask now."""
    if len(asked) >= MOST_IN_ALL:
        return timedelta(hours=1)
    recent = sorted(moment for moment in asked if moment > at - SPAN)
    return recent[-MOST_IN_SPAN] + SPAN - at if len(recent) >= MOST_IN_SPAN else None


def after(question: Question, act: Act) -> Question:
    """Return a question after a moderator's act; what the audience does not see is pinned nowhere."""
    if act in _BECOMES:
        state = _BECOMES[act]
        return replace(
            question, state=state, is_pinned=question.is_pinned and state is State.APPROVED
        )
    if act is Act.PIN:
        return replace(question, state=State.APPROVED, is_pinned=True)
    return replace(question, is_pinned=False)


def poll_after(state: PollState, act: PollAct) -> PollState | None:
    """Return a poll's state after an act; None when it cannot be done."""
    return _POLL_STEPS.get((state, act))


def in_order(questions: Iterable[Question]) -> list[Question]:
    """Return questions as the audience reads them: pinned, most votes, longest waiting; the answered at the end."""
    return sorted(
        questions,
        key=lambda each: (
            each.state is State.ANSWERED,
            not each.is_pinned,
            -each.votes,
            each.asked_at,
            each.id,
        ),
    )
