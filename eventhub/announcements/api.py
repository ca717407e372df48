"""Announcements for programs."""

from eventhub.web.access import Right
from eventhub.web.fields import Listing, Paging
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor

from . import actions
from .forms import AnnouncementShape, NewAnnouncement, announcement_shape

_PATH = "/events/{event}/announcements"


@operation(
    "GET",
    _PATH,
    right=Right.PROGRAMME_READ,
    query=Paging,
    answers={200: Listing[AnnouncementShape]},
    summary="List announcements, the latest first",
)
async def list_announcements(call: Call[None, Paging]) -> Answer:
    limit, before = call.query.limit, read_cursor(call.query.cursor, int)
    found = await actions.list_before(
        call.tx, call.event.id, before[0] if before else None, limit + 1
    )
    shapes = [announcement_shape(each) for each in found]
    return Answer(200, listing(shapes, limit, lambda shape: (shape.id,)))


@operation(
    "POST",
    _PATH,
    right=Right.ANNOUNCE,
    body=NewAnnouncement,
    answers={201: AnnouncementShape},
    summary="Announce something to everybody, or to those of a session",
)
async def announce(call: Call[NewAnnouncement, None]) -> Answer:
    said = await actions.announce(
        call.tx, call.event, call.form.text, session=call.form.session, who=call.who, at=call.at
    )
    return Answer(201, announcement_shape(said))


API = [list_announcements, announce]
