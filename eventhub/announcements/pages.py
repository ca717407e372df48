"""Announcing, for organizers: write, see what was said, take it back."""

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Invalid
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.sessions import actions as sessions
from eventhub.sessions.model import SessionState
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other

from . import actions
from .forms import NewAnnouncement

LISTED = 100


@allow(Right.ANNOUNCE)
async def show_announcements(request: web.Request) -> web.StreamResponse:
    """Show the form and what was announced so far."""
    return await _show(request, Filled({"session": request.query.get("session", "")}))


@allow(Right.ANNOUNCE)
async def announce(request: web.Request) -> web.StreamResponse:
    """Announce something at once."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        wanted = read_form(NewAnnouncement, form)
        async with transaction(request) as tx:
            await actions.announce(
                tx, event, wanted.text, session=wanted.session, who=request[PRINCIPAL], at=at
            )
    except Invalid as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _show(request, shown, refusal.status)
    return see_other(request, "announcements.show", event=event.slug)


@allow(Right.ANNOUNCE)
async def take_back(request: web.Request) -> web.StreamResponse:
    """Let an announcement vanish from all pages."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        await actions.take_back(
            tx, event, int(request.match_info["id"]), who=request[PRINCIPAL], at=at
        )
    return see_other(request, "announcements.show", event=event.slug)


async def _show(request: web.Request, form: Filled, status: int = 200) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        made = await actions.list_before(tx, event.id, None, LISTED)
        choices = await _choices(tx, event, request[READER], at)
        chosen = form.typed.get("session")
        if chosen and chosen not in dict(choices):
            choices.append((chosen, chosen))
    return await page(
        request,
        "announcements/manage.html",
        status=status,
        form=form,
        made=made,
        sessions=choices,
    )


async def _choices(
    tx: AsyncConnection, event: Event, reader: Reader, at: datetime
) -> list[tuple[Any, str]]:
    """Return the sessions somebody would announce something about: of today, or of the next day that has any."""
    release = await sessions.latest_release(tx, event.id)
    if release is None:
        return []
    today = event.day_of(at)
    days = [day for day in event.days if day >= today] or list(event.days[-1:])
    for day in days:
        start, end = event.day_bounds(day)
        found = await sessions.list_released(tx, release.id, start=start, end=end)
        if held := [each for each in found if each.state is not SessionState.CANCELLED]:
            return [
                (each.code, f"{reader.clock(each.starts_at, event.zone)} {each.title}")
                for each in held
            ]
    return []


_PATH = "/manage/{event}/announcements"

ROUTES = [
    web.get(_PATH, show_announcements, name="announcements.show"),
    web.post(_PATH, announce, name="announcements.announce"),
    web.post(_PATH + r"/{id:\d{1,9}}/take-back", take_back, name="announcements.take_back"),
]
