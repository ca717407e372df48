"""Answering by a link in a mail, naming who comes instead, attending another way: never by opening a page alone."""

from aiohttp import web

from eventhub.errors import NotFound, Refusal
from eventhub.participants import standing
from eventhub.web.access import personal
from eventhub.web.filled import Filled, filled
from eventhub.web.keys import CLOCK, READER, reading, transaction
from eventhub.web.pages import page
from eventhub.wording import say

from . import actions, forms
from .model import ANSWERS, Item, Person
from .opening import back, open_page, read_post


@personal
async def show_answer(request: web.Request) -> web.StreamResponse:
    """Show one session with the answer that a mail's link offers, to be confirmed."""
    code, offered = request.query.get("session", ""), request.query.get("answer", "")
    async with reading(request) as tx:
        person, _event = await open_page(request, tx)
        item = await actions.open_item(tx, person, code, request.app[CLOCK].now())
    return await page(
        request,
        "personal/answer.html",
        person=person,
        item=item,
        offered=offered if offered in ANSWERS else "",
    )


@personal
async def show_instead(request: web.Request) -> web.StreamResponse:
    """Show the form for who comes in the person's place."""
    return await _form(request, Filled({}), request.query.get("session", ""))


@personal
async def name_instead(request: web.Request) -> web.StreamResponse:
    """Let somebody come in the person's place, to one session or to all, or nobody any more."""
    form = await read_post(request)
    at, code = request.app[CLOCK].now(), form.get("session", "")
    try:
        async with transaction(request) as tx:
            person, _event = await open_page(request, tx)
            if form.get("do") == "take_back":
                await actions.take_back(tx, person, at=at)
            else:
                who = forms.read_substitute(form)
                await actions.name_substitute(tx, person, who, code, at=at)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _form(request, filled(form, refusal, request[READER]), code, refusal.status)
    return back(request, f"s-{code}" if code else "agenda")


@personal
async def attend(request: web.Request) -> web.StreamResponse:
    """Let the person attend a session another way, posted as `attend=CODE:WAY`."""
    form = await read_post(request)
    code, _, way = form.get("attend", "").rpartition(":")
    async with transaction(request) as tx:
        person, _event = await open_page(request, tx)
        await actions.switch(tx, person, code, way, at=request.app[CLOCK].now())
    return back(request, f"s-{code}")


async def _form(
    request: web.Request, form: Filled, code: str, status: int = 200
) -> web.StreamResponse:
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        person, _event = await open_page(request, tx)
        item: Item | None = await actions.open_item(tx, person, code, at) if code else None
        instead = await standing.list_substitutes(tx, person.id)
        _refuse_substitute(person, await standing.find_substitute(tx, person.id) is not None)
    return await page(
        request,
        "personal/instead.html",
        status=status,
        person=person,
        item=item,
        form=form,
        instead=instead,
    )


def _refuse_substitute(person: Person, is_one: bool) -> None:
    if is_one:
        raise NotFound(
            say(
                "You come in the place of {name}. If you cannot, please tell that office.",
                name=person.in_place_of or "",
            )
        )


ROUTES = [
    web.get("/p/{token}/answer", show_answer, name="personal.show_answer"),
    web.get("/p/{token}/instead", show_instead, name="personal.show_instead"),
    web.post("/p/{token}/instead", name_instead, name="personal.instead"),
    web.post("/p/{token}/attend", attend, name="personal.attend"),
]
