"""The list of participants, a participant's page and forms."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Invalid, NotFound, Refusal, Stale
from eventhub.events.model import Attendance
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted, read_form
from eventhub.web.keys import (
    CLOCK,
    EVENT,
    PRINCIPAL,
    READER,
    SETTINGS,
    base_url,
    reading,
    transaction,
)
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import actions, delegation_pages, import_pages, link_uses, store
from .exports import export_people
from .forms import NewParticipant, WholeParticipant, details_of, person_changes
from .links import PersonalLinks
from .model import Participant
from .sheets import CSV_TYPE, XLSX_TYPE

PAGE = 50
STALE = say(
    "Somebody changed this in the meantime. Load the page again, then change what you meant to."
)


@allow(Right.PEOPLE_READ)
async def show_people(request: web.Request) -> web.Response:
    """List participants by office, a page at a time, searched and filtered."""
    event, wanted, start = request[EVENT], people_filter(request), start_of(request)
    async with reading(request) as tx:
        total = await store.count_participants(tx, event.id, wanted)
        people = await store.list_by_office(tx, event.id, wanted, start=start, limit=PAGE)
        chosen = None
        if wanted.delegation:
            chosen = await actions.find_delegation(tx, event.id, wanted.delegation)
    query = {
        "q": " ".join(wanted.words),
        "delegation": wanted.delegation,
        "attendance": wanted.attendance,
    }
    return await page(
        request,
        "participants/people.html",
        people=people,
        total=total,
        start=start,
        next_start=start + PAGE if start + PAGE < total else None,
        query=query,
        chosen=chosen,
        **_rights(request),
    )


@allow(Right.PEOPLE_READ)
async def export(request: web.Request) -> web.Response:
    """Give the list as a spreadsheet, filtered as the page is."""
    event, form = request[EVENT], request.match_info["form"]
    contacts = request[PRINCIPAL].has(Right.PEOPLE_CONTACTS)
    async with reading(request) as tx:
        people = await store.list_by_office(tx, event.id, people_filter(request), limit=None)
    content = await export_people(people, form, request[READER], contacts=contacts)
    return web.Response(
        body=content,
        content_type=CSV_TYPE if form == "csv" else XLSX_TYPE,
        charset="utf-8" if form == "csv" else None,
        headers={"Content-Disposition": f'attachment; filename="{event.slug}-people.{form}"'},
    )


@allow(Right.PEOPLE_READ)
async def show_person(request: web.Request) -> web.Response:
    """Show a participant with their answers, and their links to those who may have them."""
    event = request[EVENT]
    async with reading(request) as tx:
        person = await _person(request, tx)
        office = await actions.get_delegation(tx, event.id, person.delegation)
        answers = await store.list_rsvps(tx, [person.id])
        shared = await link_uses.list_shared(tx, event.id, participant_id=person.id)
    links = PersonalLinks(request.app[SETTINGS].secret, base_url(request))
    return await page(
        request,
        "participants/person.html",
        person=person,
        office=office,
        answers=answers[person.id],
        shared=shared,
        page_url=links.page_url(person.id, person.link_generation),
        agenda_url=links.feed_url(person.id, person.link_generation),
        **_rights(request),
    )


@allow(Right.PEOPLE_CONTACTS)
async def show_shared_links(request: web.Request) -> web.Response:
    """Show whose join links were used from many places."""
    async with reading(request) as tx:
        shared = await link_uses.list_shared(tx, request[EVENT].id)
    return await page(request, "participants/shared_links.html", shared=shared, **_rights(request))


@allow(Right.PEOPLE_WRITE)
async def show_new_person(request: web.Request) -> web.Response:
    """Show the form of a new participant."""
    typed = {"delegation": request.query.get("delegation", "")[:64]}
    return await _form_page(request, Filled(typed))


@allow(Right.PEOPLE_WRITE)
async def add_person(request: web.Request) -> web.Response:
    """Add a participant, within their delegation's quota."""
    form, event, at = await posted(request), request[EVENT], request.app[CLOCK].now()
    fields = text_fields(form)
    try:
        async with transaction(request) as tx:
            office, fields = await _placed(tx, event.id, fields)
            wish = read_form(NewParticipant, fields)
            details = details_of(wish, event, office)
            person = await actions.add_participant(tx, event, details, at=at)
            await audit.record(
                tx,
                request[PRINCIPAL],
                "participant.added",
                str(person.id),
                event_id=event.id,
                at=at,
            )
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _form_page(request, shown, refusal.status)
    return see_other(request, "participants.person", event=event.slug, id=person.id)


@allow(Right.PEOPLE_WRITE)
async def edit_person(request: web.Request) -> web.Response:
    """Show a participant's form."""
    async with reading(request) as tx:
        person = await _person(request, tx)
    return await _form_page(request, Filled(_typed(person)), person=person)


