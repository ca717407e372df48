"""Publishing the programme, its releases, and going back to one."""

from functools import partial

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Refusal, Stale
from eventhub.web.access import Right, allow
from eventhub.web.fields import INT32
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import render

from . import actions, change_lists, conflict_lists, restoring
from .concerned import CONCERNED
from .forms import NewRelease
from .looks import look
from .model import Release, Severity

# Of thousands who are told a few show what the mails say.
NAMED_PEOPLE = 20
SHOWN_RELEASES = 500


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
            # A second press of the button must not make a release that changes nothing.
            await actions.publish(
                tx, event, note=wanted.note, notify=wanted.notify,
                who=request[PRINCIPAL], at=at, only_changed=True,
            )  # fmt: skip
    except Refusal as refusal:
        return await _publish_page(
            request, filled(text_fields(form), refusal, request[READER]), refusal.status
        )
    return see_other(request, path=f"/manage/{event.slug}/?published=1")


async def _publish_page(request: web.Request, form: Filled, status: int = 200) -> web.Response:
    event, reader = request[EVENT], request[READER]
    async with reading(request) as tx:
        ahead = await actions.upcoming(tx, event)
        concerned = await request.app[CONCERNED](tx, event, ahead, reader, NAMED_PEOPLE)
    found = conflict_lists.gathered(ahead.conflicts)
    forbidding = [c for c in found if c.severity in {Severity.BLOCK, Severity.BLOCK_RELEASE}]
    warnings = [c for c in found if c.severity is Severity.WARN]
    edits = request[PRINCIPAL].has(Right.PEOPLE_WRITE)
    listed = partial(conflict_lists.rows, slug=event.slug, reader=reader, edits_people=edits)
    return await page(
        request, "manage/publish.html", status=status, form=form, last=ahead.last, of=len(ahead.changes),
        concerned=concerned, groups=change_lists.by_kind(ahead.changes, reader),
        forbidding=listed(forbidding[:20]), forbidding_of=len(forbidding),
        warnings=listed(warnings[:5]), warnings_of=len(warnings),
    )  # fmt: skip


@allow(Right.PROGRAMME_READ)
async def show_releases(request: web.Request) -> web.Response:
    """List the releases, the latest first."""
    async with reading(request) as tx:
        found = await actions.list_releases(tx, request[EVENT].id, INT32, SHOWN_RELEASES)
    may_write = request[PRINCIPAL].has(Right.PROGRAMME_WRITE)
    return await page(request, "manage/releases.html", releases=found, may_write=may_write)


@allow(Right.PROGRAMME_READ)
async def show_release(request: web.Request) -> web.Response:
    """Show what a release changed."""
    async with reading(request) as tx:
        release = await _release(request, tx)
    return await page(
        request, "manage/release.html", release=release, of=len(release.changes),
        groups=change_lists.by_kind(release.changes, request[READER]),
        may_write=request[PRINCIPAL].has(Right.PROGRAMME_WRITE),
    )  # fmt: skip


@allow(Right.PROGRAMME_WRITE)
async def show_restore(request: web.Request) -> web.Response:
    """Show what putting the draft back to a release would change."""
    return await _restore_page(request)


@allow(Right.PROGRAMME_WRITE)
async def restore(request: web.Request) -> web.Response:
    """Put the draft back to a release, as it was shown."""
    event, form, at = request[EVENT], await posted(request), request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            release = await _release(request, tx)
            seen = str(form.get("seen", ""))
            await restoring.restore(tx, event, release, who=request[PRINCIPAL], at=at, seen=seen)
    except Stale as refusal:
        refused = render(refusal.text, request[READER])
        return await _restore_page(request, refused, refusal.status)
    return see_other(request, path=f"/manage/{event.slug}/programme/publish")


async def _restore_page(request: web.Request, refused: str = "", status: int = 200) -> web.Response:
    event, reader = request[EVENT], request[READER]
    async with reading(request) as tx:
        release = await _release(request, tx)
        preview, losses = await restoring.look(tx, event, release)
    return await page(
        request, "manage/restore.html", status=status, release=release, refused=refused,
        seen=look(preview, reader, losses),
    )  # fmt: skip


async def _release(request: web.Request, tx: AsyncConnection) -> Release:
    return await actions.get_release(tx, request[EVENT].id, int(request.match_info["n"]))


RELEASES = "/manage/{event}/releases"
RELEASE = RELEASES + r"/{n:\d{1,9}}"

ROUTES = [
    web.get(RELEASES, show_releases, name="sessions.releases"),
    web.get(RELEASE, show_release, name="sessions.release"),
    web.get(f"{RELEASE}/restore", show_restore, name="sessions.restore_release"),
    web.post(f"{RELEASE}/restore", restore, name="sessions.restore_release.post"),
    web.get("/manage/{event}/programme/publish", show_publish, name="sessions.publish"),
    web.post("/manage/{event}/programme/publish", publish, name="sessions.publish.post"),
]
