"""The control room for programs."""

from eventhub.web.access import Right
from eventhub.web.keys import INSTALLATION
from eventhub.web.operations import Answer, Call, operation

from . import room_reading
from .room_forms import LiveQuery, LiveShape, live_shape


@operation(
    "GET",
    "/events/{event}/live",
    right=Right.BROADCASTS_READ,
    query=LiveQuery,
    answers={200: LiveShape},
    summary="Show what is on, next and late in each room of a day, with encoders and checklists",
)
async def show_live(call: Call[None, LiveQuery]) -> Answer:
    installation = call.request.app[INSTALLATION]
    picture = await room_reading.look(call.tx, installation, call.event, call.at, call.query.day)
    return Answer(200, live_shape(picture, call.reader))


API = [show_live]
