"""What stands in the programme's way, and publishing it."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, Refusal
from eventhub.events.model import Event
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import render, say

from . import actions, change_lists
from .forms import NewRelease
from .model import Severity


@allow(Right.PROGRAMME_READ)
async def show_conflicts(request: web.Request) -> web.Response:
    """List what stands in the programme's way, the gravest first."""
    event, reader = request[EVENT], request[READER]
    async with reading(request) as tx:
        found = await actions.conflicts_of(tx, event)
    order = list(Severity)
    found.sort(key=lambda conflict: order.index(conflict.severity))
    rows = [
        {"severity": c.severity.value, "sessions": c.sessions, "text": render(c.explanation, reader)}
        for c in found
    ]  # fmt: skip
    return await page(request, "manage/conflicts.html", conflicts=rows[:500], of=len(rows))


@allow(Right.PROGRAMME_WRITE)
async def show_publish(request: web.Request) -> web.Response:
    """Show what a release would change and what forbids it."""
    return await _publish_page(request, Filled({"notify": "now"}))


@allow(Right.PROGRAMME_WRITE)
async def publish(request: web.Request) -> web.Response:
    """Publish the draft as the next release."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    try:
        wanted = read_form(NewRelease, form)
        async with transaction(request) as tx:
            await _refuse_unchanged(tx, event)
            await actions.publish(
                tx, event, note=wanted.note, notify=wanted.notify, who=request[PRINCIPAL], at=at
            )
    except Refusal as refusal:
        return await _publish_page(
            request, filled(text_fields(form), refusal, request[READER]), refusal.status
        )
    return see_other(request, path=f"/manage/{event.slug}/?published=1")


async def _refuse_unchanged(tx: AsyncConnection, event: Event) -> None:
    """A second press of the button must not make a release that changes nothing."""
    if await actions.latest_release(tx, event.id) and not await actions.pending_changes(tx, event):
        raise Conflict(say("Nothing has changed since the last release."))


async def _publish_page(request: web.Request, form: Filled, status: int = 200) -> web.Response:
    event, reader = request[EVENT], request[READER]
    async with reading(request) as tx:
        found = await actions.conflicts_of(tx, event)
        changes = await actions.pending_changes(tx, event)
        last = await actions.latest_release(tx, event.id)
    forbidding = [c for c in found if c.severity in {Severity.BLOCK, Severity.BLOCK_RELEASE}]
    warnings = [c for c in found if c.severity is Severity.WARN]
    return await page(
        request, "manage/publish.html", status=status, form=form, last=last, of=len(changes),
        groups=change_lists.by_kind(changes, reader),
        forbidding=[render(c.explanation, reader) for c in forbidding[:20]], forbidding_of=len(forbidding),
        warnings=[render(c.explanation, reader) for c in warnings[:20]], warnings_of=len(warnings),
    )  # fmt: skip


ROUTES = [
    web.get("/manage/{event}/programme/conflicts", show_conflicts, name="sessions.conflicts"),
    web.get("/manage/{event}/programme/publish", show_publish, name="sessions.publish"),
    web.post("/manage/{event}/programme/publish", publish, name="sessions.publish.post"),
]
