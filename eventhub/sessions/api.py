"""The programme for programs."""

import re
import secrets
from datetime import UTC, datetime

from eventhub.accounts import audit
from eventhub.errors import Invalid, Stale
from eventhub.events.actions import get_room
from eventhub.web.access import Right
from eventhub.web.fields import INT32, Listing, Paging
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import listing, read_cursor
from eventhub.wording import say

from . import actions, history, lookup, store
from .forms import (
    ChangedSession,
    NewRelease,
    NewSession,
    Placement,
    ReleasePaging,
    SessionPaging,
    new_session,
    placed,
    read_changes,
)
from .model import AnySession, ProgrammeConflict, Session
from .shapes import (
    Conflicts,
    ConflictShape,
    ReleaseShape,
    SessionShape,
    conflict_shapes,
    release_shape,
    session_shapes,
)

SESSIONS = "/events/{event}/sessions"
SESSION = "/events/{event}/sessions/{session}"
RELEASES = "/events/{event}/releases"


@operation(
    "GET",
    SESSIONS,
    right=Right.PROGRAMME_READ,
    query=SessionPaging,
    answers={200: Listing[SessionShape]},
    summary="List sessions by start, those without a time last",
)
async def list_sessions(call: Call[None, SessionPaging]) -> Answer:
    query = call.query
    found = await store.list_any(
        call.tx,
        call.event.id,
        await _wanted(call),
        scheduled=query.scheduled,
        after=_after(query.cursor),
        limit=query.limit + 1,
    )
    shapes = await session_shapes(call.tx, found)
    ids = {session.code: session.id for session in found}
    return Answer(200, listing(shapes, query.limit, lambda shape: (_start(shape), ids[shape.code])))


def _start(shape: SessionShape) -> str:
    return shape.starts_at.isoformat() if shape.starts_at else ""


async def _wanted(call: Call[None, SessionPaging]) -> store.Wanted:
    query, event = call.query, call.event
    start, end = event.day_bounds(query.day) if query.day else (None, None)
    room_id = (await get_room(call.tx, event.id, query.room)).id if query.room else None
    office = None
    if query.delegation:
        office = (await lookup.delegation_ids(call.tx, event.id, {query.delegation})).get(
            query.delegation, -1
        )
    return store.Wanted(start, end, room_id, query.track or None, query.state, office)


def _after(cursor: str | None) -> tuple[datetime | None, int] | None:
    key = read_cursor(cursor, str, int)
    if key is None:
        return None
    if not key[0]:
        return None, key[1]
    try:
        moment = datetime.fromisoformat(key[0])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), key[1]
    except (ValueError, OverflowError) as error:
        raise Invalid.field(
            "cursor", say("This is no cursor that an earlier answer gave.")
        ) from error


@operation(
    "POST",
    SESSIONS,
    right=Right.PROGRAMME_WRITE,
    body=NewSession,
    answers={201: SessionShape},
    summary="Add a session; what stands in its way is refused by name",
)
async def add_session(call: Call[NewSession, None]) -> Answer:
    code = call.form.code or f"s-{secrets.token_hex(4)}"
    session = await new_session(call.tx, call.event, call.form, code)
    session = await actions.add_session(call.tx, call.event, session, at=call.at)
    await _audited(call, "session.added", session)
    return Answer(201, await _one(call, session), session.version, f"{call.request.path}/{code}")


@operation(
    "GET",
    SESSION,
    right=Right.PROGRAMME_READ,
    answers={200: SessionShape},
    summary="Show a session",
)
async def show_session(call: Call[None, None]) -> Answer:
    session = await store.get_session(call.tx, call.event.id, call.path["session"])
    return Answer(200, await _one(call, session), session.version)


@operation(
    "PATCH",
    SESSION,
    right=Right.PROGRAMME_WRITE,
    body=ChangedSession,
    answers={200: SessionShape},
    summary="Change or move a session",
)
async def change_session(call: Call[NewSession, None]) -> Answer:
    session = await store.get_session(call.tx, call.event.id, call.path["session"])
    await _expect(call, session)
    changes = await read_changes(call.tx, call.event, call.form.given())
    changed = await actions.change_session(call.tx, call.event, session, changes, at=call.at)
    await history.record(
        call.tx, call.who, "session.changed", before=session, after=changed, at=call.at
    )
    return Answer(200, await _one(call, changed), changed.version)


