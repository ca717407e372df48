"""Choosing what starts and ends by itself: for the event, and for one session."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from eventhub.accounts import audit
from eventhub.errors import NotFound
from eventhub.web.access import Right, allow
from eventhub.web.fields import Form
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, transaction
from eventhub.web.pages import see_other
from eventhub.wording import say

from . import automatic, automatic_store, settings_store
from .automatic import Standing, Subject

_OWN = {"event": None, "yes": True, "no": False}


class EventForm(Form):
    """What an event's broadcasts do unless a session has its own choice."""

    starts_itself: Literal["1", ""] = ""
    ends_itself: Literal["1", ""] = ""
    end_after_minutes: Annotated[int, Field(ge=0, le=240)]
    silent_minutes: Annotated[int, Field(ge=1, le=60)]


class SessionForm(Form):
    """A session's own choice; `resume` takes back what an operator paused by acting by hand."""

    starts: Literal["event", "yes", "no"] = "event"
    ends: Literal["event", "yes", "no"] = "event"
    resume: Literal["1", ""] = ""


@allow(Right.EVENT_SETTINGS)
async def choose_for_event(request: web.Request) -> web.StreamResponse:
    """Save what all broadcasts of the event do by themselves."""
    form = read_form(EventForm, await posted(request))
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await settings_store.save_automatic(
            tx,
            event.id,
            starts_itself=form.starts_itself == "1",
            ends_itself=form.ends_itself == "1",
            end_after_minutes=form.end_after_minutes,
            silent_minutes=form.silent_minutes,
        )
        await audit.record(
            tx, request[PRINCIPAL], "streaming.automatic", event.slug, event_id=event.id, at=at,
            detail=form.model_dump(),
        )  # fmt: skip
    return see_other(request, "streaming.channels", event=event.slug)


@allow(Right.BROADCASTS_ACT)
async def choose_for_session(request: web.Request) -> web.StreamResponse:
    """Save what one session's broadcast does by itself, or let it go on with that."""
    form = read_form(SessionForm, await posted(request))
    event, at, code = request[EVENT], request.app[CLOCK].now(), request.match_info["session"]
    async with transaction(request) as tx:
        subject = await automatic_store.find_subject(tx, event, code, at)
        if subject is None:
            raise NotFound(say("This session is not in the published programme as a streamed one."))
        changes = _resumed() if form.resume else _chosen(form, subject)
        await automatic_store.change(tx, event.id, subject.session_id, **changes)
        await automatic_store.tell(tx, event.id, code, automatic.Does.NOTHING, at)
        await audit.record(
            tx, request[PRINCIPAL], "broadcast.automatic", code, event_id=event.id, at=at,
            detail={"resume": True} if form.resume else form.model_dump(include={"starts", "ends"}),
        )  # fmt: skip
    return see_other(request, "streaming.broadcast", event=event.slug, session=code)


def _chosen(form: SessionForm, subject: Subject) -> dict[str, object]:
    """Return what a new choice changes: whoever chooses anew what was paused wants it."""
    starts, ends = _OWN[form.starts], _OWN[form.ends]
    changes: dict[str, object] = {"starts": starts, "ends": ends}
    if starts and not subject.choice.starts:
        changes["start_paused_at"] = None
    if ends and not subject.choice.ends:
        changes["end_paused_at"] = None
    return changes


def _resumed() -> dict[str, object]:
    fresh = Standing()
    return {
        "start_paused_at": None,
        "end_paused_at": None,
        "paused_act": fresh.paused_act,
        "paused_by": fresh.paused_by,
        "tries": 0,
        "next_try_at": None,
        "problem_code": None,
    }


ROUTES = [
    web.post(
        "/manage/{event}/channels/automatic",
        choose_for_event,
        name="streaming.automatic_for_event",
    ),
    web.post(
        "/manage/{event}/live/sessions/{session}/automatic",
        choose_for_session,
        name="streaming.automatic",
    ),
]
