"""A delegation's calendar: the sessions to which it or one of its people is invited, as the public reads them.

Its address is the right to it and opens nothing else; it holds no personal link, as offices share their calendars.
"""

from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.errors import NotFound
from eventhub.events import actions as events
from eventhub.participants import actions as participants
from eventhub.participants.links import PersonalLinks
from eventhub.participants.tables import delegations
from eventhub.participants.tables import participants as people
from eventhub.signing import BadToken
from eventhub.web import shelf
from eventhub.web.access import Right, allow, personal
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, SETTINGS, base_url, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.web.subscribing import subscription
from eventhub.wording import say

from . import calendar, release_store
from .model import Released

TYPE = "text/calendar; charset=utf-8"


@personal
async def send_feed(request: web.Request) -> web.StreamResponse:
    """Send a delegation's calendar to whoever subscribed to it."""
    settings = request.app[SETTINGS]
    try:
        links = PersonalLinks(settings.secret, settings.base_url)
        delegation_id, generation = links.open_office(request.match_info["token"])
    except BadToken as error:
        raise _dead() from error
    async with reading(request) as tx:
        office = await _find(tx, delegation_id)
        if office is None or office.feed_generation != generation:
            raise _dead()
        event = await events.get_event_by_id(tx, office.event_id)
        release = await release_store.latest_release(tx, event.id)
        every = await release_store.list_released(tx, release.id) if release else []
        members = await _members(tx, delegation_id)
    chosen = [one for one in every if _concerns(one, office.code, members)]
    at = request.app[CLOCK].now()
    body = calendar.write_calendar(
        f"{event.title}: {office.name}",
        event.time_zone,
        calendar.still_told(chosen, at),
        page=f"{base_url(request)}/{event.slug}/",
        published_at=release.published_at if release else at,
        organizer=settings.reply_to,
    )
    return shelf.answer(request, shelf.body_of(body), TYPE)


@allow(Right.PEOPLE_CONTACTS)
async def show_feed(request: web.Request) -> web.Response:
    """Show the address of a delegation's calendar."""
    event, settings = request[EVENT], request.app[SETTINGS]
    async with reading(request) as tx:
        office = await participants.get_delegation(tx, event.id, request.match_info["delegation"])
        row = await _find(tx, office.id)
    assert row is not None
    links = PersonalLinks(settings.secret, base_url(request))
    url = links.office_feed_url(office.id, row.feed_generation)
    feed = subscription(url, f"{event.title}: {office.name}")
    return await page(request, "sessions/office_feed.html", delegation=office, feed=feed)


@allow(Right.PEOPLE_WRITE)
async def renew_feed(request: web.Request) -> web.Response:
    """Give a delegation's calendar another address; the old one opens nothing any more."""
    await posted(request)
    event, code = request[EVENT], request.match_info["delegation"]
    async with transaction(request) as tx:
        office = await participants.get_delegation(tx, event.id, code)
        raised = delegations.update().where(delegations.c.id == office.id)
        await tx.execute(raised.values(feed_generation=delegations.c.feed_generation + 1))
        await audit.record(
            tx,
            request[PRINCIPAL],
            "delegation.feed_renewed",
            code,
            event_id=event.id,
            at=request.app[CLOCK].now(),
        )
    return see_other(request, "sessions.office_feed", event=event.slug, delegation=code)


async def _find(tx: AsyncConnection, delegation_id: int) -> sa.Row[Any, Any, Any, Any] | None:
    query = sa.select(
        delegations.c.event_id,
        delegations.c.code,
        delegations.c.name,
        delegations.c.feed_generation,
    ).where(delegations.c.id == delegation_id)
    return (await tx.execute(query)).one_or_none()


async def _members(tx: AsyncConnection, delegation_id: int) -> frozenset[int]:
    query = sa.select(people.c.id).where(people.c.delegation_id == delegation_id)
    return frozenset((await tx.execute(query)).scalars())


def _concerns(one: Released, code: str, members: frozenset[int]) -> bool:
    invited = any(
        row.get("delegation") == code or row.get("participant") in members for row in one.audience
    )
    return invited or any(id in members for id, _ in one.speakers)


def _dead() -> NotFound:
    return NotFound(say("This calendar address does not work, or was replaced by a newer one."))


HERE = "/manage/{event}/delegations/{delegation}/feed"

ROUTES = [
    web.get("/f/office/{token}.ics", send_feed, name="sessions.office_calendar"),
    web.get(HERE, show_feed, name="sessions.office_feed"),
    web.post(HERE, renew_feed, name="sessions.renew_office_feed"),
]
