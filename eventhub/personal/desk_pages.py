"""An organizer names who comes in a participant's place."""

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import NotFound, Refusal
from eventhub.participants import actions as participants
from eventhub.participants import standing
from eventhub.participants.model import Participant
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other

from . import actions, forms, store


@allow(Right.PEOPLE_WRITE)
async def show(request: web.Request) -> web.StreamResponse:
    """Show who comes in a participant's place, and the form to name somebody."""
    return await _form(request, Filled({"session": request.query.get("session", "")}))


@allow(Right.PEOPLE_WRITE)
async def name(request: web.Request) -> web.StreamResponse:
    """Let somebody come in a participant's place, or nobody any more."""
    fields = text_fields(await posted(request))
    event, at = request[EVENT], request.app[CLOCK].now()
    try:
        async with transaction(request) as tx:
            held = await participants.hold_participant(tx, event.id, _id(request))
            person = await store.find_person(tx, held.id, held.link_generation)
            assert person is not None
            if fields.get("do") == "take_back":
                await actions.take_back(tx, person, at=at)
            else:
                who = forms.read_substitute(fields)
                await actions.name_substitute(tx, person, who, fields.get("session", ""), at=at)
            await audit.record(
                tx, request[PRINCIPAL], "participant.substituted", str(held.id),
                event_id=event.id, at=at, detail={"name": fields.get("name", "")[:200]},
            )  # fmt: skip
    except NotFound:
        raise
    except Refusal as refusal:
        return await _form(request, filled(fields, refusal, request[READER]), refusal.status)
    return see_other(request, "participants.person", event=event.slug, id=held.id)


async def _form(request: web.Request, form: Filled, status: int = 200) -> web.StreamResponse:
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        participant: Participant = await participants.get_participant(tx, event.id, _id(request))
        person = await store.find_person(tx, participant.id, participant.link_generation)
        agenda = await store.list_agenda(tx, person) if person else []
        instead = await standing.list_substitutes(tx, participant.id)
    return await page(
        request,
        "personal/desk.html",
        status=status,
        person=participant,
        form=form,
        instead=instead,
        sessions=[(item.code, item.title) for item in agenda if item.may_be_answered(at)],
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


HERE = r"/manage/{event}/people/{id:\d{1,9}}/instead"
ROUTES = [
    web.get(HERE, show, name="personal.desk"),
    web.post(HERE, name, name="personal.name"),
]
