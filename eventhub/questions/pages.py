"""Where the audience asks, votes and answers: on the watch page, and by everybody's personal page.

On the watch page the participant is known by its cookie, on `/p/` by the page's token. Who has neither reads along.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound, Refusal, TooLarge, Unreadable
from eventhub.events import actions as events
from eventhub.language import Reader, choose
from eventhub.participants.links import LinkClaim, PersonalLinks
from eventhub.signing import BadToken
from eventhub.streaming import actions as streaming
from eventhub.streaming import joining
from eventhub.streaming.actions import Entrance
from eventhub.streaming.rules import Door
from eventhub.web.access import personal
from eventhub.web.forms import in_time, read_form
from eventhub.web.keys import CLOCK, EVENT, READER, SETTINGS, reading, transaction
from eventhub.web.language import COOKIE
from eventhub.web.pages import page, see_other
from eventhub.wording import render, say

from . import actions, asking
from .asking import Asker
from .forms import Choice, NewQuestion

FORM_LIMIT = 10_000
Do = Callable[[AsyncConnection, Asker, dict[str, str]], Awaitable[object]]


@personal
async def show_floor(request: web.Request) -> web.StreamResponse:
    """Show questions and polls: a whole page, or (`?part=`) what a page that is open shows of them."""
    return await _show(request)


@personal
async def ask(request: web.Request) -> web.StreamResponse:
    """Put a question to the moderators."""

    async def do(tx: AsyncConnection, asker: Asker, form: dict[str, str]) -> None:
        wanted = read_form(NewQuestion, form)
        at = request.app[CLOCK].now()
        await asking.ask(tx, asker, wanted.text, anonymous=wanted.anonymous, at=at)

    return await _act(request, do, "sent")


@personal
async def vote(request: web.Request) -> web.StreamResponse:
    """Vote for a question, or take the vote back (`wanted=0`)."""

    async def do(tx: AsyncConnection, asker: Asker, form: dict[str, str]) -> None:
        number, wanted = int(request.match_info["id"]), form.get("wanted") != "0"
        await asking.vote(tx, asker, number, wanted=wanted, at=request.app[CLOCK].now())

    return await _act(request, do)


@personal
async def answer_poll(request: web.Request) -> web.StreamResponse:
    """Answer an open poll, or change one's answer."""

    async def do(tx: AsyncConnection, asker: Asker, form: dict[str, str]) -> None:
        choice = read_form(Choice, form).choice
        at = request.app[CLOCK].now()
        await asking.answer_poll(tx, asker, int(request.match_info["id"]), choice=choice, at=at)

    return await _act(request, do)


async def _act(request: web.Request, do: Do, done: str = "") -> web.StreamResponse:
    form = await _posted(request)
    async with reading(request) as tx:
        entrance = await _entrance(request, tx)
    if entrance is None:
        raise NotFound(say("Please open the link in your invitation to take part."))
    asker = _asker(entrance)
    try:
        async with transaction(request) as tx:
            await do(tx, asker, form)
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return await _show(request, form, refusal)
    if request.headers.get("X-Part"):
        return await _show(request, done=done)
    return see_other(request, path=f"{_base(request)}{f'?done={done}' if done else ''}")


async def _show(
    request: web.Request,
    form: dict[str, str] | None = None,
    refusal: Refusal | None = None,
    done: str = "",
) -> web.Response:
    async with reading(request) as tx:
        entrance = await _entrance(request, tx)
        session = (
            entrance.session
            if entrance
            else await actions.find_session(tx, request[EVENT], request.match_info["session"])
        )
        if entrance is None and not session.stream:
            raise NotFound(say("There is no stream of this session."))
        reader = entrance.guest.participant_id if entrance else None
        shown = await actions.show(tx, session.session_id, reader)
    is_part = "part" in request.query or "X-Part" in request.headers
    values: dict[str, Any] = {
        "session": session,
        "guest": entrance.guest if entrance else None,
        "is_over": entrance is None or entrance.door is Door.OVER,
        "shown": shown,
        "base": _base(request),
        "form": form or {},
        "refused": render(refusal.text, request[READER]) if refusal else "",
        "done": done or request.query.get("done", ""),
        "back": _back(request),
        "token": request.match_info.get("token", ""),
    }
    status = refusal.status if refusal else 200
    template = "questions/floor.html" if is_part else "questions/page.html"
    response = await page(request, template, status=status, **values)
    if refusal is not None and "Retry-After" not in response.headers:
        wait = getattr(refusal, "retry_after", None)
        if wait:
            response.headers["Retry-After"] = str(wait)
    return response


async def _entrance(request: web.Request, tx: AsyncConnection) -> Entrance | None:
    """Return who takes part in which session; None for somebody who only watches."""
    token = request.match_info.get("token")
    if token is not None:
        return await _by_page(request, tx, token)
    cookie = request.cookies.get(joining.WATCH_COOKIE)
    if cookie is None:
        return None
    try:
        entrance = await joining.open_token(request, tx, cookie)
    except Refusal:
        return None
    return entrance if entrance.session.code == request.match_info["session"] else None


async def _by_page(request: web.Request, tx: AsyncConnection, token: str) -> Entrance:
    settings = request.app[SETTINGS]
    try:
        claim = PersonalLinks(settings.secret, settings.base_url).open_page(token)
    except BadToken as error:
        raise NotFound(streaming.dead_link()) from error
    found = await actions.find_reader(tx, claim)
    if found is None:
        raise NotFound(streaming.dead_link())
    event_id, language = found
    event = await events.get_event_by_id(tx, event_id)
    request[EVENT] = event
    wished = choose([request.query.get("lang", ""), request.cookies.get(COOKIE, "")])
    request[READER] = Reader(wished or language, event.zone)
    session = await actions.find_session(tx, event, request.match_info["session"])
    to_session = LinkClaim(claim.participant_id, claim.generation, session.session_id)
    return await streaming.open_entrance(tx, to_session, request.app[CLOCK].now())


def _asker(entrance: Entrance) -> Asker:
    guest = entrance.guest
    return Asker(
        event_id=guest.event_id,
        session_id=guest.session_id,
        session=guest.session,
        participant_id=guest.participant_id,
        is_over=entrance.door is Door.OVER,
    )


def _base(request: web.Request) -> str:
    code = request.match_info["session"]
    if token := request.match_info.get("token"):
        return f"/p/{token}/sessions/{code}"
    return f"/{request[EVENT].slug}/watch/{code}/questions"


def _back(request: web.Request) -> str:
    if token := request.match_info.get("token"):
        return f"/p/{token}/#s-{request.match_info['session']}"
    return f"/{request[EVENT].slug}/watch/{request.match_info['session']}"


async def _posted(request: web.Request) -> dict[str, str]:
    try:
        async with in_time():
            form = await request.clone(client_max_size=FORM_LIMIT).post()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(say("This is too large.")) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise Unreadable(say("The form could not be read. Please send it again.")) from error
    return {name: value for name, value in form.items() if isinstance(value, str)}


_WATCH = "/{event}/watch/{session}/questions"
_PERSON = "/p/{token}/sessions/{session}"

ROUTES = [
    route
    for name, base in (("questions.watch", _WATCH), ("questions.person", _PERSON))
    for route in (
        web.get(base, show_floor, name=name),
        web.post(f"{base}/ask", ask, name=f"{name}_ask"),
        web.post(base + r"/{id:\d{1,9}}/vote", vote, name=f"{name}_vote"),
        web.post(base + r"/polls/{id:\d{1,9}}", answer_poll, name=f"{name}_poll"),
    )
]
