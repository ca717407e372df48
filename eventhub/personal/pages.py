"""A participant's own page: what is next, agenda, answers, ticket, declaration. Its link is the right."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from eventhub.announcements import actions as announcements
from eventhub.checkin import actions as checkin
from eventhub.checkin import badge, declaring
from eventhub.errors import NotFound
from eventhub.events.model import Attendance, Event
from eventhub.reports import certificate_pages, certificates
from eventhub.web.access import personal
from eventhub.web.assets import STATIC
from eventhub.web.keys import CLOCK, SETTINGS, reading, transaction
from eventhub.web.pages import page
from eventhub.web.subscribing import subscription
from eventhub.wording import say

from . import actions, answering_pages, desk_pages, feeds, forms
from .model import Item, Person, by_day, changes_at, next_item
from .opening import back, open_page, read_post

GROUP = 4  # letters of the ticket's text between blanks, so that it can be read out and typed


@dataclass(frozen=True, slots=True)
class Row:
    """A session as the page shows it."""

    item: Item
    join_url: str
    is_open: bool
    is_over: bool
    may_be_answered: bool
    may_ask: bool
    instead: str = ""
    others: tuple[Attendance, ...] = ()


@personal
async def show_page(request: web.Request) -> web.StreamResponse:
    """Show what is next and the way in, then everything else."""
    at = request.app[CLOCK].now()
    async with reading(request) as tx:
        person, event = await open_page(request, tx)
        agenda = await actions.list_agenda(tx, person)
        seat = await actions.seat_of(tx, person)
        asks = not seat.whole and await actions.asks_declaration(
            tx, person, event, event.day_of(at)
        )
        announced = await announcements.list_for_participant(
            tx, event, person.id, release_id=person.release_id, at=at
        )
        certificate = await certificates.of_person(tx, event, person.id, at=at)
    coming = next_item(agenda, at)
    turn = changes_at(agenda, at)
    feed = feeds.links_of(request).feed_url(person.id, person.generation)
    return await page(
        request,
        "personal/page.html",
        person=person,
        announcements=announced,
        own_zone=_own_zone(person, event),
        seat=seat,
        next=_row(request, person, coming, at) if coming else None,
        days=[
            (day, [_agenda_row(request, person, item, seat, at) for item in items])
            for day, items in by_day(event, agenda)
        ],
        may_answer=any(item.may_be_answered(at) for item in agenda),
        has_certificate=certificate is not None,
        today=event.day_of(at),
        declaration_day=event.day_of(at) if asks else None,
        reload_in_s=int((turn - at).total_seconds()) + 1 if turn else None,
        feed=subscription(feed, event.title),
    )


@personal
async def answer(request: web.Request) -> web.StreamResponse:
    """Keep an answer to a session, posted as `answer=CODE:STATUS`, and show the page there again."""
    posted = await read_post(request)
    code, _, given = posted.get("answer", "").rpartition(":")
    async with transaction(request) as tx:
        person, _event = await open_page(request, tx)
        await actions.answer(tx, person, code, given, at=request.app[CLOCK].now())
    return back(request, f"s-{code}")


@personal
async def declare(request: web.Request) -> web.StreamResponse:
    """Keep the day's health declaration; a question not answered is asked again."""
    posted = await read_post(request)
    at = request.app[CLOCK].now()
    async with transaction(request) as tx:
        person, event = await open_page(request, tx)
        declared = forms.read_declaration(posted)
        day = event.day_of(at)
        await declaring.declare(tx, event, person.id, date=day, **asdict(declared), at=at)
    return back(request, "top")


@personal
async def show_ticket(request: web.Request) -> web.StreamResponse:
    """Show the ticket full-screen and bright, for the door."""
    person, text = await _ticket(request)
    grouped = " ".join(text[i : i + GROUP] for i in range(0, len(text), GROUP))
    return await page(
        request,
        "personal/ticket.html",
        person=person,
        picture=Markup(badge.draw_svg(text)),  # noqa: S704 -- drawn from base32 by our own code
        text=grouped,
    )


@personal
async def send_ticket_svg(request: web.Request) -> web.StreamResponse:
    """Send the ticket's QR code as SVG."""
    _, text = await _ticket(request)
    return web.Response(text=badge.draw_svg(text), content_type="image/svg+xml")


@personal
async def send_ticket_png(request: web.Request) -> web.StreamResponse:
    """Send the ticket's QR code as PNG."""
    _, text = await _ticket(request)
    return web.Response(body=badge.draw_png(text), content_type="image/png")


@personal
async def send_worker(request: web.Request) -> web.StreamResponse:
    """Send the service worker that keeps this page and its ticket on the person's own phone."""
    async with reading(request) as tx:
        await open_page(request, tx)
    script = (STATIC / "personal-worker.js").read_text("utf-8")
    headers = {"Cache-Control": "no-cache"}
    return web.Response(text=script, content_type="text/javascript", headers=headers)


@personal
async def send_certificate(request: web.Request) -> web.StreamResponse:
    """Send the certificate of attendance, after the event's end and when the presence rule is met."""
    async with reading(request) as tx:
        person, event = await open_page(request, tx)
        found = await certificates.of_person(tx, event, person.id, at=request.app[CLOCK].now())
    if found is None:
        raise NotFound(say("There is no certificate of attendance for you (yet)."))
    name = f"{event.slug}-certificate.pdf"
    return await certificate_pages.send(request, [found], name)


async def _ticket(request: web.Request) -> tuple[Person, str]:
    secrets = checkin.TicketSecrets.of(request.app[SETTINGS].secret)
    at = request.app[CLOCK].now()
    async with transaction(request) as tx:
        person, event = await open_page(request, tx)
        ticket = await checkin.ticket_for(tx, event, person.id, secrets=secrets, at=at)
    return person, ticket.text


def _row(request: web.Request, person: Person, item: Item, at: datetime) -> Row:
    from_afar = item.attendance is not Attendance.ONSITE and not item.is_cancelled
    links = feeds.links_of(request)
    return Row(
        item=item,
        join_url=links.join_url(person.id, person.generation, item.session_id) if from_afar else "",
        is_open=item.is_open(at),
        is_over=item.is_over(at),
        may_be_answered=item.may_be_answered(at),
        may_ask=not item.is_cancelled and not item.is_over(at),
    )


def _agenda_row(
    request: web.Request, person: Person, item: Item, seat: actions.Seat, at: datetime
) -> Row:
    row = _row(request, person, item, at)
    if not row.may_be_answered:
        return row
    return replace(row, instead=seat.instead_at(item.session_id), others=seat.others(item))


def _own_zone(person: Person, event: Event) -> ZoneInfo | None:
    """Return the zone of the person's office where it is another than the event's."""
    return ZoneInfo(person.time_zone) if person.time_zone not in {"", event.time_zone} else None


ROUTES = [
    web.get("/p/{token}/", show_page, name="personal.show"),
    web.post("/p/{token}/answer", answer, name="personal.answer"),
    web.post("/p/{token}/declaration", declare, name="personal.declare"),
    web.get("/p/{token}/ticket", show_ticket, name="personal.ticket"),
    web.get("/p/{token}/ticket.svg", send_ticket_svg, name="personal.ticket_svg"),
    web.get("/p/{token}/ticket.png", send_ticket_png, name="personal.ticket_png"),
    web.get("/p/{token}/worker.js", send_worker, name="personal.worker"),
    web.get("/p/{token}/certificate.pdf", send_certificate, name="personal.certificate"),
    *answering_pages.ROUTES,
    *desk_pages.ROUTES,
    *feeds.ROUTES,
]
