"""What was done to a session since somebody last saw it, in words: told to those who wanted to change it meanwhile."""

from dataclasses import fields
from datetime import datetime
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.accounts.tables import audit_log
from eventhub.events.actions import list_rooms
from eventhub.web.access import Principal
from eventhub.wording import Text, say

from .model import AnySession, Described, Session, SessionState

# Further back than so many changes nobody's page is.
MOST = 50
_TOLD = {"room_id", "title", "version", "state"}


async def record(
    tx: AsyncConnection,
    who: Principal | str,
    action: str,
    *,
    before: AnySession,
    after: AnySession,
    at: datetime,
) -> None:
    """Write a change of a session into the audit log: its new version, and each field's value before and after."""
    rooms = {room.id: room.name for room in await list_rooms(tx, after.event_id)}
    pairs = {
        "starts_at": (_start(before), _start(after)),
        "minutes": (before.minutes, after.minutes),
        "room": (rooms.get(before.room_id or 0, ""), rooms.get(after.room_id or 0, "")),
        "title": (before.title, after.title),
    }
    detail: dict[str, Any] = {"version": after.version}
    detail |= {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}
    others = sorted(
        field.name
        for field in fields(Described)
        if field.name not in _TOLD and getattr(before, field.name) != getattr(after, field.name)
    )
    if others:
        detail["others"] = others
    await audit.record(tx, who, action, after.code, event_id=after.event_id, at=at, detail=detail)


def _start(session: AnySession) -> str | None:
    return session.starts_at.isoformat() if isinstance(session, Session) else None


async def meanwhile(tx: AsyncConnection, session: AnySession, seen: int) -> Text:
    """Say who changed a session since its version `seen`, and what: before and after, else how it is now."""
    if session.state is SessionState.CANCELLED:
        return say(
            "{session} was cancelled meanwhile. Your change was not saved.", session=session.title
        )
    query = (
        sa.select(audit_log.c.actor, audit_log.c.detail)
        .where(
            audit_log.c.event_id == session.event_id,
            audit_log.c.subject == session.code,
            audit_log.c.action.like("session.%"),
        )
        .order_by(audit_log.c.id.desc())
        .limit(MOST)
    )
    rows = list(await tx.execute(query))
    # What a release or work on many sessions did stands in the log as their own line, not as each session's.
    is_whole = bool(rows) and rows[0].detail.get("version") == session.version
    who = rows[0].actor.partition(" ")[2] if is_whole else say("Somebody")
    told = _parts([row.detail for row in reversed(rows) if row.detail.get("version", 0) > seen])
    if not told or not is_whole:
        return await _now(tx, session, who)
    return say(
        "{who} changed {session} meanwhile: {what}. Your change was not saved.",
        who=who,
        session=session.title,
        what=reduce(lambda one, more: say("{one}; {more}", one=one, more=more), told),
    )


def _parts(details: list[dict[str, Any]]) -> list[Text]:
    """Return what several changes, the first one first, come to."""
    pairs: dict[str, tuple[Any, Any]] = {}
    for detail in details:
        for name in ("title", "starts_at", "minutes", "room"):
            if name in detail:
                before, after = detail[name]
                pairs[name] = (pairs.get(name, (before, None))[0], after)
    told = [_WORDS[name](*pair) for name, pair in pairs.items() if pair[0] != pair[1]]
    if any(detail.get("others") for detail in details):
        told.append(say("other details"))
    return told


_WORDS = {
    "title": lambda before, after: say("title “{before}” → “{after}”", before=before, after=after),
    "starts_at": lambda before, after: say(
        "start {before} → {after}", before=_moment(before), after=_moment(after)
    ),
    "minutes": lambda before, after: say(
        "length {before} → {after} minutes", before=before, after=after
    ),
    "room": lambda before, after: say(
        "room {before} → {after}", before=before or say("no room"), after=after or say("no room")
    ),
}


def _moment(told: str | None) -> object:
    return datetime.fromisoformat(told) if told else say("no time")


async def _now(tx: AsyncConnection, session: AnySession, who: object) -> Text:
    if not isinstance(session, Session):
        return say(
            "{who} changed {session} meanwhile: it now has no time. Your change was not saved.",
            who=who,
            session=session.title,
        )
    rooms = await list_rooms(tx, session.event_id)
    room = next((each.name for each in rooms if each.id == session.room_id), say("no room"))
    return say(
        "{who} changed {session} meanwhile: it now starts {start}, lasts {n} minutes and is in {room}. "
        "Your change was not saved.",
        who=who,
        session=session.title,
        start=session.starts_at,
        n=session.minutes,
        room=room,
    )
