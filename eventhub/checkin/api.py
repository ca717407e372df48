"""Scans and tickets for programs; what concerns health is in `health_api`."""

from typing import Any

from eventhub.accounts import audit
from eventhub.web.access import Principal, Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.keys import DATABASE, SETTINGS
from eventhub.web.operations import Answer, Call, etag, operation
from eventhub.web.paging import cursor_of, listing, read_cursor

from . import actions, express, health_store, pictures, snapshots
from . import listing as passages
from .forms import (
    ConflictShape,
    OccupancyShape,
    PassageBatch,
    PassageShape,
    PassagesQuery,
    ResultsShape,
    SnapshotQuery,
    SnapshotShape,
    TicketShape,
    conflict_shape,
    holder_shape,
    occupancy_shape,
    reading_shape,
    result_shape,
)
from .line import LINE
from .listing import Passage, Wanted
from .model import Reading, Ticket

TICKET = r"/events/{event}/participants/{id:\d{1,9}}/ticket"


@operation(
    "POST",
    "/events/{event}/passages",
    right=Right.PASSAGES_WRITE,
    body=PassageBatch,
    answers={200: ResultsShape},
    summary="Decide and record scans",
    limit=express.BATCH_LIMIT,
    express=express.record_by_token,
)
async def record_passages(call: Call[PassageBatch, None]) -> Answer:
    call.request.app[LINE].meet(express.credential_of(call.request))
    results = await actions.record_passages(
        call.tx,
        call.event,
        call.form.passages,
        who=call.who,
        secrets=_secrets(call),
        at=call.at,
    )
    return Answer(200, ResultsShape(results=[result_shape(r, call.reader) for r in results]))


@operation(
    "GET",
    "/events/{event}/passages",
    right=Right.PASSAGES_READ,
    query=PassagesQuery,
    answers={200: Listing[PassageShape]},
    summary="List scans in the order in which they were stored; readings for health officers and owners",
    writes=True,
)
async def list_passages(call: Call[None, PassagesQuery]) -> Answer:
    query = call.query
    (after,) = read_cursor(query.cursor, int) or (0,)
    wanted = Wanted(query.participant, query.checkpoint, query.status, query.since)
    found = await passages.list_passages(
        call.tx, call.event.id, wanted, after=after, limit=query.limit + 1
    )
    readings: dict[str, Reading] = {}
    if call.who.has(Right.HEALTH_READ):
        nonces = [passage.nonce for passage in found]
        readings = await health_store.list_readings(call.tx, call.event.id, nonces)
        people = {
            one.holder.participant_id for one in found if one.holder and one.nonce in readings
        }
        detail = {"participants": sorted(people)}
        await audit.record(
            call.tx,
            call.who,
            "readings.read",
            f"{len(readings)} readings",
            event_id=call.event.id,
            at=call.at,
            detail=detail,
        )
    shapes = [_passage_shape(call.who, passage, readings.get(passage.nonce)) for passage in found]
    return Answer(200, listing(shapes, query.limit, lambda shape: (shape.id,)))


@operation(
    "GET",
    "/events/{event}/passages/conflicts",
    right=Right.DOORS_READ,
    query=Paging,
    answers={200: Listing[ConflictShape]},
    summary="List what does not fit together in the scans",
)
async def list_conflicts(call: Call[None, Paging]) -> Answer:
    (start,) = read_cursor(call.query.cursor, int) or (0,)
    end = start + call.query.limit
    found = await actions.list_conflicts(call.tx, call.event)
    shapes = [conflict_shape(conflict, call.reader) for conflict in found[start:end]]
    following = cursor_of(end) if len(found) > end else None
    return Answer(200, Listing[ConflictShape](items=shapes, next=following))


@operation(
    "GET",
    "/events/{event}/scanner/snapshot",
    right=Right.DOORS_READ,
    query=SnapshotQuery,
    answers={200: SnapshotShape, 304: None},
    summary="Give a scanner what it needs to decide offline (docs/scanner.md)",
    calls_out=True,  # it waits for its turn, which must hold no connection
)
async def show_snapshot(call: Call[None, SnapshotQuery]) -> Answer:
    app = call.request.app
    snapshot = await snapshots.snapshot(
        app[DATABASE], app[snapshots.KEPT], call.event, secrets=_secrets(call), at=call.at
    )
    if call.request.headers.get("If-None-Match") == etag(snapshot.version):
        return Answer(304, version=snapshot.version)
    document = snapshot.document(call.query.since)
    return Answer(200, SnapshotShape.model_validate(document), snapshot.version)


@operation(
    "GET",
    "/events/{event}/occupancy",
    right=Right.REPORTS_READ,
    answers={200: Listing[OccupancyShape]},
    summary="Show how many are inside the event and each room",
)
async def show_occupancy(call: Call[None, None]) -> Answer:
    places = await actions.occupancy(call.tx, call.event, at=call.at)
    return Answer(200, Listing[OccupancyShape](items=[occupancy_shape(place) for place in places]))


@operation(
    "GET",
    TICKET,
    right=Right.TICKETS_READ,
    answers={200: TicketShape},
    summary="Show a participant's ticket",
    writes=True,
)
async def show_ticket(call: Call[None, None]) -> Answer:
    ticket = await actions.ticket_for(
        call.tx, call.event, int(call.path["id"]), secrets=_secrets(call), at=call.at
    )
    return Answer(200, _ticket_shape(call, ticket))


@operation(
    "POST",
    TICKET + "/reissue",
    right=Right.DOORS_MANAGE,
    answers={200: TicketShape},
    summary="Replace a participant's ticket; the old one is dead at once",
)
async def reissue_ticket(call: Call[None, None]) -> Answer:
    person, secrets = int(call.path["id"]), _secrets(call)
    ticket = await actions.reissue_ticket(
        call.tx, call.event, person, who=call.who, secrets=secrets, at=call.at
    )
    return Answer(200, _ticket_shape(call, ticket))


def _secrets(call: Call[Any, Any]) -> actions.TicketSecrets:
    return actions.TicketSecrets.of(call.request.app[SETTINGS].secret)


def _ticket_shape(call: Call[Any, Any], ticket: Ticket) -> TicketShape:
    address = pictures.address_of(call.request, ticket.id)
    return TicketShape(
        text=ticket.text,
        svg_url=f"{address}.svg",
        png_url=f"{address}.png",
        issued_at=ticket.issued_at,
        revoked=ticket.revoked_at is not None,
    )


def _passage_shape(who: Principal, passage: Passage, reading: Reading | None) -> PassageShape:
    # What was said of somebody's health when they were let in is for those who may read health data.
    is_told = who.has(Right.HEALTH_READ) or not passage.about_health
    return PassageShape(
        id=passage.id,
        nonce=passage.nonce,
        participant=holder_shape(passage.holder) if passage.holder else None,
        checkpoint=passage.checkpoint,
        type=passage.way.value,
        scanned_at=passage.scanned_at,
        arrived_at=passage.arrived_at,
        status=passage.status.value,
        reason=passage.reason.value if passage.reason else None,
        forced=passage.forced,
        force_reason=passage.force_reason if is_told else None,
        offline=passage.offline,
        decided=passage.decided,
        session=passage.session,
        by=passage.by,
        annulled_at=passage.annulled_at,
        health=reading_shape(reading) if reading else None,
    )


API = [
    record_passages,
    list_passages,
    list_conflicts,
    show_snapshot,
    show_occupancy,
    show_ticket,
    reissue_ticket,
]
