"""A participant's personal links, for programs."""

from typing import Any

from eventhub.accounts import audit
from eventhub.events.model import Attendance
from eventhub.participants import actions as participants
from eventhub.participants.links import PersonalLinks
from eventhub.participants.model import Participant
from eventhub.web.access import Right
from eventhub.web.fields import Shape
from eventhub.web.keys import SETTINGS, base_url
from eventhub.web.operations import Answer, Call, operation

from . import store

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


API = [show_links, renew_links]
