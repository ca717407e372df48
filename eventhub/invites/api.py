"""Invitations for programs."""

from eventhub.accounts import audit
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.keys import SETTINGS
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import cursor_of, read_cursor

from . import actions
from .forms import SendForm, SentShape, StandingShape, standing_shape

PATH = "/events/{event}/invitations"


@operation(
    "GET",
    PATH,
    right=Right.INVITATIONS,
    query=Paging,
    answers={200: Listing[StandingShape]},
    summary="List where invitations stand",
)
async def list_invitations(call: Call[None, Paging]) -> Answer:
    after = read_cursor(call.query.cursor, int) or (0,)
    limit = call.query.limit
    found = await actions.list_standings(call.tx, call.event.id, after[0], limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    items = [standing_shape(one) for one in found[:limit]]
    return Answer(200, Listing[StandingShape](items=items, next=more))


@operation(
    "POST",
    PATH,
    right=Right.INVITATIONS,
    body=SendForm,
    answers={200: SentShape},
    summary="Queue invitations, or say what would be queued",
)
async def send_invitations(call: Call[SendForm, None]) -> Answer:
    queued = await actions.send_invitations(
        call.tx,
        call.event,
        at=call.at,
        domain=call.request.app[SETTINGS].mail_domain,
        dry_run=call.form.dry_run,
    )
    if not call.form.dry_run:
        detail = {"queued": queued.total}
        slug, event_id = call.event.slug, call.event.id
        await audit.record(
            call.tx,
            call.who,
            "invitations.sent",
            slug,
            event_id=event_id,
            at=call.at,
            detail=detail,
        )
    return Answer(
        200,
        SentShape(
            queued=queued.total,
            unchanged=queued.unchanged,
            without_address=queued.without_address,
        ),
    )


API = [list_invitations, send_invitations]
