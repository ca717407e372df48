"""Moderating and polling for programs."""

from eventhub.web.access import Right
from eventhub.web.operations import Answer, Call, operation

from . import actions
from .forms import (
    NewPoll,
    PollList,
    PollShape,
    QuestionList,
    QuestionShape,
    poll_shape,
    question_shape,
)
from .model import Act, PollAct

_SESSION = "/events/{event}/sessions/{session}"


@operation(
    "GET",
    f"{_SESSION}/questions",
    right=Right.BROADCASTS_READ,
    answers={200: QuestionList},
    summary="List a session's questions with their votes, in the order the audience reads them",
)
async def list_questions(call: Call[None, None]) -> Answer:
    session = await actions.find_session(call.tx, call.event, call.path["session"])
    found = await actions.queue(call.tx, session.session_id)
    return Answer(200, QuestionList(items=[question_shape(each) for each in found.questions]))


@operation(
    "POST",
    f"{_SESSION}/questions/{{id:\\d{{1,9}}}}/actions/{{act:approve|reject|answered|pin|unpin}}",
    right=Right.BROADCASTS_ACT,
    answers={200: QuestionShape},
    summary="Approve, reject, pin or unpin a question, or mark it as answered",
)
async def moderate(call: Call[None, None]) -> Answer:
    session = await actions.find_session(call.tx, call.event, call.path["session"])
    question = await actions.moderate(
        call.tx,
        call.event,
        session,
        int(call.path["id"]),
        Act(call.path["act"]),
        who=call.who,
        at=call.at,
    )
    return Answer(200, question_shape(question))


@operation(
    "GET",
    f"{_SESSION}/polls",
    right=Right.BROADCASTS_READ,
    answers={200: PollList},
    summary="List a session's polls with their answers counted, the newest first",
)
async def list_polls(call: Call[None, None]) -> Answer:
    session = await actions.find_session(call.tx, call.event, call.path["session"])
    found = await actions.queue(call.tx, session.session_id)
    return Answer(200, PollList(items=[poll_shape(each) for each in found.polls]))


@operation(
    "POST",
    f"{_SESSION}/polls",
    right=Right.BROADCASTS_ACT,
    body=NewPoll,
    answers={201: PollShape},
    summary="Write a poll; the audience sees it once it is opened",
)
async def make_poll(call: Call[NewPoll, None]) -> Answer:
    session = await actions.find_session(call.tx, call.event, call.path["session"])
    poll = await actions.make_poll(
        call.tx,
        call.event,
        session,
        text=call.form.text,
        choices=call.form.choices,
        who=call.who,
        at=call.at,
    )
    return Answer(201, poll_shape(poll))


@operation(
    "POST",
    f"{_SESSION}/polls/{{id:\\d{{1,9}}}}/actions/{{act:open|close|delete}}",
    right=Right.BROADCASTS_ACT,
    answers={200: PollShape},
    summary="Open, close or delete a poll",
)
async def conduct(call: Call[None, None]) -> Answer:
    session = await actions.find_session(call.tx, call.event, call.path["session"])
    poll = await actions.conduct(
        call.tx,
        call.event,
        session,
        int(call.path["id"]),
        PollAct(call.path["act"]),
        who=call.who,
        at=call.at,
    )
    return Answer(200, poll_shape(poll))


API = [list_questions, moderate, list_polls, make_poll, conduct]
