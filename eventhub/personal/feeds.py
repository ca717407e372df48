"""A person's agenda as a calendar: a download on their page, and a feed to subscribe to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from aiohttp import ETag, web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.language import Reader
from eventhub.participants.links import LinkClaim, PersonalLinks
from eventhub.settings import Settings
from eventhub.signing import BadToken
from eventhub.web.access import personal
from eventhub.web.keys import CLOCK, SETTINGS, UNCHANGED, base_url
from eventhub.wording import render, say

from . import actions, calendar, store
from .model import Item, Person
from .store import Occasion

JOIN = {
    Attendance.MEETING: say("Join the meeting"),
    Attendance.STREAM: say("Watch the stream"),
}
CANCELLED = say("Cancelled: {title}")
# So long after it would have ended, calendars are told that a session was cancelled.
CANCELLED_FOR = timedelta(days=30)


def links_of(request: web.Request) -> PersonalLinks:
    """Return what makes and opens personal links here."""
    return PersonalLinks(request.app[SETTINGS].secret, base_url(request))


@dataclass(frozen=True, slots=True)
class Agenda:
    """An agenda as a calendar file, by its event."""

    slug: str
    body: bytes
    etag: str


@personal
async def send_feed(request: web.Request) -> web.StreamResponse:
    """Send the agenda to a calendar that subscribed to it."""
    agenda = await _agenda(request, links_of(request).open_feed)
    return _response(request, agenda)


@personal
async def send_agenda(request: web.Request) -> web.StreamResponse:
    """Send the agenda as a calendar file to keep."""
    agenda = await _agenda(request, links_of(request).open_page)
    response = _response(request, agenda)
    response.headers["Content-Disposition"] = f'attachment; filename="{agenda.slug}.ics"'
    return response


async def _agenda(request: web.Request, opens: Callable[[str], LinkClaim]) -> Agenda:
    """Return the agenda of whose link it is, written again when anything may have changed in it."""
    try:
        claim = opens(request.match_info["token"])
    except BadToken as error:
        raise NotFound(actions.dead_link()) from error
    at = request.app[CLOCK].now()

    async def read(tx: AsyncConnection) -> Agenda:
        found = await store.find_reader(tx, claim.participant_id, claim.generation)
        if found is None:
            raise NotFound(actions.dead_link())
        person, event = found
        told = [item for item in await actions.list_agenda(tx, person) if _is_told(item, at)]
        body = write_agenda(request, person, event, told)
        return Agenda(event.slug, body, sha256(body).hexdigest()[:32])

    # What was cancelled goes some day, though nothing is written.
    return await request.app[UNCHANGED].get(("agenda", claim, at.date()), read)


def _is_told(item: Item, at: datetime) -> bool:
    return not item.is_cancelled or at < item.ends_at + CANCELLED_FOR


def _response(request: web.Request, agenda: Agenda) -> web.Response:
    """Return the calendar file, or 304 to whoever has it already."""
    if any(known.value in {agenda.etag, "*"} for known in request.if_none_match or ()):
        answer = web.Response(status=304)
    else:
        answer = web.Response(body=agenda.body, content_type="text/calendar", charset="utf-8")
    answer.etag = ETag(agenda.etag)
    return answer


def write_agenda(
    request: web.Request, person: Person, event: Occasion, agenda: Iterable[Item]
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


ROUTES = [
    web.get("/f/{token}.ics", send_feed, name="personal.feed"),
    web.get("/p/{token}/agenda.ics", send_agenda, name="personal.agenda"),
]
