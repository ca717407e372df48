"""What a delay moves in a room, and what taking it back does. Pure: minutes in, moves out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from eventhub.errors import Conflict, Invalid
from eventhub.wording import say

MINUTE = timedelta(minutes=1)
# What is left of a break whose time a delay takes.
SHORTEST_BREAK = 5 * MINUTE
MOST_MINUTES = 480


class Gaps(StrEnum):
    """`keep`: all that follows moves alike. `use`: free time absorbs the delay, and breaks grow shorter."""

    KEEP = "keep"
    USE = "use"


class Span(NamedTuple):
    """From when to when, in UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def later(self, by: timedelta) -> "Span":
        return Span(self.starts_at + by, self.ends_at + by)


@dataclass(frozen=True, slots=True)
class Slot:
    """A session of a room's day. `planned`: before any delay; `on_air` and `over`: as its broadcast tells."""

    code: str
    title: str
    span: Span
    planned: Span
    is_break: bool = False
    on_air: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A session's time before and after."""

    code: str
    title: str
    old: Span
    new: Span


def following(line: Iterable[Slot], first: Slot) -> list[Slot]:
    """Return what starts once a session was to be over, in order; what runs beside it in a shared room is not meant."""
    later = [slot for slot in line if slot.span.starts_at >= first.span.ends_at]
    return sorted(later, key=lambda slot: (slot.span.starts_at, slot.code))


def has_begun(first: Slot, at: datetime, told: bool | None) -> bool:
    """Whether a session has begun: as its broadcast or the operator tells, else as it was planned."""
    if first.on_air:
        return True
    if first.span.starts_at > at:
        return False
    return told is not False


def moves(
    line: Sequence[Slot], first: Slot, minutes: int, gaps: Gaps, *, at: datetime, begun: bool
) -> list[Move]:
    """Return what moves when a session is delayed by minutes, or by fewer than none comes earlier again.

    Raises Conflict where the session is over or another one is on, Invalid where so few minutes change nothing.
    """
    then = following(line, first)
    _refuse_past(first, then, at)
    if minutes > 0:
        _refuse_too_short(first, minutes, at=at, begun=begun)
        return _changed(_later(first, then, minutes * MINUTE, gaps, begun=begun))
    earlier = _changed(_earlier(first, then, -minutes * MINUTE, at, begun=begun))
    if not earlier:
        raise Conflict(
            say("Nothing can come earlier: it stands where it was planned, or has begun.")
        )
    return earlier


def _refuse_past(first: Slot, then: Sequence[Slot], at: datetime) -> None:
    if first.over:
        raise Conflict(say("{session} is over.", session=first.title))
    for slot in then:
        if slot.on_air or slot.over:
            raise Conflict(say("{session} is on already in this room.", session=slot.title))
        if slot.span.ends_at <= at:
            raise Conflict(
                say(
                    "{session} is over: {next} came after it.",
                    session=first.title,
                    next=slot.title,
                )
            )


def _refuse_too_short(first: Slot, minutes: int, *, at: datetime, begun: bool) -> None:
    """Refuse a delay after which the session would still have begun, or ended, before now."""
    stands = first.span.ends_at if begun else first.span.starts_at
    if stands + minutes * MINUTE > at:
        return
    least = (at - stands) // MINUTE + 1
    if least > MOST_MINUTES:
        raise Conflict(say("{session} is over.", session=first.title))
    text = (
        say("It would still have ended before now. Choose at least {n} min.", n=least)
        if begun
        else say("It would still begin before now. Choose at least {n} min.", n=least)
    )
    raise Invalid.field("minutes", text)


def _later(
    first: Slot, then: Sequence[Slot], by: timedelta, gaps: Gaps, *, begun: bool
) -> list[tuple[Slot, Span]]:
    span = first.span
    new = Span(span.starts_at, span.ends_at + by) if begun else span.later(by)
    done = [(first, new)]
    for slot in then:
        if gaps is Gaps.KEEP:
            done.append((slot, slot.span.later(by)))
            continue
        start = max(_free_from(done, slot.span.starts_at), slot.span.starts_at)
        needs = min(slot.span.length, SHORTEST_BREAK) if slot.is_break else slot.span.length
        done.append((slot, Span(start, max(slot.span.ends_at, start + needs))))
    return done


def _free_from(done: Sequence[tuple[Slot, Span]], start: datetime) -> datetime:
    """Return when all are over now that were over by a start; others share the room with it anyway."""
    return max(new.ends_at for slot, new in done if slot.span.ends_at <= start)


def _earlier(
    first: Slot, then: Sequence[Slot], by: timedelta, at: datetime, *, begun: bool
) -> list[tuple[Slot, Span]]:
    """Bring forward, never before the plan or now. `then` never starts before what went before it has ended."""
    if begun:
        end = max(first.span.ends_at - by, first.planned.ends_at, at)
        new = Span(first.span.starts_at, min(first.span.ends_at, end))
    else:
        new = _brought(first, by, at)
    done = [(first, new)]
    for slot in then:
        done.append((slot, _brought(slot, by, max(at, _free_from(done, slot.span.starts_at)))))
    return done


def _brought(slot: Slot, by: timedelta, earliest: datetime) -> Span:
    span, planned = slot.span, slot.planned
    start = min(span.starts_at, max(span.starts_at - by, planned.starts_at, earliest))
    if not slot.is_break:
        return Span(start, start + span.length)
    # A break that was cut short grows again.
    needs = min(span.length, SHORTEST_BREAK)
    end = max(span.ends_at - by, planned.ends_at, start + needs)
    return Span(start, min(span.ends_at, end))


def _changed(done: Iterable[tuple[Slot, Span]]) -> list[Move]:
    return [Move(slot.code, slot.title, slot.span, new) for slot, new in done if new != slot.span]


def planned(span: Span, history: Iterable[Mapping[str, Any]]) -> Span:
    """Return where a session stood before it was delayed: back through moves, the latest first, as long as they join.

    A time that no delay gave it is one that was planned.
    """
    for move in history:
        if read_span(move["new"]) != span:
            break
        span = read_span(move["old"])
    return span


def read_span(told: Sequence[str]) -> Span:
    """Return a span as it is kept."""
    start, end = told
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end))


def kept(move: Move) -> dict[str, Any]:
    """Return a move as it is kept."""
    spans = {
        name: [moment.isoformat() for moment in getattr(move, name)] for name in ("old", "new")
    }
    return {"code": move.code, "title": move.title, **spans}


def move_of(told: Mapping[str, Any]) -> Move:
    """Return a move that was kept."""
    return Move(told["code"], told["title"], read_span(told["old"]), read_span(told["new"]))
