"""The health officers' pages: who waits, what is known of somebody, and the officer's word. Every look is audited."""

from typing import Any

from aiohttp import web

from eventhub.errors import Refusal
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, SETTINGS, reading, transaction
from eventhub.web.pages import page, see_other

from . import declaring, officers, people, referrals
from .actions import TicketSecrets
from .health_forms import DeclaredOnPage, OfficersWord, ProofOnPage
from .reasons import TITLES

FOUND_SHOWN = 30


@allow(Right.HEALTH_READ)
async def show_health(request: web.Request) -> web.StreamResponse:
    """Show who waits for an officer, and find anybody by name or office."""
    event, at = request[EVENT], request.app[CLOCK].now()
    sought = "".join(filter(str.isprintable, request.query.get("q", "")))[:200].strip()
    async with transaction(request) as tx:
        waiting = await officers.list_waiting(tx, event, who=request[PRINCIPAL], at=at)
        found = await people.search_attendees(tx, event.id, sought, FOUND_SHOWN) if sought else []
    return await page(
        request,
        "checkin/health.html",
        waiting=[(referral, TITLES[referral.reason]) for referral in waiting],
        q=sought,
        found=found,
    )


@allow(Right.HEALTH_READ)
async def show_waiting(request: web.Request) -> web.StreamResponse:
    """Say how many wait, and nothing of whom: this is asked for again and again."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        count = await referrals.count_waiting(tx, event.id, event.day_of(at))
    shown = request.query.get("shown", "")
    return await page(request, "checkin/health_waiting.html", count=count, shown=shown)


@allow(Right.HEALTH_WRITE)
async def show_person(request: web.Request) -> web.StreamResponse:
    """Show the forms for one participant, and what is known to who may read health data."""
    return await _person_page(request, Filled({}))


async def _person_page(
    request: web.Request, form: Filled, about: str = "", status: int = 200
) -> web.StreamResponse:
    event, at, who = request[EVENT], request.app[CLOCK].now(), request[PRINCIPAL]
    person_id = int(request.match_info["participant"])
    card, may_read = None, who.has(Right.HEALTH_READ)
    async with transaction(request) as tx:
        person = await people.get_attendee(tx, event.id, person_id)
        if may_read:
            card = await officers.read_card(tx, event, person_id, who=who, at=at)
    return await page(
        request,
        "checkin/health_person.html",
        status=status,
        person=person,
        card=card,
        waiting_for=TITLES[card.waiting.reason] if card and card.waiting else None,
        form=form,
        about=about,
        today=event.day_of(at),
        local_now=at.astimezone(event.zone).strftime("%Y-%m-%dT%H:%M"),
        written="written" in request.query,
    )


@allow(Right.HEALTH_WRITE)
async def declare(request: web.Request) -> web.StreamResponse:
    """Write down a declaration that a participant makes at the desk."""

    async def write(tx: Any, typed: dict[str, str]) -> None:
        values = read_form(DeclaredOnPage, typed).model_dump()
        event, at = request[EVENT], request.app[CLOCK].now()
        await declaring.declare(tx, event, _person_id(request), at=at, **values)

    return await _write(request, "declaration", write)


@allow(Right.HEALTH_WRITE)
async def add_proof(request: web.Request) -> web.StreamResponse:
    """Write down that a proof was seen."""

    async def write(tx: Any, typed: dict[str, str]) -> None:
        event = request[EVENT]
        proof = read_form(ProofOnPage, typed).proof(event.zone)
        who, at = request[PRINCIPAL], request.app[CLOCK].now()
        await declaring.add_proof(tx, event, _person_id(request), proof, who=who, at=at)

    return await _write(request, "proof", write)


@allow(Right.HEALTH_READ)
async def let_in(request: web.Request) -> web.StreamResponse:
    """Let somebody in whom a gate refused."""

    async def write(tx: Any, typed: dict[str, str]) -> None:
        reason = read_form(OfficersWord, typed).reason
        secrets = TicketSecrets.of(request.app[SETTINGS].secret)
        who, at = request[PRINCIPAL], request.app[CLOCK].now()
        await officers.let_in(
            tx, request[EVENT], _person_id(request), reason, who=who, secrets=secrets, at=at
        )

    return await _write(request, "word", write)


@allow(Right.HEALTH_READ)
async def send_home(request: web.Request) -> web.StreamResponse:
    """Send somebody home whom a gate refused."""

    async def write(tx: Any, typed: dict[str, str]) -> None:
        reason = read_form(OfficersWord, typed).reason
        who, at = request[PRINCIPAL], request.app[CLOCK].now()
        await officers.send_home(tx, request[EVENT], _person_id(request), reason, who=who, at=at)

    return await _write(request, "word", write)


async def _write(request: web.Request, about: str, write: Any) -> web.StreamResponse:
    """Do what a form of the person's page asks, or show the page again with what refused it."""
    typed = text_fields(await posted(request))
    try:
        async with transaction(request) as tx:
            await write(tx, typed)
    except Refusal as refusal:
        shown = filled(typed, refusal, request[READER])
        return await _person_page(request, shown, about, refusal.status)
    event, person_id = request[EVENT], _person_id(request)
    return see_other(
        request, path=f"/manage/{event.slug}/health/people/{person_id}?written={about}"
    )


def _person_id(request: web.Request) -> int:
    return int(request.match_info["participant"])


_PERSON = r"/manage/{event}/health/people/{participant:\d{1,9}}"
ROUTES = [
    web.get("/manage/{event}/health", show_health, name="health.show"),
    web.get("/manage/{event}/health/waiting", show_waiting, name="health.waiting"),
    web.get(_PERSON, show_person, name="health.person"),
    web.post(f"{_PERSON}/declaration", declare, name="health.declare"),
    web.post(f"{_PERSON}/proof", add_proof, name="health.add_proof"),
    web.post(f"{_PERSON}/let-in", let_in, name="health.let_in"),
    web.post(f"{_PERSON}/send-home", send_home, name="health.send_home"),
]
