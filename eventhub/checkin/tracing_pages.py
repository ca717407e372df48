"""Contact tracing: who shared a room with somebody, as a page and as a file for the health office."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Refusal
from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.participants.sheets import CSV_TYPE, XLSX_TYPE, Cell, Sheet, write_csv, write_xlsx
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled
from eventhub.web.forms import read_form
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, transaction
from eventhub.web.pages import page
from eventhub.wording import render, say

from . import declaring, people, store
from .health_forms import ContactsOnPage
from .people import Attendee
from .tracing import Contact

TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}
MINUTES = 15


@dataclass(frozen=True, slots=True)
class Traced:
    """Whose contacts were asked for, and what was found; who was met by participant id, rooms by code."""

    person: Attendee
    contacts: Sequence[Contact]
    met: Mapping[int, Attendee]
    rooms: Mapping[str, str]


@allow(Right.HEALTH_READ)
async def show_contacts(request: web.Request) -> web.StreamResponse:
    """Show who shared a room with a participant, once one is chosen."""
    event = request[EVENT]
    usual = {"days": str(event.protocol.retention_days), "minutes": str(MINUTES)}
    typed = usual | {name: value[:40] for name, value in request.query.items()}
    if not typed.get("participant"):
        return await page(request, "checkin/contacts.html", form=Filled(typed), traced=None)
    try:
        traced = await _trace(request, typed)
    except Refusal as refusal:
        form = filled(typed, refusal, request[READER])
        return await page(
            request, "checkin/contacts.html", status=refusal.status, form=form, traced=None
        )
    return await page(request, "checkin/contacts.html", form=Filled(typed), traced=traced)


@allow(Right.HEALTH_READ)
async def export_contacts(request: web.Request) -> web.StreamResponse:
    """Give the same as a file; that it was taken is audited besides the look."""
    event, form = request[EVENT], request.match_info["form"]
    traced = await _trace(request, request.query)
    async with transaction(request) as tx:
        at, who = request.app[CLOCK].now(), request[PRINCIPAL]
        await audit.record(
            tx, who, "contacts.exported", traced.person.name, event_id=event.id, at=at
        )
    sheet = sheet_of(traced, event, request[READER])
    content = await (
        asyncio.to_thread(write_csv, sheet.header, sheet.rows)
        if form == "csv"
        else asyncio.to_thread(write_xlsx, [sheet])
    )
    name = f'attachment; filename="{event.slug}-contacts-{traced.person.id}.{form}"'
    return web.Response(
        body=content,
        content_type=TYPES[form],
        charset="utf-8" if form == "csv" else None,
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )


async def _trace(request: web.Request, typed: Mapping[str, str]) -> Traced:
    asked = {name: typed[name] for name in ContactsOnPage.model_fields if name in typed}
    wanted = read_form(ContactsOnPage, asked)
    event, at = request[EVENT], request.app[CLOCK].now()
    async with transaction(request) as tx:
        person = await people.get_attendee(tx, event.id, wanted.participant)
        contacts = await declaring.trace_contacts(
            tx,
            event,
            person.id,
            since=at - timedelta(days=wanted.days),
            until=at,
            minutes=wanted.minutes,
            who=request[PRINCIPAL],
            at=at,
        )
        met = await people.list_attendees(tx, event.id, [c.participant_id for c in contacts])
        doors = await store.list_checkpoints(tx, event)
    rooms = {door.room: door.room_name or door.room for door in doors if door.room}
    return Traced(person, contacts, met, rooms)


def sheet_of(traced: Traced, event: Event, reader: Reader) -> Sheet:
    """Return a row for each time that somebody was in the same room, with the sum of all of theirs."""
    texts = (
        say("Name"),
        say("Position"),
        say("Delegation"),
        say("Minutes together"),
        say("Room"),
        say("From"),
        say("To"),
        say("Minutes"),
    )
    rows = [
        row
        for contact in traced.contacts
        for row in _rows(contact, traced.met[contact.participant_id], traced.rooms, event, reader)
    ]
    title = render(say("Contacts of {name}", name=traced.person.name), reader)
    return Sheet(title, [render(text, reader) for text in texts], rows)


def _rows(
    contact: Contact, met: Attendee, rooms: Mapping[str, str], event: Event, reader: Reader
) -> list[tuple[Cell, ...]]:
    return [
        (
            met.name,
            met.position,
            met.delegation,
            contact.minutes,
            rooms.get(meeting.room, meeting.room),
            reader.moment(meeting.begin, event.zone),
            reader.moment(meeting.end, event.zone),
            int(meeting.duration.total_seconds() // 60),
        )
        for meeting in contact.meetings
    ]


ROUTES = [
    web.get("/manage/{event}/health/contacts", show_contacts, name="health.contacts"),
    web.get(
        r"/manage/{event}/health/contacts.{form:csv|xlsx}",
        export_contacts,
        name="health.export_contacts",
    ),
]
