"""What an organizer chooses to tell whom: by session kind and way of attending, counted before it is kept."""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.errors import Invalid
from eventhub.events.model import Attendance
from eventhub.sessions.model import Kind
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions, choice_store
from .choices import Choices, Told


@allow(Right.INVITATIONS)
async def show_choices(request: web.Request) -> web.Response:
    """Show what is chosen."""
    async with reading(request) as tx:
        choices = await choice_store.get_choices(tx, request[EVENT].id)
    return await _page(request, choices, counts=None)


@allow(Right.INVITATIONS)
async def choose(request: web.Request) -> web.Response:
    """Count what would be sent with other choices, or keep them."""
    form = await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    choices = _read({name: text for name, text in form.items() if isinstance(text, str)})
    if form.get("do") != "save":
        async with transaction(request) as tx:
            now = await _count(request, tx, None)
            then = await _count(request, tx, choices)
        return await _page(request, choices, counts=(now, then))
    async with transaction(request) as tx:
        await choice_store.save_choices(tx, event.id, choices)
        await audit.record(
            tx,
            request[PRINCIPAL],
            "invitations.chosen",
            event.slug,
            event_id=event.id,
            at=at,
            detail={f"{kind} {way}": told for (kind, way), told in choices.unusual()},
        )
    return see_other(request, "invitations.choices", event=event.slug)


async def _count(
    request: web.Request, tx: AsyncConnection, choices: Choices | None
) -> Mapping[str, int]:
    queued = await actions.send_invitations(
        tx,
        request[EVENT],
        at=request.app[CLOCK].now(),
        domain=request.app[SETTINGS].mail_domain,
        dry_run=True,
        choices=choices,
    )
    return {str(kind): number for kind, number in queued.kinds.items()}


def _read(form: Mapping[str, str]) -> Choices:
    chosen = {}
    for kind in Kind:
        for way in Attendance:
            given = form.get(f"{kind}.{way}", "")
            if given not in set(Told):
                raise Invalid.field(
                    f"{kind}.{way}", say("Please choose one of the answers offered.")
                )
            chosen[str(kind), way] = Told(given)
    return Choices(chosen)


async def _page(
    request: web.Request,
    choices: Choices,
    *,
    counts: tuple[Mapping[str, int], Mapping[str, int]] | None,
) -> web.Response:
    return await page(
        request,
        "invites/choices.html",
        kinds=[str(kind) for kind in Kind],
        ways=[str(way) for way in Attendance],
        chosen={f"{kind}.{way}": str(choices.of(kind, way)) for kind in Kind for way in Attendance},
        counts=counts,
    )


HERE = "/manage/{event}/invitations/choices"

ROUTES = [
    web.get(HERE, show_choices, name="invitations.choices"),
    web.post(HERE, choose, name="invitations.choose"),
]
