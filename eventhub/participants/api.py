"""Delegations and participants for programs."""

from typing import Any

from eventhub.accounts import audit
from eventhub.errors import Invalid
from eventhub.events.model import Attendance
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor
from eventhub.wording import say

from . import actions, delegation_store, store
from .forms import (
    ChangedDelegation,
    ChangedParticipant,
    DelegationShape,
    NewDelegation,
    NewParticipant,
    ParticipantShape,
    PeopleQuery,
    WholeParticipant,
    delegation_shape,
    details_of,
    participant_shape,
    person_changes,
)
from .model import Delegation, Participant

DELEGATIONS = "/events/{event}/delegations"
DELEGATION = "/events/{event}/delegations/{delegation}"
PARTICIPANTS = "/events/{event}/participants"
PARTICIPANT = r"/events/{event}/participants/{id:\d{1,9}}"


@operation(
    "GET",
    DELEGATIONS,
    right=Right.PEOPLE_READ,
    query=Paging,
    answers={200: Listing[DelegationShape]},
    summary="List delegations",
)
async def list_delegations(call: Call[None, Paging]) -> Answer:
    (after,) = read_cursor(call.query.cursor, str) or ("",)
    limit = call.query.limit
    found = await delegation_store.list_delegations(
        call.tx, call.event.id, after=after, limit=limit + 1
    )
    shapes = [_delegation_shape(call, delegation) for delegation in found]
    return Answer(200, listing(shapes, limit, lambda shape: (shape.code,)))


@operation(
    "POST",
    DELEGATIONS,
    right=Right.PEOPLE_WRITE,
    body=NewDelegation,
    answers={201: DelegationShape},
    summary="Add a delegation",
)
async def add_delegation(call: Call[NewDelegation, None]) -> Answer:
    delegation = await actions.add_delegation(call.tx, call.form.delegation(call.event))
    await _record(call, "delegation.added", delegation.code)
    where = f"{call.request.path}/{delegation.code}"
    return Answer(201, _delegation_shape(call, delegation), delegation.version, where)


@operation(
    "GET",
    DELEGATION,
    right=Right.PEOPLE_READ,
    answers={200: DelegationShape},
    summary="Show a delegation",
)
async def show_delegation(call: Call[None, None]) -> Answer:
    code = call.path["delegation"]
    delegation = await actions.get_delegation(call.tx, call.event.id, code)
    return Answer(200, _delegation_shape(call, delegation), delegation.version)


@operation(
    "PATCH",
    DELEGATION,
    right=Right.PEOPLE_WRITE,
    body=ChangedDelegation,
    answers={200: DelegationShape},
    summary="Change a delegation",
)
async def change_delegation(call: Call[NewDelegation, None]) -> Answer:
    code = call.path["delegation"]
    delegation = await actions.hold_delegation(call.tx, call.event.id, code)
    call.expect(delegation.version)
    changes = call.form.given()
    delegation = await actions.change_delegation(call.tx, delegation, changes)
    await _record(call, "delegation.changed", code, fields=sorted(changes))
    return Answer(200, _delegation_shape(call, delegation), delegation.version)


@operation(
    "DELETE",
    DELEGATION,
    right=Right.PEOPLE_WRITE,
    answers={204: None},
    summary="Take a delegation out",
)
async def remove_delegation(call: Call[None, None]) -> Answer:
    code = call.path["delegation"]
    delegation = await actions.hold_delegation(call.tx, call.event.id, code)
    call.expect(delegation.version)
    await actions.remove_delegation(call.tx, delegation)
    await _record(call, "delegation.removed", code)
    return Answer(204)


@operation(
    "GET",
    PARTICIPANTS,
    right=Right.PEOPLE_READ,
    query=PeopleQuery,
    answers={200: Listing[ParticipantShape]},
    summary="List participants; `q` searches name, position and office",
)
async def list_participants(call: Call[None, PeopleQuery]) -> Answer:
    (after,) = read_cursor(call.query.cursor, int) or (0,)
    limit = call.query.limit
    wanted = store.PeopleFilter(
        tuple(call.query.q.split()), call.query.delegation, call.query.attendance
    )
    people = await store.list_participants(
        call.tx, call.event.id, wanted, after=after, limit=limit + 1
    )
    shapes = await _participant_shapes(call, people)
    return Answer(200, listing(shapes, limit, lambda shape: (shape.id,)))


