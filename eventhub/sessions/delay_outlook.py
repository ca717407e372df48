"""What a delay of a room would do, before it is made: what moves, what stands in the way, which drafts stay."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, NotFound
from eventhub.events.model import Event
from eventhub.wording import Local, say

from . import delay_rules, delay_store, lookup, release_store, rules, thawing
from .accepted import FORBIDDING, Identity, identity
from .delay_rules import Gaps, Move, Slot, Span
from .model import (
    AnySession,
    Kind,
    ProgrammeConflict,
    Release,
    Released,
    Session,
    SessionState,
    Surroundings,
)
from .together import margin


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: from which session on, by how many minutes, and whether it has begun (None: as planned)."""

    session: str
    minutes: int
    gaps: Gaps = Gaps.KEEP
    begun: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What broadcasts tell, by the codes of their sessions."""

    on_air: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """A session of the last release before any delay is chosen, in its room's day; `place` is what others call that.

    `is_unsure`: it should have begun, and nothing tells that it has.
    """

    release: Release
    session: Released
    place: str
    line: Sequence[Slot]
    slot: Slot
    begun: bool
    is_unsure: bool
    day: Sequence[Released] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a delay would do: what moves, which conflicts that makes, and which drafts stand elsewhere and stay."""

    standing: Standing
    wish: Wish
    moves: Sequence[Move]
    conflicts: Sequence[ProgrammeConflict]
    kept_drafts: Sequence[str]

    @property
    def minutes(self) -> int:
        """By how many minutes the room is later, or less than none: it comes earlier by no more than it is late."""
        if self.wish.minutes > 0:
            return self.wish.minutes
        earlier = max(move.old.ends_at - move.new.ends_at for move in self.moves)
        return -(earlier // delay_rules.MINUTE)

    @property
    def forbidding(self) -> list[ProgrammeConflict]:
        """The conflicts with which nothing else would be published."""
        return [one for one in self.conflicts if one.severity in FORBIDDING]


async def stand(
    tx: AsyncConnection, event: Event, code: str, facts: Facts, *, at: datetime,
    begun: bool | None = None,
) -> Standing:  # fmt: skip
    """Return where a session stands in the last release, or raise NotFound where that does not hold it."""
    release = await release_store.latest_release(tx, event.id)
    session = await release_store.find_released(tx, release.id, code) if release else None
    if release is None or session is None or session.state is SessionState.CANCELLED:
        raise NotFound(say("There is no published session {code}.", code=code))
    first, last = event.day_bounds(event.day_of(session.starts_at))
    apart = margin(event)
    # A late evening may reach into what begins the day early.
    latest = last + apart + delay_rules.MOST_MINUTES * delay_rules.MINUTE
    day = await release_store.list_released(tx, release.id, start=first - apart, end=latest)
    known = await _known_moves(tx, event)
    line = [
        _slot(each, known.get(each.code, ()), facts)
        for each in day
        if _shares_place(each, session) and first <= each.starts_at < last
    ]
    slot = next(each for each in line if each.code == code)
    if begun is None and code in facts.waiting:
        begun = False
    return Standing(
        release=release,
        session=session,
        place=session.room_name or session.track or session.title,
        line=line,
        slot=slot,
        begun=delay_rules.has_begun(slot, at, begun),
        is_unsure=session.starts_at <= at and not slot.on_air,
        day=day,
    )


def _shares_place(each: Released, session: Released) -> bool:
    """Whether two are held in one place: a room, without one a track; without either each stands alone."""
    if each.state is SessionState.CANCELLED:
        return False
    if session.room_code is None and not session.track:
        return each.code == session.code
    if session.room_code is None:
        return each.room_code is None and each.track == session.track
    return each.room_code == session.room_code


def _slot(each: Released, known: Sequence[Mapping[str, Any]], facts: Facts) -> Slot:
    span = Span(each.starts_at, each.ends_at)
    return Slot(
        code=each.code,
        title=each.title,
        span=span,
        planned=delay_rules.planned(span, known),
        is_break=each.kind is Kind.BREAK,
        on_air=each.code in facts.on_air,
        over=each.code in facts.over,
    )


async def _known_moves(tx: AsyncConnection, event: Event) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for delay in await delay_store.list_delays(tx, event.id):
        for move in delay.moves:
            found.setdefault(move["code"], []).append(move)
    return found


async def look(
    tx: AsyncConnection, event: Event, wish: Wish, facts: Facts, *, at: datetime
) -> Outlook:
    """Return what a delay would do; changes nothing.

    Raises as `delay_rules.moves` does, and Conflict where a session would begin on the next event day.
    """
    standing = await stand(tx, event, wish.session, facts, at=at, begun=wish.begun)
    moves = delay_rules.moves(
        standing.line, standing.slot, wish.minutes, wish.gaps, at=at, begun=standing.begun
    )
    _refuse_next_day(event, standing, moves)
    found, kept = await _consequences(tx, event, standing, moves)
    return Outlook(standing, wish, moves, found, kept)


def _refuse_next_day(event: Event, standing: Standing, moves: Sequence[Move]) -> None:
    """Refuse what would leave the day's line: no later delay of this day would reach it, the next day's would."""
    _, ends_at = event.day_bounds(event.day_of(standing.session.starts_at))
    for move in moves:
        if move.new.starts_at >= ends_at:
            raise Conflict(
                say(
                    "{session} would begin at {time}, on the next event day. "
                    "Choose fewer minutes, or move or cancel it in the programme first.",
                    session=move.title,
                    time=Local(move.new.starts_at, event.zone),
                )
            )


async def _consequences(
    tx: AsyncConnection, event: Event, standing: Standing, moves: Sequence[Move]
) -> tuple[list[ProgrammeConflict], list[str]]:
    """Return the conflicts that moves make, and the sessions whose drafts stand elsewhere."""
    frozen = [each for each in standing.day if each.state is not SessionState.CANCELLED]
    ids = await thawing.ids_of(tx, event, frozen)
    now = [thawing.thawed(each, event, ids) for each in frozen]
    new = {move.code: move.new for move in moves}
    then = [_at(each, new[each.code]) if each.code in new else each for each in now]
    around = await lookup.surroundings(tx, event, now)
    found = await asyncio.to_thread(_arising, now, then, set(new), event, around)
    moved = [each for each in now if each.code in new]
    drafts = await delay_store.list_drafts(tx, [each.id for each in moved])
    kept = [each.code for each in moved if not _stands(drafts[each.id], each)]
    return found, kept


def _arising(
    now: Sequence[Session],
    then: Sequence[Session],
    moved: Collection[str],
    event: Event,
    around: Surroundings,
) -> list[ProgrammeConflict]:
    """Return what stands in the way of moved sessions and did not, explained as what is in each one's way."""
    known = {identity(one) for one in rules.all_conflicts(now, event, around)}
    found: dict[Identity, ProgrammeConflict] = {}
    for session in then:
        if session.code in moved:
            for one in rules.conflicts(session, then, event, around):
                found.setdefault(identity(one), one)
    return [one for of, one in found.items() if of not in known]


def _at(session: Session, span: Span) -> Session:
    return replace(session, starts_at=span.starts_at, ends_at=span.ends_at)


def _stands(draft: AnySession, released: Session) -> bool:
    """Whether a draft stands where its release does, so that it moves with it."""
    return (
        isinstance(draft, Session)
        and draft.state is not SessionState.CANCELLED
        and (draft.starts_at, draft.ends_at, draft.room_id)
        == (released.starts_at, released.ends_at, released.room_id)
    )
