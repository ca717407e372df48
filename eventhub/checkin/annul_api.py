"""Taking a scan back, for programs and for phones that are scanners."""

from datetime import datetime

from aiohttp import web

from eventhub.db.plain import hold
from eventhub.web.access import Right, device
from eventhub.web.fields import Instant, Shape
from eventhub.web.forms import check_origin
from eventhub.web.keys import CLOCK, reading, transaction
from eventhub.web.operations import Answer, Call, operation

from . import actions, phones
from .annulling import annul
from .telling import TELLER


class AnnulledShape(Shape):
    nonce: str
    annulled_at: Instant


@operation(
    "POST",
    "/events/{event}/passages/{nonce}/annul",
    right=Right.PASSAGES_WRITE,
    answers={200: AnnulledShape},
    summary="Take back a scan of one's own, within 15 minutes",
)
async def annul_passage(call: Call[None, None]) -> Answer:
    nonce = call.path["nonce"]
    done = await hold(call.tx, annul(call.event, nonce, who=call.who, at=call.at))
    await actions.tell_inside(call.tx, call.event, at=call.at)
    return Answer(200, _shape(nonce, done))


@device
async def annul_scan(request: web.Request) -> web.StreamResponse:
    """Take back what this phone has scanned."""
    check_origin(request)
    nonce, at = request.match_info["nonce"], request.app[CLOCK].now()
    async with reading(request) as tx:
        who, event, _ = await phones.scanner_of(tx, request)
    async with transaction(request) as tx:
        done = await hold(tx, annul(event, nonce, who=who, at=at))
    request.app[TELLER].changed(event)
    return phones.answer(_shape(nonce, done).model_dump(mode="json"))


def _shape(nonce: str, done: datetime) -> AnnulledShape:
    return AnnulledShape(nonce=nonce.lower(), annulled_at=done)


API = [annul_passage]
ROUTES = [web.post("/scan/passages/{nonce}/annul", annul_scan, name="checkin.annul")]
