"""A participant's personal links, for programs."""

from typing import Any

from eventhub.accounts import audit
from eventhub.events.model import Attendance
from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.participants.links import PersonalLinks
from eventhub.participants.model import Participant
from eventhub.participants.standing import Named
from eventhub.web.access import Right
from eventhub.web.fields import Listing, Shape
from eventhub.web.keys import SETTINGS, base_url
from eventhub.web.operations import Answer, Call, operation

from . import actions, store
from .forms import NewSubstitute
from .model import Person

PARTICIPANT = r"/events/{event}/participants/{id:\d{1,9}}"


class JoinShape(Shape):
    session: str
    url: str


class LinksShape(Shape):
    """`joins`: the sessions of the last release that the participant attends from afar."""

    page_url: str
    agenda_url: str
    joins: list[JoinShape]


@operation(
    "GET",
    f"{PARTICIPANT}/links",
    right=Right.PEOPLE_WRITE,
    answers={200: LinksShape},
    summary="Show a participant's personal links",
)
async def show_links(call: Call[None, None]) -> Answer:
    person = await participants.get_participant(call.tx, call.event.id, int(call.path["id"]))
    return Answer(200, await _links(call, person))


@operation(
    "POST",
    f"{PARTICIPANT}/links/renew",
    right=Right.PEOPLE_WRITE,
    answers={200: LinksShape},
    summary="Give a participant new links; the old ones open nothing any more",
)
async def renew_links(call: Call[None, None]) -> Answer:
    person = await participants.hold_participant(call.tx, call.event.id, int(call.path["id"]))
    person = await participants.renew_links(call.tx, person)
    await audit.record(
        call.tx,
        call.who,
        "participant.links_renewed",
        str(person.id),
        event_id=call.event.id,
        at=call.at,
    )
    return Answer(200, await _links(call, person))


class SubstituteShape(Shape):
    """Who comes in a participant's place; `sessions` are codes, null for the whole event."""

    participant: int
    name: str
    position: str
    sessions: list[str] | None


@operation(
    "GET",
    f"{PARTICIPANT}/substitutes",
    right=Right.PEOPLE_READ,
    answers={200: Listing[SubstituteShape]},
    summary="List who comes in a participant's place",
)
async def list_substitutes(call: Call[None, None]) -> Answer:
    person = await participants.get_participant(call.tx, call.event.id, int(call.path["id"]))
    return Answer(200, Listing[SubstituteShape](items=await _substitutes(call, person), next=None))


@operation(
    "POST",
    f"{PARTICIPANT}/substitutes",
    right=Right.PEOPLE_WRITE,
    body=NewSubstitute,
    answers={201: Listing[SubstituteShape]},
    summary="Let somebody come in a participant's place, to one session or (null) all; they take no place of the quota",
)
async def add_substitute(call: Call[NewSubstitute, None]) -> Answer:
    who = Named(call.form.name, call.form.position, call.form.email)
    person = await _held(call)
    await actions.name_substitute(call.tx, person, who, call.form.session or "", at=call.at)
    return await _substituted(call, "participant.substituted", 201)


@operation(
    "POST",
    f"{PARTICIPANT}/substitutes/withdraw",
    right=Right.PEOPLE_WRITE,
    answers={200: Listing[SubstituteShape]},
    summary="Let nobody come in a participant's place any more",
)
async def withdraw_substitutes(call: Call[None, None]) -> Answer:
    await actions.take_back(call.tx, await _held(call), at=call.at)
    return await _substituted(call, "participant.substitutes_withdrawn", 200)


async def _held(call: Call[Any, Any]) -> Person:
    held = await participants.hold_participant(call.tx, call.event.id, int(call.path["id"]))
    person = await store.find_person(call.tx, held.id, held.link_generation)
    assert person is not None
    return person


async def _substituted(call: Call[Any, Any], done: str, status: int) -> Answer:
    person = await participants.get_participant(call.tx, call.event.id, int(call.path["id"]))
    items = await _substitutes(call, person)
    await audit.record(
        call.tx, call.who, done, str(person.id), event_id=call.event.id, at=call.at,
        detail={"substitutes": [one.participant for one in items]},
    )  # fmt: skip
    return Answer(status, Listing[SubstituteShape](items=items, next=None))


async def _substitutes(call: Call[Any, Any], person: Participant) -> list[SubstituteShape]:
    found = await standing.list_substitutes(call.tx, person.id)
    codes = await store.codes_of(call.tx, {id for one in found for id in one.session_ids})
    return [
        SubstituteShape(
            participant=one.id,
            name=one.name,
            position=one.position,
            sessions=None if one.is_whole else sorted(codes[id] for id in one.session_ids),
        )
        for one in found
    ]


async def _links(call: Call[Any, Any], participant: Participant) -> LinksShape:
    links = PersonalLinks(call.request.app[SETTINGS].secret, base_url(call.request))
    id, generation = participant.id, participant.link_generation
    person = await store.find_person(call.tx, id, generation)
    agenda = await store.list_agenda(call.tx, person) if person else []
    joins = [
        JoinShape(session=item.code, url=links.join_url(id, generation, item.session_id))
        for item in agenda
        if item.attendance is not Attendance.ONSITE and not item.is_cancelled
    ]
    return LinksShape(
        page_url=links.page_url(id, generation),
        agenda_url=links.feed_url(id, generation),
        joins=joins,
    )


API = [show_links, renew_links, list_substitutes, add_substitute, withdraw_substitutes]
