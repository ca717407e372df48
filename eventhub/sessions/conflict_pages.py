"""The page of everything that stands in the programme's way."""

from aiohttp import web

from eventhub.web.access import Right, allow
from eventhub.web.keys import EVENT, PRINCIPAL, READER, reading
from eventhub.web.pages import page

from . import actions, conflict_lists

MOST = 500


@allow(Right.PROGRAMME_READ)
async def show_conflicts(request: web.Request) -> web.Response:
    """List what stands in the programme's way, the gravest first."""
    event = request[EVENT]
    async with reading(request) as tx:
        found = conflict_lists.gathered(await actions.conflicts_of(tx, event))
    edits = request[PRINCIPAL].has(Right.PEOPLE_WRITE)
    shown = conflict_lists.rows(found[:MOST], event.slug, request[READER], edits_people=edits)
    return await page(request, "manage/conflicts.html", conflicts=shown, of=len(found))


ROUTES = [
    web.get("/manage/{event}/programme/conflicts", show_conflicts, name="sessions.conflicts"),
]
