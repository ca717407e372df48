"""Plans from order to programme: started, stopped, applied in one transaction, and taken back."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.db.engine import lock_event
from eventhub.errors import Conflict, Invalid
from eventhub.events.actions import list_rooms
from eventhub.events.model import Event
from eventhub.sessions import actions as sessions_actions
from eventhub.sessions import lookup, rules
from eventhub.sessions.conflicts import ProgrammeClash
from eventhub.sessions.model import (
    AnySession,
    Session,
    SessionState,
    with_changes,
)
from eventhub.sessions.programme_news import tell_changed
from eventhub.web.access import Principal
from eventhub.wording import Text, say

from . import store
from .model import Order
from .proposal import fresh_conflicts
from .store import PlanStatus

MISSING = say(
    'Planning needs OR-Tools, which is not installed here; install it with: pip install "ortools>=9.15,<9.16".'
)
Spot = Mapping[str, str] | None


def is_available() -> bool:
    """Whether the extra that searches is installed."""
    return find_spec("ortools") is not None


async def start(
    tx: AsyncConnection, event: Event, order: Order, *, who: Principal | str, at: datetime
) -> int:
    """Write down that a plan is being searched for, and return its id; one at a time for an event."""
    if not is_available():
        raise Conflict(MISSING)
    if not order.codes - order.pinned:
        raise Invalid.field(
            "kind", say("No session fits this choice, so there is nothing to plan.")
        )
    await lock_event(tx, event.id)
    if [plan for plan in await store.list_alive(tx, event.id) if not plan.is_silent(at)]:
        raise Conflict(say("A plan is being made for this event. Wait for it, or cancel it first."))
    name = who if isinstance(who, str) else who.name
    plan_id = await store.insert_plan(tx, event.id, order, name, at)
    await _note(tx, event, "plan.started", plan_id, who=who, at=at)
    return plan_id


async def finish(tx: AsyncConnection, event: Event, plan_id: int) -> None:
    """Ask for the best plan found so far; one that has ended stays as it is."""
    plan = await store.get_plan(tx, event.id, plan_id)
    await store.end_plan(tx, plan.id, PlanStatus.FINISHING)


async def cancel(
    tx: AsyncConnection, event: Event, plan_id: int, *, who: Principal | str, at: datetime
) -> None:
    """Stop a search and drop what it found; one that has ended stays as it is."""
    plan = await store.get_plan(tx, event.id, plan_id)
    if await store.end_plan(tx, plan.id, PlanStatus.CANCELLED, seen_at=at):
        await _note(tx, event, "plan.cancelled", plan_id, who=who, at=at)


async def apply(
    tx: AsyncConnection, event: Event, plan_id: int, *, who: Principal | str, at: datetime
) -> int:
    """Move the sessions as a plan proposes, all or none; return how many.

    Raises Conflict, naming what changed, when one of them is no longer as it was planned with; ProgrammeClash when the
    programme around them has changed so that the plan would break a rule.
    """
    await lock_event(tx, event.id)
    plan = await store.get_plan(tx, event.id, plan_id)
    if plan.status not in {PlanStatus.READY, PlanStatus.TAKEN_BACK} or plan.proposal is None:
        raise Conflict(say("Only a plan that is ready can be applied."))
    moves = plan.proposal["moves"]
    versions = plan.applied or {move["session"]: move["version"] for move in moves}
    moved = await _put(
        tx, event, {move["session"]: move["after"] for move in moves}, versions, at=at
    )
    await store.update_plan(tx, plan.id, status=PlanStatus.APPLIED, applied=_versions(moved))
    await _note(tx, event, "plan.applied", plan_id, who=who, at=at, count=len(moved))
    return len(moved)


async def take_back(
    tx: AsyncConnection, event: Event, plan_id: int, *, who: Principal | str, at: datetime
) -> int:
    """Move the sessions back to where they were before a plan, if none changed since; return how many."""
    await lock_event(tx, event.id)
    plan = await store.get_plan(tx, event.id, plan_id)
    if plan.status is not PlanStatus.APPLIED or plan.proposal is None or plan.applied is None:
        raise Conflict(say("Only a plan that was applied can be taken back."))
    before = {move["session"]: move["before"] for move in plan.proposal["moves"]}
    moved = await _put(tx, event, before, plan.applied, at=at)
    await store.update_plan(tx, plan.id, status=PlanStatus.TAKEN_BACK, applied=_versions(moved))
    await _note(tx, event, "plan.taken_back", plan_id, who=who, at=at, count=len(moved))
    return len(moved)


def _versions(moved: Sequence[AnySession]) -> dict[str, int]:
    return {session.code: session.version for session in moved}


async def _put(
    tx: AsyncConnection,
    event: Event,
    spots: Mapping[str, Spot],
    versions: Mapping[str, int],
    *,
    at: datetime,
) -> list[AnySession]:
    every = await store.list_every(tx, event.id)
    known = {session.code: session for session in every}
    changed = list(_changed(known, versions))
    if changed:
        raise Conflict(
            say("The programme has changed since this plan was made. Nothing was moved; please plan again."),
            [_told(code, text) for code, text in changed],
        )  # fmt: skip
    rooms = {room.code: room.id for room in await list_rooms(tx, event.id)}
    moved = [_moved(known[code], spot, rooms) for code, spot in spots.items()]
    for session in moved:
        if isinstance(session, Session):
            sessions_actions.check_fields(session)
    await _hold(tx, event, every, moved)
    await store.move_sessions(tx, moved)
    await tell_changed(tx, event.id, [session.code for session in moved], at=at)
    return moved


def _changed(
    known: Mapping[str, AnySession], versions: Mapping[str, int]
) -> Iterator[tuple[str, Text]]:
    for code, version in versions.items():
        session = known.get(code)
        if session is None:
            yield code, say("{session} is no longer in the programme.", session=code)
        elif session.state is SessionState.CANCELLED:
            yield code, say("{session} was cancelled.", session=session.title)
        elif session.version != version and isinstance(session, Session):
            yield (
                code,
                say(
                    "{session} was changed; it starts {start}.",
                    session=session.title,
                    start=session.starts_at,
                ),
            )
        elif session.version != version:
            yield code, say("{session} was changed; it has no time.", session=session.title)


def _told(code: str, text: Text) -> dict[str, Any]:
    return {"kind": "changed", "severity": "block", "sessions": [code], "explanation": text}


def _moved(session: AnySession, spot: Spot, rooms: Mapping[str, int]) -> AnySession:
    changes: dict[str, Any] = {"version": session.version + 1, "starts_at": None, "ends_at": None}
    if spot is not None:
        if spot["room"] and spot["room"] not in rooms:
            raise Conflict(say("The room {room} is gone. Please plan again.", room=spot["room"]))
        changes["starts_at"] = datetime.fromisoformat(spot["starts_at"])
        changes["ends_at"] = datetime.fromisoformat(spot["ends_at"])
        changes["room_id"] = rooms[spot["room"]] if spot["room"] else None
    return with_changes(session, changes)


async def _hold(
    tx: AsyncConnection, event: Event, every: Sequence[AnySession], moved: Sequence[AnySession]
) -> None:
    """Refuse moves that make a conflict which forbids a save or a release and was not there before."""
    new = {session.id: session for session in moved}
    before = [each for each in every if isinstance(each, Session)]
    after = [each for each in (new.get(e.id, e) for e in every) if isinstance(each, Session)]
    around = await lookup.surroundings(tx, event, [*before, *after])
    old = await asyncio.to_thread(rules.all_conflicts, before, event, around)
    found = await asyncio.to_thread(rules.all_conflicts, after, event, around)
    fresh = fresh_conflicts(found, old)
    if fresh:
        text = say(
            "The programme has changed since this plan was made. Nothing was moved; please plan again."
        )
        raise ProgrammeClash(fresh[:20], text)


async def _note(
    tx: AsyncConnection,
    event: Event,
    action: str,
    plan_id: int,
    *,
    who: Principal | str,
    at: datetime,
    count: int | None = None,
) -> None:
    detail = {} if count is None else {"sessions": count}
    await audit.record(tx, who, action, str(plan_id), event_id=event.id, at=at, detail=detail)
