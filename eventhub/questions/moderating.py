"""The moderators' queue: what was asked, what the audience sees, and the session's polls."""

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from eventhub.errors import Fault, Invalid
from eventhub.web.access import Right, allow
from eventhub.web.faults import invalid
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other

from . import actions
from .forms import FloorForm, NewPoll
from .model import Act, PollAct, State


@allow(Right.BROADCASTS_READ)
async def show_queue(request: web.Request) -> web.StreamResponse:
    """Show what waits, what the audience sees, what was answered or rejected; the polls; the settings."""
    return await _show(request, Filled({}))


@allow(Right.BROADCASTS_ACT)
async def moderate(request: web.Request) -> web.StreamResponse:
    """Do what the moderator decided about one question."""
    await posted(request)
    act = Act(request.match_info["act"])
    async with transaction(request) as tx:
        session = await actions.find_session(tx, request[EVENT], request.match_info["session"])
        await actions.moderate(
            tx, request[EVENT], session, int(request.match_info["id"]), act, **_by(request)
        )
    return _back(request)


@allow(Right.BROADCASTS_ACT)
async def change_floor(request: web.Request) -> web.StreamResponse:
    """Keep how the session takes questions."""
    wanted = read_form(FloorForm, await posted(request))
    async with transaction(request) as tx:
        session = await actions.find_session(tx, request[EVENT], request.match_info["session"])
        floor = wanted.floor(session.session_id)
        await actions.change_floor(tx, request[EVENT], session, floor, **_by(request))
    return _back(request)


@allow(Right.BROADCASTS_ACT)
async def make_poll(request: web.Request) -> web.StreamResponse:
    """Write a poll: the question, and a choice a line."""
    form = await posted(request)
    typed = text_fields(form)
    lines = [line for line in typed.get("choices", "").splitlines() if line.strip()]
    try:
        wanted = _read_poll(typed.get("text", ""), lines)
        async with transaction(request) as tx:
            session = await actions.find_session(tx, request[EVENT], request.match_info["session"])
            await actions.make_poll(
                tx,
                request[EVENT],
                session,
                text=wanted.text,
                choices=wanted.choices,
                **_by(request),
            )
    except Invalid as refusal:
        return await _show(request, filled(typed, refusal, request[READER]), refusal.status)
    return _back(request, "polls")


@allow(Right.BROADCASTS_ACT)
async def conduct(request: web.Request) -> web.StreamResponse:
    """Open, close or delete a poll."""
    await posted(request)
    act = PollAct(request.match_info["act"])
    async with transaction(request) as tx:
        session = await actions.find_session(tx, request[EVENT], request.match_info["session"])
        await actions.conduct(
            tx, request[EVENT], session, int(request.match_info["id"]), act, **_by(request)
        )
    return _back(request, "polls")


async def _show(request: web.Request, form: Filled, status: int = 200) -> web.Response:
    async with reading(request) as tx:
        session = await actions.find_session(tx, request[EVENT], request.match_info["session"])
        shown = await actions.queue(tx, session.session_id)
    groups = {state: [q for q in shown.questions if q.state is state] for state in State}
    groups[State.WAITING].sort(key=lambda question: question.id)
    return await page(
        request,
        "questions/queue.html",
        status=status,
        session=session,
        floor=shown.floor,
        polls=shown.polls,
        waiting=groups[State.WAITING],
        approved=groups[State.APPROVED],
        done=groups[State.ANSWERED] + groups[State.REJECTED],
        may_act=request[PRINCIPAL].has(Right.BROADCASTS_ACT),
        form=form,
    )


def _read_poll(text: str, lines: list[str]) -> NewPoll:
    try:
        return NewPoll.model_validate({"text": text, "choices": lines})
    except ValidationError as error:
        # A fault of the third line is one of the field that holds all lines.
        faults = {fault.field.partition(".")[0]: fault.text for fault in invalid(error).fields}
        raise Invalid([Fault(name, text) for name, text in faults.items()]) from error


def _by(request: web.Request) -> dict[str, Any]:
    return {"who": request[PRINCIPAL], "at": request.app[CLOCK].now()}


def _back(request: web.Request, place: str = "") -> web.Response:
    path = f"/manage/{request[EVENT].slug}/live/{request.match_info['session']}/questions"
    return see_other(request, path=f"{path}#{place}" if place else path)


_PATH = "/manage/{event}/live/{session}/questions"

ROUTES = [
    web.get(_PATH, show_queue, name="questions.queue"),
    web.post(_PATH, change_floor, name="questions.floor"),
    web.post(
        _PATH + r"/{id:\d{1,9}}/{act:approve|reject|answered|pin|unpin}",
        moderate,
        name="questions.moderate",
    ),
    web.post(_PATH + "/polls", make_poll, name="questions.make_poll"),
    web.post(
        _PATH + r"/polls/{id:\d{1,9}}/{act:open|close|delete}", conduct, name="questions.conduct"
    ),
]
