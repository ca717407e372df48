"""Broadcasts for programs."""

from eventhub.errors import Conflict, NotFound
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.keys import INSTALLATION
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor
from eventhub.wording import say

from . import actions, control, room_api
from .forms import BroadcastShape, PastedLink, broadcast_shape
from .model import Act
from .trouble import YouTubeTrouble

_ONE = "/events/{event}/broadcasts/{session}"


@operation(
    "GET",
    "/events/{event}/broadcasts",
    right=Right.BROADCASTS_READ,
    query=Paging,
    answers={200: Listing[BroadcastShape]},
    summary="List the broadcasts of all sessions that stream",
)
async def list_broadcasts(call: Call[None, Paging]) -> Answer:
    after = read_cursor(call.query.cursor, str)
    shown = await actions.list_shown(call.tx, call.event.id, call.at)
    if after:
        codes = [each.session for each in shown]
        shown = shown[codes.index(after[0]) + 1 :] if after[0] in codes else []
    shapes = [broadcast_shape(each, call.reader) for each in shown[: call.query.limit + 1]]
    return Answer(200, listing(shapes, call.query.limit, lambda shape: (shape.session,)))


@operation(
    "GET",
    _ONE,
    right=Right.BROADCASTS_READ,
    answers={200: BroadcastShape},
    summary="Show a session's broadcast",
)
async def show_broadcast(call: Call[None, None]) -> Answer:
    shown = await actions.get_shown(call.tx, call.event.id, call.path["session"], call.at)
    version = shown.broadcast.version if shown.broadcast else 0
    return Answer(200, broadcast_shape(shown, call.reader), version)


@operation(
    "PUT",
    _ONE,
    right=Right.BROADCASTS_ACT,
    body=PastedLink,
    answers={200: BroadcastShape},
    summary="Stream a session by a link",
)
async def paste_link(call: Call[PastedLink, None]) -> Answer:
    shown = await actions.paste_link(
        call.tx,
        call.event,
        call.path["session"],
        link=call.form.watch_url,
        who=call.who,
        at=call.at,
    )
    version = shown.broadcast.version if shown.broadcast else 0
    return Answer(200, broadcast_shape(shown, call.reader), version)


@operation(
    "POST",
    _ONE + "/actions/{action}",
    right=Right.BROADCASTS_ACT,
    answers={200: BroadcastShape},
    summary="Create, test, start, end or delete a broadcast; 409 carries its `problem`",
    calls_out=True,
)
async def act(call: Call[None, None]) -> Answer:
    if call.path["action"] not in set(Act):
        raise NotFound(say("There is nothing at this address."))
    try:
        shown = await control.act(
            call.request.app[INSTALLATION],
            call.event,
            call.path["session"],
            Act(call.path["action"]),
            who=call.who,
        )
    except YouTubeTrouble as trouble:
        raise refused(trouble) from trouble
    return Answer(200, broadcast_shape(shown, call.reader))


def refused(trouble: YouTubeTrouble) -> Conflict:
    """Return the refusal of an operator's wish, its problem in it."""
    problem = trouble.problem
    shape = {
        "code": problem.code,
        "explanation": problem.explanation,
        "action": problem.action,
    }
    return Conflict(problem.explanation, facts={"problem": shape})


API = [list_broadcasts, show_broadcast, paste_link, act, *room_api.API]
