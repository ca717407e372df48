"""Invitations for programs."""

from eventhub.accounts import audit
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.keys import SETTINGS
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import cursor_of, read_cursor

from . import actions, answers_api, choice_store, reminding
from .choices import Choices
from .forms import (
    ChoicesForm,
    ChoicesShape,
    ReminderForm,
    ReminderShape,
    SendForm,
    SentShape,
    StandingShape,
    choices_shape,
    sent_shape,
    standing_shape,
)

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
    return Answer(200, sent_shape(queued, dry_run=call.form.dry_run))


@operation(
    "GET",
    f"{PATH}/choices",
    right=Right.INVITATIONS,
    answers={200: ChoicesShape},
    summary="Show who is invited to which kinds of sessions",
)
async def show_choices(call: Call[None, None]) -> Answer:
    return Answer(200, choices_shape(await choice_store.get_choices(call.tx, call.event.id)))


@operation(
    "PUT",
    f"{PATH}/choices",
    right=Right.INVITATIONS,
    body=ChoicesForm,
    answers={200: ChoicesShape},
    summary="Choose who is invited to which kinds of sessions",
)
async def choose(call: Call[ChoicesForm, None]) -> Answer:
    choices = Choices({(str(one.kind), one.attendance): one.told for one in call.form.choices})
    await choice_store.save_choices(call.tx, call.event.id, choices)
    await audit.record(
        call.tx,
        call.who,
        "invitations.chosen",
        call.event.slug,
        event_id=call.event.id,
        at=call.at,
        detail={f"{kind} {way}": told for (kind, way), told in choices.unusual()},
    )
    return Answer(200, choices_shape(choices))


@operation(
    "GET",
    f"{PATH}/reminders",
    right=Right.INVITATIONS,
    answers={200: Listing[ReminderShape]},
    summary="List reminders",
)
async def list_reminders(call: Call[None, None]) -> Answer:
    asked = await reminding.list_reminders(call.tx, call.event.id)
    items = [
        ReminderShape(id=one.id, day=one.day, at=one.due_at, queued=one.queued) for one in asked
    ]
    return Answer(200, Listing[ReminderShape](items=items, next=None))


@operation(
    "POST",
    f"{PATH}/reminders",
    right=Right.INVITATIONS,
    body=ReminderForm,
    answers={201: ReminderShape},
    summary="Remind people of a day, now or at a moment",
)
async def remind(call: Call[ReminderForm, None]) -> Answer:
    form = call.form
    id = await reminding.ask(
        call.tx, call.event, form.day, due_at=form.at, who=call.who.name, at=call.at
    )
    await audit.record(
        call.tx,
        call.who,
        "invitations.reminder_asked",
        call.event.slug,
        event_id=call.event.id,
        at=call.at,
        detail={"day": form.day.isoformat(), "at": form.at.isoformat() if form.at else "now"},
    )
    return Answer(201, ReminderShape(id=id, day=form.day, at=form.at or call.at, queued=None))


API = [
    list_invitations,
    send_invitations,
    show_choices,
    choose,
    list_reminders,
    remind,
    *answers_api.API,
]