@operation(
    "POST",
    PARTICIPANTS,
    right=Right.PEOPLE_WRITE,
    body=NewParticipant,
    answers={201: ParticipantShape},
    summary="Add a participant, within the delegation's quota",
)
async def add_participant(call: Call[NewParticipant, None]) -> Answer:
    attendance = await _attendance(call, call.form.delegation)
    details = details_of(call.form, call.event, attendance)
    person = await actions.add_participant(call.tx, call.event, details, at=call.at)
    await _record(call, "participant.added", str(person.id))
    where = f"{call.request.path}/{person.id}"
    return Answer(201, await _participant_shape(call, person), person.version, where)


@operation(
    "GET",
    PARTICIPANT,
    right=Right.PEOPLE_READ,
    answers={200: ParticipantShape},
    summary="Show a participant",
)
async def show_participant(call: Call[None, None]) -> Answer:
    person = await actions.get_participant(call.tx, call.event.id, int(call.path["id"]))
    return Answer(200, await _participant_shape(call, person), person.version)


@operation(
    "PATCH",
    PARTICIPANT,
    right=Right.PEOPLE_WRITE,
    body=ChangedParticipant,
    answers={200: ParticipantShape},
    summary="Change a participant",
)
async def change_participant(call: Call[WholeParticipant, None]) -> Answer:
    person = await actions.hold_participant(call.tx, call.event.id, int(call.path["id"]))
    call.expect(person.version)
    changes = person_changes(call.form)
    person = await actions.change_participant(call.tx, call.event, person, changes, at=call.at)
    await _record(call, "participant.changed", str(person.id), fields=sorted(changes))
    return Answer(200, await _participant_shape(call, person), person.version)


@operation(
    "DELETE",
    PARTICIPANT,
    right=Right.PEOPLE_WRITE,
    answers={204: None},
    summary="Take a participant out",
)
async def remove_participant(call: Call[None, None]) -> Answer:
    person = await actions.hold_participant(call.tx, call.event.id, int(call.path["id"]))
    call.expect(person.version)
    await actions.remove_participant(call.tx, call.event, person, at=call.at)
    await _record(call, "participant.removed", str(person.id), name=person.name)
    return Answer(204)


def _delegation_shape(call: Call[Any, Any], delegation: Delegation) -> DelegationShape:
    contacts = call.who.has(Right.PEOPLE_CONTACTS)
    return delegation_shape(delegation, call.event, contacts=contacts)


async def _participant_shape(call: Call[Any, Any], person: Participant) -> ParticipantShape:
    (shape,) = await _participant_shapes(call, [person])
    return shape


async def _participant_shapes(
    call: Call[Any, Any], people: list[Participant]
) -> list[ParticipantShape]:
    contacts = call.who.has(Right.PEOPLE_CONTACTS)
    answers = await store.list_rsvps(call.tx, [person.id for person in people])
    return [participant_shape(person, answers[person.id], contacts=contacts) for person in people]


async def _attendance(call: Call[Any, Any], code: str) -> Attendance:
    delegation = await actions.find_delegation(call.tx, call.event.id, code)
    if delegation is None:
        raise Invalid.field("delegation", say("There is no delegation {code}.", code=code))
    return delegation.attendance


async def _record(call: Call[Any, Any], action: str, subject: str, **detail: Any) -> None:
    await audit.record(
        call.tx, call.who, action, subject, event_id=call.event.id, at=call.at, detail=detail
    )


API = [
    list_delegations,
    add_delegation,
    show_delegation,
    change_delegation,
    remove_delegation,
    list_participants,
    add_participant,
    show_participant,
    change_participant,
    remove_participant,
]
