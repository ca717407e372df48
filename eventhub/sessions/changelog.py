"""What each release changed, for the public: a page and a feed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from aiohttp import web

from eventhub.language import Reader, zone_of
from eventhub.web.access import public
from eventhub.web.conditional import file, is_unchanged, not_modified
from eventhub.web.fields import INT32
from eventhub.web.keys import CLOCK, READER, base_url, reading
from eventhub.web.pages import page
from eventhub.wording import render

from . import change_lists, changes_feed, release_store
from .model import Change, Release
from .published import last_release, published_event
from .sentences import sentence

SHOWN_CHANGES = 50
SHOWN_RELEASES = 30
FED_CHANGES = 100


@public
async def show_changes(request: web.Request) -> web.Response:
    """Tell what each release changed, the latest first, by day."""
    event, reader = published_event(request), request[READER]
    whole, own = request.query.get("all", ""), _own_zone(request)
    async with reading(request) as tx:
        releases = await release_store.list_releases(tx, event.id, INT32, SHOWN_RELEASES)
        shown = [
            _cut(each, None if whole == str(each.number) else SHOWN_CHANGES) for each in releases
        ]
        starts = {each.id: await release_store.starts_of(tx, each) for each in shown}
    told = [
        _told(before, each.changes)
        | {"days": change_lists.by_day(each.changes, starts[each.id], event, reader, own)}
        for before, each in zip(releases, shown, strict=True)
    ]
    own_zone = reader.zone_name(request.app[CLOCK].now(), own) if own else ""
    return await page(request, "sessions/changes.html", releases=told, own_zone=own_zone)


def _cut(release: Release, most: int | None) -> Release:
    # In the first release everything is new; saying so once is enough.
    kept = release.changes[: 0 if release.number == 1 and most else most]
    return replace(release, changes=kept)


def _told(release: Release, shown: Sequence[Change]) -> dict[str, Any]:
    return {
        "number": release.number,
        "published_at": release.published_at,
        "note": release.note,
        "more": len(release.changes) - len(shown),
    }


def _own_zone(request: web.Request) -> ZoneInfo | None:
    """Return the viewer's zone, as their browser told it or the address asks for; None where it is none."""
    asked = request.query.get("zone") or unquote(request.cookies.get("zone", ""))
    try:
        return zone_of(asked) if asked else None
    except (KeyError, ValueError, OSError):
        # A zone that does not exist, a path, or a folder of zones (CPython opens it and fails).
        return None


@public
async def get_feed(request: web.Request) -> web.Response:
    """Give the changes as an Atom feed, in the reader's language."""
    event, reader = published_event(request), request[READER]
    async with reading(request) as tx:
        last = await last_release(tx, event)
        etag = f"{last.number}-{event.version}-{reader.language}"
        if is_unchanged(request, etag, last.published_at):
            return _varying(not_modified(etag, last.published_at))
        releases = await release_store.list_releases(tx, event.id, INT32, SHOWN_RELEASES)
    address = f"{base_url(request)}/{event.slug}/changes"
    body = changes_feed.write(
        changes_feed.Feed(
            slug=event.slug,
            title=f"{event.title}: {reader.gettext('Changes')}",
            author=event.title,
            language=reader.language,
            page=address,
            itself=f"{address}.atom",
            updated_at=last.published_at,
            entries=[_entry(release, reader) for release in releases],
        )
    )
    response = file(
        body, changes_feed.CONTENT_TYPE, "changes.atom", etag=etag, modified=last.published_at
    )
    # A feed is read where it is, not saved.
    del response.headers["Content-Disposition"]
    return _varying(response)


def _varying(response: web.Response) -> web.Response:
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def _entry(release: Release, reader: Reader) -> changes_feed.Entry:
    count = len(release.changes)
    if release.number == 1:
        first = reader.ngettext(
            "The first published programme, with %(num)s session.",
            "The first published programme, with %(num)s sessions.",
            count,
        )
        sentences, more = [], first % {"num": count}
    else:
        sentences = [render(sentence(each), reader) for each in release.changes[:FED_CHANGES]]
        left = count - len(sentences)
        text = reader.ngettext("And %(num)s more change.", "And %(num)s more changes.", left)
        more = text % {"num": left} if left else ""
        if not count:
            more = reader.gettext("Nothing in the programme changed.")
    return changes_feed.Entry(
        number=release.number,
        published_at=release.published_at,
        title=reader.gettext("Release %(n)s") % {"n": release.number},
        note=release.note,
        sentences=sentences,
        more=more,
    )


ROUTES = [
    web.get("/{event}/changes", show_changes, name="programme.changes"),
    web.get("/{event}/changes.atom", get_feed, name="programme.changes.atom"),
]