@allow(Right.PEOPLE_WRITE)
async def change_person(request: web.Request) -> web.Response:
    """Change what is written about a participant."""
    form, event, at = await posted(request), request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        person = await _person(request, tx)
    fields = text_fields(form)
    version = fields.pop("version", "")
    try:
        async with transaction(request) as tx:
            held = await actions.hold_participant(tx, event.id, person.id)
            if version != str(held.version):
                raise Stale(STALE)
            _, fields = await _placed(tx, event.id, fields)
            changes = person_changes(read_form(WholeParticipant, fields))
            await actions.change_participant(tx, event, held, changes, at=at)
            await audit.record(
                tx, request[PRINCIPAL], "participant.changed", str(person.id),
                event_id=event.id, at=at,
            )  # fmt: skip
    except Refusal as refusal:
        shown = filled(text_fields(form), refusal, request[READER])
        return await _form_page(request, shown, refusal.status, person=person)
    return see_other(request, "participants.person", event=event.slug, id=person.id)


@allow(Right.PEOPLE_WRITE)
async def remove_person(request: web.Request) -> web.Response:
    """Take a participant out, unless they are in the programme or were recorded."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        person = await _person(request, tx)
    try:
        async with transaction(request) as tx:
            held = await actions.hold_participant(tx, event.id, person.id)
            await actions.remove_participant(tx, event, held, at=at)
            await audit.record(
                tx, request[PRINCIPAL], "participant.removed", str(person.id),
                event_id=event.id, at=at, detail={"name": person.name},
            )  # fmt: skip
    except Refusal as refusal:
        shown = filled(_typed(person), refusal, request[READER])
        return await _form_page(request, shown, refusal.status, person=person)
    return see_other(request, "participants.people", event=event.slug)


@allow(Right.PEOPLE_WRITE)
async def renew_links(request: web.Request) -> web.Response:
    """Give a participant new personal links."""
    await posted(request)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        person = await _person(request, tx)
        await actions.renew_links(tx, person)
        await audit.record(
            tx, request[PRINCIPAL], "participant.links_renewed", str(person.id),
            event_id=event.id, at=at,
        )  # fmt: skip
    return see_other(request, "participants.person", event=event.slug, id=person.id)


def people_filter(request: web.Request) -> store.PeopleFilter:
    """Return what the address asks for; what it does not know it leaves out."""
    query = {
        name: "".join(filter(str.isprintable, text))[:200] for name, text in request.query.items()
    }
    ways = {way.value: way for way in Attendance}
    return store.PeopleFilter(
        tuple(query.get("q", "").split()[:10]),
        query.get("delegation") or None,
        ways.get(query.get("attendance", "")),
    )


def start_of(request: web.Request) -> int:
    """Return where in a list the page begins."""
    text = request.query.get("start", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _rights(request: web.Request) -> dict[str, Any]:
    who = request[PRINCIPAL]
    return {
        "may_write": who.has(Right.PEOPLE_WRITE),
        "may_contact": who.has(Right.PEOPLE_CONTACTS),
        "may_ticket": who.has(Right.TICKETS_READ),
    }


async def _person(request: web.Request, tx: Any) -> Participant:
    id = request.match_info["id"]
    if len(id) > 9:
        raise NotFound(say("There is no participant {id}.", id=id))
    return await actions.get_participant(tx, request[EVENT].id, int(id))


async def _placed(
    tx: Any, event_id: int, fields: dict[str, str]
) -> tuple[Attendance, dict[str, str]]:
    """Return the fields with the delegation's code where its name was typed, and its way to attend."""
    text = fields.get("delegation", "").strip()
    if not text:
        raise Invalid.field("delegation", say("Write the person's delegation."))
    if not text.isprintable():
        raise Invalid.field("delegation", say("Control characters are not allowed."))
    delegation = await actions.find_called(tx, event_id, text)
    return delegation.attendance, fields | {"delegation": delegation.code}


async def _form_page(
    request: web.Request, form: Filled, status: int = 200, person: Participant | None = None
) -> web.Response:
    return await page(
        request, "participants/person_form.html", status=status, form=form, person=person
    )


def _typed(person: Participant) -> Mapping[str, Any]:
    names = ("name", "position", "delegation", "email", "phone", "language", "attendance")
    typed = {name: getattr(person, name) for name in (*names, "version")}
    return typed | {"in_place_of": person.in_place_of or ""}


ROUTES = [
    web.get(
        "/manage/{event}/people/shared-links", show_shared_links, name="participants.shared_links"
    ),
    web.get("/manage/{event}/people", show_people, name="participants.people"),
    web.get(r"/manage/{event}/people.{form:csv|xlsx}", export, name="participants.export"),
    *import_pages.ROUTES,
    *delegation_pages.ROUTES,
    web.get("/manage/{event}/people/new", show_new_person, name="participants.new"),
    web.post("/manage/{event}/people/new", add_person, name="participants.add"),
    web.get(r"/manage/{event}/people/{id:\d+}", show_person, name="participants.person"),
    web.get(r"/manage/{event}/people/{id:\d+}/edit", edit_person, name="participants.edit"),
    web.post(r"/manage/{event}/people/{id:\d+}/edit", change_person, name="participants.change"),
    web.post(r"/manage/{event}/people/{id:\d+}/remove", remove_person, name="participants.remove"),
    web.post(r"/manage/{event}/people/{id:\d+}/renew", renew_links, name="participants.renew"),
]
