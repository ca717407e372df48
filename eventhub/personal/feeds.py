"""A person's agenda as a calendar: a download on their page, and a feed to subscribe to."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from aiohttp import ETag, web

from eventhub.errors import NotFound
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event
from eventhub.language import Reader
from eventhub.participants.links import PersonalLinks
from eventhub.settings import Settings
from eventhub.signing import BadToken
from eventhub.web.access import personal
from eventhub.web.keys import SETTINGS, base_url, reading
from eventhub.wording import render, say

from . import actions, calendar
from .model import Item, Person

JOIN = {
    Attendance.MEETING: say("Join the meeting"),
    Attendance.STREAM: say("Watch the stream"),
}
CANCELLED = say("Cancelled: {title}")


def links_of(request: web.Request) -> PersonalLinks:
    """Return what makes and opens personal links here."""
    return PersonalLinks(request.app[SETTINGS].secret, base_url(request))


@personal
async def send_feed(request: web.Request) -> web.StreamResponse:
    """Send the agenda to a calendar that subscribed to it."""
    try:
        claim = links_of(request).open_feed(request.match_info["token"])
    except BadToken as error:
        raise NotFound(actions.dead_link()) from error
    async with reading(request) as tx:
        person = await actions.person_of(tx, claim)
        event = await events.get_event_by_id(tx, person.event_id)
        agenda = await actions.list_agenda(tx, person)
    return calendar_response(request, write_agenda(request, person, event, agenda))


def calendar_response(request: web.Request, body: bytes) -> web.Response:
    """Return a calendar file, or 304 to whoever has it already."""
    mark = ETag(sha256(body).hexdigest()[:32])
    if any(known.value in {mark.value, "*"} for known in request.if_none_match or ()):
        answer = web.Response(status=304)
    else:
        answer = web.Response(body=body, content_type="text/calendar", charset="utf-8")
    answer.etag = mark
    return answer


def write_agenda(
    request: web.Request, person: Person, event: Event, agenda: Iterable[Item]
) -> bytes:
    """Return the agenda as a calendar in the person's own language."""
    settings = request.app[SETTINGS]
    reader = Reader(person.language, event.zone)
    links = links_of(request)
    organizer = calendar.Organizer(event.title, settings.reply_to)
    entries = [_entry(item, person, reader, links, settings) for item in agenda]
    return calendar.write(event.title, organizer, entries)


def _entry(
    item: Item, person: Person, reader: Reader, links: PersonalLinks, settings: Settings
) -> calendar.Entry:
    join = JOIN.get(item.attendance)
    title = (
        render(say(CANCELLED.message, title=item.title), reader)
        if item.is_cancelled
        else item.title
    )
    host = urlsplit(settings.base_url).hostname or "localhost"
    return calendar.Entry(
        uid=item.uid or f"{item.session_id}-{person.id}@{host}",
        sequence=item.sequence,
        written_at=person.published_at or datetime.fromtimestamp(0, UTC),
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        time_zone=item.time_zone,
        summary=title,
        attendance=item.attendance,
        description=item.abstract,
        place=item.place,
        join_url=links.join_url(person.id, person.generation, item.session_id) if join else "",
        join_label=render(join, reader) if join else "",
        answer=item.answer,
        is_cancelled=item.is_cancelled,
    )


ROUTES = [web.get("/f/{token}.ics", send_feed, name="personal.feed")]
