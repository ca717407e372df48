"""One session's broadcast: all that can be done about it, and its buttons wherever they stand."""

from aiohttp import web

from eventhub import outbox
from eventhub.errors import Conflict, Invalid
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    INSTALLATION,
    PRINCIPAL,
    READER,
    SETTINGS,
    reading,
    transaction,
)
from eventhub.web.pages import page, see_other

from . import actions, automatic_reading, channels, control, encoders, room_pages, sync, turn_rules
from .forms import PastedLink, WantedAct
from .model import Act, Provider, Shown
from .problems import PROBLEMS
from .trouble import Problem, YouTubeTrouble


@allow(Right.BROADCASTS_READ)
async def show_broadcast(request: web.Request) -> web.StreamResponse:
    """Show one session's broadcast with all that can be done about it."""
    return await _show_one(request)


@allow(Right.BROADCASTS_ACT)
async def act(request: web.Request) -> web.StreamResponse:
    """Press a button, which takes a second click; what YouTube answers to it is shown in words."""
    wanted = read_form(WantedAct, await posted(request))
    if wanted.act is not Act.CREATE and not wanted.confirm:
        return await _ask(request, wanted)
    session = request.match_info["session"]
    try:
        await control.act(
            request.app[INSTALLATION],
            request[EVENT],
            session,
            wanted.act,
            who=request[PRINCIPAL],
        )
    except YouTubeTrouble as trouble:
        if wanted.back == "session":
            return await _show_one(request, status=409, problem=trouble.problem)
    return await room_pages.back_to(request, wanted.back)


async def _ask(request: web.Request, wanted: WantedAct) -> web.Response:
    """Ask for the second click on a page of its own, for browsers without script."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
    return await page(
        request,
        "streaming/confirm.html",
        shown=shown,
        act=wanted.act,
        back=wanted.back,
        audience=turn_rules.audience_of(shown, at),
    )


@allow(Right.BROADCASTS_ACT)
async def paste_link(request: web.Request) -> web.StreamResponse:
    """Let the session be streamed by a link."""
    form = await posted(request)
    event, session = request[EVENT], request.match_info["session"]
    try:
        link = read_form(PastedLink, form)
        async with transaction(request) as tx:
            await actions.paste_link(
                tx,
                event,
                session,
                link=link.watch_url,
                who=request[PRINCIPAL],
                at=request.app[CLOCK].now(),
            )
    except (Invalid, Conflict) as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _show_one(request, status=refusal.status, form=shown)
    return see_other(request, "streaming.broadcast", event=event.slug, session=session)


@allow(Right.BROADCASTS_ACT)
async def show_key(request: web.Request) -> web.StreamResponse:
    """Show address and stream key for the encoder, this once."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        key = await encoders.reveal_key(
            tx, shown, secret=request.app[SETTINGS].secret, who=request[PRINCIPAL], at=at
        )
    return await _show_one(request, key=key)


@allow(Right.BROADCASTS_ACT)
async def set_up(request: web.Request) -> web.StreamResponse:
    """Let the worker make YouTube agree with the last release now."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await outbox.add(tx, sync.TOPIC, {}, event_id=event.id, at=at)
    return see_other(request, "streaming.live", event=event.slug)


def _problem(shown: Shown) -> Problem | None:
    code = shown.broadcast.problem_code if shown.broadcast else None
    return PROBLEMS.get(code) if code else None


async def _show_one(
    request: web.Request,
    *,
    status: int = 200,
    form: Filled | None = None,
    problem: Problem | None = None,
    key: tuple[str, str] | None = None,
) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        shown = await actions.get_shown(tx, event.id, request.match_info["session"], at)
        is_connected = await channels.is_connected(tx, request.app[SETTINGS], event.id)
        coming = await automatic_reading.find_coming(tx, event, shown.session, at)
    row = shown.broadcast
    link = row.watch_url if row and row.provider is Provider.LINK else ""
    return await page(
        request,
        "streaming/broadcast.html",
        status=status,
        shown=shown,
        row=row,
        refused=problem,
        key=key,
        problem=_problem(shown),
        acts=turn_rules.acts_of(shown),
        audience=turn_rules.audience_of(shown, at),
        form=form or Filled({"watch_url": link}),
        day=event.day_of(shown.starts_at),
        coming=coming,
        is_connected=is_connected,
        may_act=request[PRINCIPAL].has(Right.BROADCASTS_ACT),
    )


_LIVE = "/manage/{event}/live"

ROUTES = [
    *room_pages.ROUTES,
    web.post(f"{_LIVE}/set-up", set_up, name="streaming.set_up"),
    web.get(f"{_LIVE}/sessions/{{session}}", show_broadcast, name="streaming.broadcast"),
    web.post(f"{_LIVE}/sessions/{{session}}/act", act, name="streaming.act"),
    web.post(f"{_LIVE}/sessions/{{session}}/link", paste_link, name="streaming.link"),
    web.post(f"{_LIVE}/sessions/{{session}}/key", show_key, name="streaming.key"),
]