async def _expect(call: Call[NewSession, None] | Call[None, None], session: AnySession) -> None:
    """Refuse what was made from an older version, saying what changed since."""
    try:
        call.expect(session.version)
    except Stale as stale:
        seen = re.fullmatch(r'\s*"(\d{1,9})"\s*', call.if_match or "")
        if seen is None:
            raise
        raise Stale(await history.meanwhile(call.tx, session, int(seen[1]))) from stale


@operation(
    "DELETE",
    SESSION,
    right=Right.PROGRAMME_WRITE,
    answers={204: None},
    summary="Take a draft out, or cancel a published session",
)
async def remove_session(call: Call[None, None]) -> Answer:
    session = await store.get_session(call.tx, call.event.id, call.path["session"])
    await _expect(call, session)
    await actions.remove_session(call.tx, session, at=call.at)
    await _audited(call, "session.removed", session)
    return Answer(204)


@operation(
    "POST",
    f"{SESSION}/check",
    right=Right.DOORS_MANAGE,
    body=Placement,
    answers={200: Conflicts},
    summary="Try a placement; changes nothing",
    writes=False,
)
async def check_session(call: Call[Placement, None]) -> Answer:
    session = await store.get_session(call.tx, call.event.id, call.path["session"])
    there = await placed(call.tx, call.event, session, call.form)
    found: list[ProgrammeConflict] = []
    if isinstance(there, Session):
        actions.check_fields(there)
        found = await actions.check_placement(call.tx, call.event, there)
    return Answer(200, Conflicts(conflicts=conflict_shapes(found, call.reader)))


@operation(
    "GET",
    "/events/{event}/conflicts",
    right=Right.PROGRAMME_READ,
    answers={200: Listing[ConflictShape]},
    summary="List the draft programme's conflicts",
)
async def list_conflicts(call: Call[None, None]) -> Answer:
    found = await actions.conflicts_of(call.tx, call.event)
    return Answer(200, Listing[ConflictShape](items=conflict_shapes(found, call.reader)))


@operation(
    "GET",
    RELEASES,
    right=Right.PROGRAMME_READ,
    query=ReleasePaging,
    answers={200: Listing[ReleaseShape]},
    summary="List releases, the latest first",
)
async def list_releases(call: Call[None, Paging]) -> Answer:
    before = (read_cursor(call.query.cursor, int) or (INT32,))[0]
    found = await actions.list_releases(call.tx, call.event.id, before, call.query.limit + 1)
    shapes = [release_shape(release, call.reader) for release in found]
    return Answer(200, listing(shapes, call.query.limit, lambda shape: (shape.release,)))


@operation(
    "POST",
    RELEASES,
    right=Right.PROGRAMME_WRITE,
    body=NewRelease,
    answers={201: ReleaseShape},
    summary="Publish the draft as the next release",
)
async def publish(call: Call[NewRelease, None]) -> Answer:
    release = await actions.publish(
        call.tx, call.event, note=call.form.note, notify=call.form.notify, who=call.who, at=call.at
    )
    return Answer(
        201, release_shape(release, call.reader), location=f"{call.request.path}/{release.number}"
    )


@operation(
    "GET",
    RELEASES + r"/{n:\d{1,9}}",
    right=Right.PROGRAMME_READ,
    answers={200: ReleaseShape},
    summary="Show a release",
)
async def show_release(call: Call[None, None]) -> Answer:
    release = await actions.get_release(call.tx, call.event.id, int(call.path["n"]))
    return Answer(200, release_shape(release, call.reader))


async def _one(
    call: Call[NewSession, None] | Call[None, None], session: AnySession
) -> SessionShape:
    return (await session_shapes(call.tx, [session]))[0]


async def _audited(
    call: Call[NewSession, None] | Call[None, None], action: str, session: AnySession
) -> None:
    await audit.record(call.tx, call.who, action, session.code, event_id=call.event.id, at=call.at)


API = [
    list_sessions,
    add_session,
    show_session,
    change_session,
    remove_session,
    check_session,
    list_conflicts,
    list_releases,
    publish,
    show_release,
]
