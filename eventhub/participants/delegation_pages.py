"""The list of delegations and their forms."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Refusal, Stale
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions, delegation_store
from .forms import NewDelegation
from .model import Delegation

PAGE = 50
STALE = say(
    "Somebody changed this in the meantime. Load the page again, then change what you meant to."
)


@allow(Right.PEOPLE_READ)
async def show_delegations(request: web.Request) -> web.Response:
    """List delegations with how many people they have named, a page at a time."""
    event = request[EVENT]
    text = "".join(filter(str.isprintable, request.query.get("q", "")))[:200]
    begin = request.query.get("start", "")
    start = int(begin) if begin.isascii() and begin.isdigit() and len(begin) < 8 else 0
    words = text.split()[:10]
    async with reading(request) as tx:
        total = await delegation_store.count_delegations(tx, event.id, words)
        found = await delegation_store.search_delegations(
            tx, event.id, words, start=start, limit=PAGE
        )
    return await page(
        request,
        "participants/delegations.html",
        delegations=found,
        total=total,
        q=text,
        start=start,
        next_start=start + PAGE if start + PAGE < total else None,
        may_write=request[PRINCIPAL].has(Right.PEOPLE_WRITE),
    )


@allow(Right.PEOPLE_WRITE)
async def show_new_delegation(request: web.Request) -> web.Response:
    """Show the form of a new delegation."""
    return await _form_page(request, Filled({"kind": "agency", "attendance": "onsite"}))


@allow(Right.PEOPLE_WRITE)
async def add_delegation(request: web.Request) -> web.Response:
    """Add a delegation."""
    form, event, at = await posted(request), request[EVENT], request.app[CLOCK].now()
    try:
        wish = read_form(NewDelegation, text_fields(form))
        async with transaction(request) as tx:
            made = await actions.add_delegation(tx, wish.delegation(event))
            await audit.record(
                tx, request[PRINCIPAL], "delegation.added", made.code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _form_page(request, shown, refusal.status)
    return see_other(request, "participants.delegations", event=event.slug)


@allow(Right.PEOPLE_WRITE)
async def edit_delegation(request: web.Request) -> web.Response:
    """Show a delegation's form."""
    async with reading(request) as tx:
        delegation = await _delegation(request, tx)
    return await _form_page(request, Filled(_typed(delegation)), delegation=delegation)


@allow(Right.PEOPLE_WRITE)
async def change_delegation(request: web.Request) -> web.Response:
    """Change a delegation."""
    form, event, at = await posted(request), request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        delegation = await _delegation(request, tx)
    fields = text_fields(form)
    version = fields.pop("version", "")
    try:
        changes = read_form(NewDelegation, fields).model_dump(exclude={"code"})
        async with transaction(request) as tx:
            held = await actions.hold_delegation(tx, event.id, delegation.code)
            if version != str(held.version):
                raise Stale(STALE)
            await actions.change_delegation(tx, held, changes)
            await audit.record(
                tx, request[PRINCIPAL], "delegation.changed", held.code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _form_page(request, shown, refusal.status, delegation)
    return see_other(request, "participants.delegations", event=event.slug)


@allow(Right.PEOPLE_WRITE)
async def remove_delegation(request: web.Request) -> web.Response:
    """Take a delegation out, unless something refers to it."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        delegation = await _delegation(request, tx)
    try:
        async with transaction(request) as tx:
            held = await actions.hold_delegation(tx, event.id, delegation.code)
            await actions.remove_delegation(tx, held)
            await audit.record(
                tx, request[PRINCIPAL], "delegation.removed", held.code, event_id=event.id, at=at
            )
    except Refusal as refusal:
        shown = filled(_typed(delegation), refusal, request[READER])
        return await _form_page(request, shown, refusal.status, delegation)
    return see_other(request, "participants.delegations", event=event.slug)


async def _delegation(request: web.Request, tx: Any) -> Delegation:
    return await actions.get_delegation(tx, request[EVENT].id, request.match_info["delegation"])


async def _form_page(
    request: web.Request, form: Filled, status: int = 200, delegation: Delegation | None = None
) -> web.Response:
    return await page(
        request,
        "participants/delegation_form.html",
        status=status,
        form=form,
        delegation=delegation,
    )


def _typed(delegation: Delegation) -> Mapping[str, Any]:
    names = ("name", "kind", "parent", "time_zone", "email", "quota", "attendance", "version")
    return {name: getattr(delegation, name) for name in names}


ROUTES = [
    web.get("/manage/{event}/delegations", show_delegations, name="participants.delegations"),
    web.get(
        "/manage/{event}/delegations/new",
        show_new_delegation,
        name="participants.delegation.new",
    ),
    web.post("/manage/{event}/delegations/new", add_delegation, name="participants.delegation.add"),
    web.get(
        "/manage/{event}/delegations/{delegation}",
        edit_delegation,
        name="participants.delegation",
    ),
    web.post(
        "/manage/{event}/delegations/{delegation}",
        change_delegation,
        name="participants.delegation.change",
    ),
    web.post(
        "/manage/{event}/delegations/{delegation}/remove",
        remove_delegation,
        name="participants.delegation.remove",
    ),
]
