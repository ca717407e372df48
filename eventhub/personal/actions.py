"""Whose page it is, and the answers people give there."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, Invalid, NotFound
from eventhub.events.model import Attendance, Event
from eventhub.participants import actions as participants
from eventhub.participants.links import LinkClaim
from eventhub.participants.model import Rsvp
from eventhub.wording import Text, say

from . import store
from .model import ANSWERS, Person

list_agenda = store.list_agenda


async def person_of(tx: AsyncConnection, claim: LinkClaim) -> Person:
    """Return whose link this is; a link that was replaced by a newer one opens nothing."""
    person = await store.find_person(tx, claim.participant_id, claim.generation)
    if person is None:
        raise NotFound(dead_link())
    return person


async def asks_declaration(tx: AsyncConnection, person: Person, event: Event, day: date) -> bool:
    """Whether the protocol still wants a health declaration of somebody who comes on site that day."""
    protocol = event.protocol
    if not (protocol.enabled and protocol.declaration_required and day in event.days):
        return False
    if person.attendance is not Attendance.ONSITE:
        return False
    once = protocol.recheck == "once"
    return not await store.has_declared(tx, person.id, day, or_before=once)


async def answer(
    tx: AsyncConnection, person: Person, code: str, given: str, *, at: datetime
) -> None:
    """Keep a person's answer to one session of their agenda."""
    if given not in ANSWERS:
        raise Invalid.field("answer", say("Please choose one of the answers offered."))
    await participants.hold_answers(tx, person.id)
    agenda = await store.list_agenda(tx, person)
    item = next((item for item in agenda if item.code == code), None)
    if item is None:
        raise NotFound(say("This session is not in your agenda (any more)."))
    if not item.may_be_answered(at):
        raise Conflict(
            say("{session} is over or was cancelled, so no answer is needed.", session=item.title)
        )
    await participants.record_answer(tx, person.id, code, Rsvp(given), at=at)


def dead_link() -> Text:
    """What somebody reads whose link opens nothing."""
    return say(
        "This link does not work, or was replaced by a newer one. "
        "Please use the link in the latest e-mail, or ask the organizers for a new one."
    )
