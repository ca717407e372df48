"""What an audience does: asks, votes for questions, answers polls. Each in one transaction, and told to open pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news, outbox
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Invalid, NotFound, TooMany
from eventhub.web.access import Right
from eventhub.wording import say

from . import actions, rules, store
from .model import PollState, State

COUNTS = "questions.counts"
# Counts are told together: an audience votes within seconds, and every open page hears each time.
COUNTS_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who takes part, and in which session. `is_over`: nothing more is asked there."""

    event_id: int
    session_id: int
    session: str
    participant_id: int
    is_over: bool


async def ask(
    tx: AsyncConnection, asker: Asker, text: str, *, anonymous: bool, at: datetime
) -> int:
    """Put a question to the moderators; return its id."""
    await lock_event(tx, asker.event_id)
    floor = await store.find_floor(tx, asker.session_id)
    _refuse_over(asker)
    if not floor.is_open:
        raise Conflict(say("This session takes no questions now."))
    asked = await store.list_asked(tx, asker.session_id, asker.participant_id)
    wait = rules.wait_before_asking(asked, at)
    if wait is not None:
        raise TooMany(
            say("You asked several questions just now. Please wait a few minutes."),
            int(wait.total_seconds()) + 1,
        )
    values = {
        "event_id": asker.event_id,
        "session_id": asker.session_id,
        "participant_id": asker.participant_id,
        "text": text,
        "is_anonymous": anonymous and floor.may_be_anonymous,
        "asked_at": at,
    }
    question_id = await store.insert_question(tx, values)
    data = {"session": asker.session, "question": question_id, "state": State.WAITING.value}
    right = Right.BROADCASTS_READ.value
    await news.tell(tx, "question", data, event_id=asker.event_id, at=at, right=right)
    return question_id


async def vote(
    tx: AsyncConnection, asker: Asker, question_id: int, *, wanted: bool, at: datetime
) -> None:
    """Let somebody's one vote for a question stand or not; a second time changes nothing."""
    await lock_event(tx, asker.event_id)
    _refuse_over(asker)
    question = await store.find_question(tx, asker.session_id, question_id)
    if question is None or not question.is_shown:
        raise NotFound(actions.no_question())
    if question.state is not State.APPROVED:
        raise Conflict(say("This question was answered already."))
    await store.vote(tx, question_id, asker.participant_id, wanted=wanted)
    await _counts_change(tx, asker.event_id, asker.session_id, at)


async def answer_poll(
    tx: AsyncConnection, asker: Asker, poll_id: int, *, choice: int, at: datetime
) -> None:
    """Keep somebody's one answer to an open poll; another one replaces it."""
    await lock_event(tx, asker.event_id)
    poll = await actions.get_poll(tx, asker.session_id, poll_id)
    if poll.state is PollState.DRAFT:
        raise NotFound(actions.no_poll())
    if poll.state is PollState.CLOSED or asker.is_over:
        raise Conflict(say("This poll is closed."))
    if not 0 <= choice < len(poll.choices):
        raise Invalid.field("choice", say("Please choose one of the answers offered."))
    await store.answer_poll(tx, poll_id, asker.participant_id, choice)
    await _counts_change(tx, asker.event_id, asker.session_id, at)


async def _counts_change(tx: AsyncConnection, event_id: int, session_id: int, at: datetime) -> None:
    due_at = at + COUNTS_WAIT
    if await store.await_counts(tx, event_id, session_id, at=at, due_at=due_at):
        payload = {"session_id": session_id}
        await outbox.add(tx, COUNTS, payload, event_id=event_id, at=at, due_at=due_at)


def _refuse_over(asker: Asker) -> None:
    if asker.is_over:
        raise Conflict(say("This session is over; nothing more can be asked."))
