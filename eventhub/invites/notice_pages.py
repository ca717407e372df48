"""The notices of a release that wait for approval: read, let out, taken out, all or some."""

from aiohttp import web

from eventhub.accounts import audit
from eventhub.sessions import actions as sessions
from eventhub.web.access import Right, allow
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other

from . import actions, listing, previewing

PER_PAGE = 50


@allow(Right.INVITATIONS)
async def show_notices(request: web.Request) -> web.Response:
    """List whom a release's drafts are for and what they say, a page at a time."""
    event, number = request[EVENT], int(request.match_info["n"])
    wanted = request.query.get("q", "").strip()[:200]
    after = request.query.get("after", "")
    position = int(after) if after.isdecimal() and len(after) < 12 else 0
    async with reading(request) as tx:
        release = await sessions.get_release(tx, event.id, number)
        every = await previewing.list_drafts(tx, event, number, request[READER])
        counts = await listing.count_mails(tx, event.id, release=number)
    needle = wanted.casefold()
    found = [
        each for each in every if needle in f"{each.name} {each.office} {each.address}".casefold()
    ]
    rest = [each for each in found if each.id > position]
    shown = rest[:PER_PAGE]
    return await page(
        request,
        "invites/notices.html",
        release=release,
        drafts=shown,
        of=len(found),
        total=len(every),
        people=len({each.address for each in every}),
        counts={str(state): count for state, count in counts.items()},
        next_after=shown[-1].id if len(rest) > PER_PAGE else None,
        is_first=not position,
        wanted=wanted,
    )


@allow(Right.INVITATIONS)
async def decide(request: web.Request) -> web.Response:
    """Let drafts go out or take them out: those ticked, or all of the release."""
    form = await posted(request)
    event, number = request[EVENT], int(request.match_info["n"])
    ids = {int(str(id)) for id in form.getall("mail", []) if str(id).isdecimal()}
    at = request.app[CLOCK].now()
    async with transaction(request) as tx:
        await sessions.get_release(tx, event.id, number)
        known = {mail.id for mail in await actions.list_drafts(tx, event.id, release=number)}
        whole = form.get("which") == "all"
        if form.get("do") == "remove":
            count = await actions.remove_drafts(tx, event, known if whole else ids & known)
            action = "invitations.removed"
        else:
            count = await actions.approve_drafts(
                tx, event, at=at, release=number, ids=None if whole else ids & known
            )
            action = "invitations.approved"
        detail = {"mails": count, "release": number}
        await audit.record(
            tx, request[PRINCIPAL], action, event.slug, event_id=event.id, at=at, detail=detail
        )
    return see_other(request, "invitations.notices", event=event.slug, n=number)


HERE = r"/manage/{event}/releases/{n:\d{1,9}}/notices"

ROUTES = [
    web.get(HERE, show_notices, name="invitations.notices"),
    web.post(HERE, decide, name="invitations.notices.decide"),
]
