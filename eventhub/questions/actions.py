"""Moderating and polling, and what of it is shown: each in one transaction, and told to open pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Invalid, NotFound
from eventhub.events.model import Event
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Released, SessionState
from eventhub.web.access import Principal, Right
from eventhub.wording import Text, say

from . import rules, store
from .model import Act, Floor, Poll, PollAct, PollState, Question, State

LISTED = 500

find_reader = store.find_reader
find_code = store.find_code


@dataclass(frozen=True, slots=True)
class Shown:
    """What the audience sees of a session's floor."""

    floor: Floor
    questions: list[Question]
    polls: list[Poll]


async def find_session(tx: AsyncConnection, event: Event, code: str) -> Released:
    """Return a session of the last release that is held, or raise NotFound."""
    release = await programme.latest_release(tx, event.id)
    found = await programme.find_released(tx, release.id, code) if release else None
    if found is None or found.state is SessionState.CANCELLED:
        raise NotFound(say("There is no session {code}.", code=code))
    return found


async def show(tx: AsyncConnection, session_id: int, reader: int | None = None) -> Shown:
    """Return what the audience sees: approved and answered questions, a reader's own, and polls that were opened."""
    reader = reader or store.NOBODY
    listed = await store.list_questions(
        tx, session_id, reader=reader, states=(State.APPROVED, State.ANSWERED), limit=LISTED
    )
    polls = await store.list_polls(tx, session_id, reader=reader)
    return Shown(
        await store.find_floor(tx, session_id),
        rules.in_order(listed),
        [poll for poll in polls if poll.state is not PollState.DRAFT],
    )


async def queue(tx: AsyncConnection, session_id: int) -> Shown:
    """Return everything of a session's floor, for its moderators."""
    return Shown(
        await store.find_floor(tx, session_id),
        rules.in_order(await store.list_questions(tx, session_id, limit=LISTED)),
        await store.list_polls(tx, session_id),
    )


async def moderate(
    tx: AsyncConnection,
    event: Event,
    session: Released,
    question_id: int,
    act: Act,
    *,
    who: Principal,
    at: datetime,
) -> Question:
    """Do what a moderator decided; told to the audience where it changes what they see."""
    await lock_event(tx, event.id)
    question = await store.find_question(tx, session.session_id, question_id)
    if question is None:
        raise NotFound(no_question())
    changed = rules.after(question, act)
    if changed == question:
        return question
    await store.save_question(tx, changed)
    data = {"session": session.code, "question": question_id, "state": changed.state.value}
    session_id = session.session_id
    if question.is_shown or changed.is_shown:
        await news.tell(tx, "question", data, event_id=event.id, at=at, session_id=session_id)
    else:
        right = Right.BROADCASTS_READ.value
        await news.tell(tx, "question", data, event_id=event.id, at=at, right=right)
    subject = f"{session.code}/{question_id}"
    await audit.record(tx, who, f"question.{act}", subject, event_id=event.id, at=at)
    return changed


async def change_floor(
    tx: AsyncConnection,
    event: Event,
    session: Released,
    floor: Floor,
    *,
    who: Principal,
    at: datetime,
) -> None:
    """Keep how a session takes questions."""
    await lock_event(tx, event.id)
    await store.save_floor(tx, event.id, replace(floor, session_id=session.session_id))
    await _tell(tx, event.id, session, {}, at)
    await audit.record(tx, who, "question.settings_changed", session.code, event_id=event.id, at=at)


async def make_poll(
    tx: AsyncConnection,
    event: Event,
    session: Released,
    *,
    text: str,
    choices: Sequence[str],
    who: Principal,
    at: datetime,
) -> Poll:
    """Write a poll; the audience sees it once it is opened."""
    if len(set(choices)) < len(choices):
        raise Invalid.field("choices", say("Each choice may stand here once."))
    values = {"event_id": event.id, "session_id": session.session_id, "made_at": at}
    poll_id = await store.insert_poll(tx, values | {"text": text, "choices": list(choices)})
    subject = f"{session.code}/{poll_id}"
    await audit.record(tx, who, "poll.made", subject, event_id=event.id, at=at)
    return await get_poll(tx, session.session_id, poll_id)


async def conduct(
    tx: AsyncConnection,
    event: Event,
    session: Released,
    poll_id: int,
    act: PollAct,
    *,
    who: Principal,
    at: datetime,
) -> Poll:
    """Open, close or delete a poll; return it as it then stands (or stood)."""
    await lock_event(tx, event.id)
    poll = await get_poll(tx, session.session_id, poll_id)
    state = rules.poll_after(poll.state, act)
    if act is PollAct.DELETE:
        await store.delete_poll(tx, poll_id)
    elif state is not None:
        await store.set_poll_state(tx, poll_id, state)
        poll = replace(poll, state=state)
    else:
        return poll
    await _tell(tx, event.id, session, {"poll": poll_id}, at)
    subject = f"{session.code}/{poll_id}"
    await audit.record(tx, who, f"poll.{act}", subject, event_id=event.id, at=at)
    return poll


async def tell_counts(
    tx: AsyncConnection, event_id: int, session_id: int, session: str, at: datetime
) -> None:
    """Tell open pages the votes and answers as they stand."""
    await store.counts_told(tx, session_id)
    shown = await show(tx, session_id)
    data = {
        "session": session,
        "votes": {str(each.id): each.votes for each in shown.questions},
        "polls": {str(poll.id): list(poll.counts) for poll in shown.polls},
    }
    await news.tell(tx, "question", data, event_id=event_id, at=at, session_id=session_id)


async def _tell(
    tx: AsyncConnection, event_id: int, session: Released, data: dict[str, object], at: datetime
) -> None:
    told = {"session": session.code, **data}
    await news.tell(tx, "question", told, event_id=event_id, at=at, session_id=session.session_id)


async def get_poll(tx: AsyncConnection, session_id: int, poll_id: int) -> Poll:
    """Return one of a session's polls, or raise NotFound."""
    found = await store.list_polls(tx, session_id, poll_id=poll_id)
    if not found:
        raise NotFound(no_poll())
    return found[0]


def no_question() -> Text:
    """What somebody reads whose question is not there."""
    return say("There is no such question (any more).")


def no_poll() -> Text:
    """What somebody reads whose poll is not there."""
    return say("There is no such poll (any more).")
