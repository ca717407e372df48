"""Whose page it is, and the answers people give there."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Invalid, NotFound
from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event
from eventhub.invites import switching
from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.participants.links import LinkClaim
from eventhub.participants.model import Rsvp
from eventhub.participants.standing import Named
from eventhub.sessions import actions as sessions
from eventhub.wording import Text, say

from . import store
from .model import ANSWERS, Item, Person

list_agenda = store.list_agenda


@dataclass(frozen=True, slots=True)
class Seat:
    """Who comes in a person's place, whether they come in somebody's themselves, and what they may choose."""

    substitutes: list[standing.Substitute]
    is_substitute: bool
    rules: dict[int | None, switching.SwitchRule]

    @property
    def whole(self) -> str:
        """Who comes for the whole event, "" when nobody does."""
        return next((one.name for one in self.substitutes if one.is_whole), "")

    def instead_at(self, session_id: int) -> str:
        """Return who comes to a session, "" when nobody was named."""
        return next((one.name for one in self.substitutes if one.stands_in_at(session_id)), "")

    def others(self, item: Item) -> tuple[Attendance, ...]:
        """Return the other ways in which they may attend a session."""
        if (
            self.instead_at(item.session_id)
            or not switching.rule_of(self.rules, item.session_id).is_allowed
        ):
            return ()
        return tuple(way for way in item.ways if way is not item.attendance)


async def seat_of(tx: AsyncConnection, person: Person) -> Seat:
    """Return how a person's seat stands."""
    instead, themselves = await standing.find_seat(tx, person.id)
    rules = await switching.list_rules(tx, person.event_id)
    return Seat(instead, themselves is not None, rules)


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
    event = await events.get_event_by_id(tx, person.event_id)
    await lock_event(tx, event.id)
    await participants.hold_answers(tx, person.id)
    item = await open_item(tx, person, code, at)
    await _check_comes(tx, person)
    principal = await participants.get_participant(tx, event.id, person.id)
    await standing.call_off(tx, event, principal, session_id=item.session_id, at=at)
    await participants.record_answer(tx, person.id, code, Rsvp(given), at=at)


async def open_item(tx: AsyncConnection, person: Person, code: str, at: datetime) -> Item:
    """Return a session of the agenda that is still to come, or raise NotFound or Conflict."""
    agenda = await store.list_agenda(tx, person)
    item = next((item for item in agenda if item.code == code), None)
    if item is None:
        raise NotFound(say("This session is not in your agenda (any more)."))
    if not item.may_be_answered(at):
        raise Conflict(
            say("{session} is over or was cancelled, so no answer is needed.", session=item.title)
        )
    return item


async def name_substitute(
    tx: AsyncConnection, person: Person, who: Named, code: str, *, at: datetime
) -> None:
    """Let somebody come in the person's place to a session of their agenda, or ("") to all that is still to come."""
    event = await events.get_event_by_id(tx, person.event_id)
    await lock_event(tx, event.id)
    await participants.hold_answers(tx, person.id)
    if code:
        items = [await open_item(tx, person, code, at)]
    else:
        items = [one for one in await store.list_agenda(tx, person) if one.may_be_answered(at)]
    principal = await participants.get_participant(tx, event.id, person.id)
    session_id = items[0].session_id if code else None
    await standing.name_substitute(tx, event, principal, who, session_id=session_id, at=at)
    for item in items:
        await participants.record_answer(tx, person.id, item.code, Rsvp.DELEGATED, at=at)


async def take_back(tx: AsyncConnection, person: Person, *, at: datetime) -> None:
    """Let nobody come in the person's place any more; what they delegated waits for an answer again."""
    event = await events.get_event_by_id(tx, person.event_id)
    await lock_event(tx, event.id)
    await participants.hold_answers(tx, person.id)
    principal = await participants.get_participant(tx, event.id, person.id)
    await standing.call_off(tx, event, principal, session_id=None, at=at)
    for item in await store.list_agenda(tx, person):
        if item.answer is Rsvp.DELEGATED and item.may_be_answered(at):
            await participants.record_answer(tx, person.id, item.code, Rsvp.NEEDS_ACTION, at=at)


async def switch(tx: AsyncConnection, person: Person, code: str, way: str, *, at: datetime) -> None:
    """Let the person attend a session of their agenda another way, as far as the organizers allow it."""
    if way not in set(Attendance):
        raise Invalid.field("attend", say("Please choose one of the answers offered."))
    event = await events.get_event_by_id(tx, person.event_id)
    await lock_event(tx, event.id)
    item = await open_item(tx, person, code, at)
    await _check_comes(tx, person, item.session_id)
    if item.attendance == way or person.release_id is None:
        return
    session = await sessions.find_released(tx, person.release_id, code)
    assert session is not None
    await switching.switch(
        tx, event, person.id, session, person.release_id, way=Attendance(way), at=at
    )


async def _check_comes(tx: AsyncConnection, person: Person, session_id: int | None = None) -> None:
    """Refuse what only concerns who comes themselves: to the whole event, and to a session."""
    for one in await standing.list_substitutes(tx, person.id):
        if one.is_whole:
            raise Conflict(
                say(
                    "{name} comes in your place for the whole event. Take that back first.",
                    name=one.name,
                )
            )
        if session_id in one.session_ids:
            raise Conflict(say("{name} comes in your place. Take that back first.", name=one.name))


def dead_link() -> Text:
    """What somebody reads whose link opens nothing."""
    return say(
        "This link does not work, or was replaced by a newer one. "
        "Please use the link in the latest e-mail, or ask the organizers for a new one."
    )
