"""What is to be planned, as plain numbers: sessions, the places each may take, and what they share.

Times are whole minutes since 1970 in UTC; `clock` is what a wall clock of the event shows, in minutes after midnight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from eventhub.wording import Text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

# What a plan costs beyond its wishes. A session without a place outweighs all wishes together.
# The unit is a minute: an hour between two sessions of a desk costs 60 where that wish weighs 1.
UNPLACED = 50_000_000
WARNING = 9000
TWICE_AT_ONCE = 6000
EXTRA_DAY = 1800
MOVED = 300
OTHER_ROOM = 150


@dataclass(frozen=True, slots=True)
class Wishes:
    """How much each wish weighs: 0 not at all, 1 a little, 2 much, 3 most."""

    own_day: int = 3
    east_early: int = 2
    few_gaps: int = 1
    stay: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a day in which sessions may lie, in the event's wall time."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Order:
    """What an organizer asks for.

    `codes` are the sessions to place; `pinned` ones of them stay where they are. Sessions start every `step` minutes
    from the beginning of a window on, and last `length` minutes (None: as long as now). `any_room`: rooms are chosen
    among all that are large enough, else a session takes its own room, or its track's.
    """

    codes: frozenset[str]
    days: tuple[date, ...]
    windows: tuple[Window, ...]
    step: int
    length: int | None = None
    pinned: frozenset[str] = frozenset()
    any_room: bool = False
    wishes: Wishes = field(default_factory=Wishes)
    seconds: int = 50


class Place(NamedTuple):
    """A start and a room that a session may take; `penalty` counts the warnings it would cause there."""

    start: int
    room: int | None
    day: int
    clock: int
    penalty: int


@dataclass(frozen=True, slots=True)
class Item:
    """A session to be placed.

    `group` wishes to meet on one day (a province), `line` to have no gaps (a desk); -1: none. `ahead`: by how many
    hours the clocks of its remote offices are ahead of the event's. `now`: its present start and room, if it has any.
    `refused`: why it can stand nowhere, when `places` is empty.
    """

    code: str
    minutes: int
    group: int
    line: int
    ahead: int
    now: tuple[int, int | None] | None
    places: tuple[Place, ...]
    refused: Text | None = None


class Need(NamedTuple):
    """When a session that stays uses something, and how much of it."""

    begin: int
    end: int
    people: int


@dataclass(frozen=True, slots=True)
class Shared:
    """Something sessions share: a person, an encoder, an office or so many of its people.

    Each of `items` needs as much of it as `needs` says, and there are `at_once`. Where it is not `hard`, breaking it
    costs. `taken` is what the sessions that stay need.
    """

    kind: str
    name: str
    items: tuple[int, ...]
    needs: tuple[int, ...]
    at_once: int
    hard: bool
    taken: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """Two sessions that need `minutes` between them in whichever order, because somebody has to get to the other."""

    one: int
    other: int
    minutes: int
    hard: bool
    name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """All of it; `rooms` are the names of those that take one session at a time."""

    days: tuple[date, ...]
    items: tuple[Item, ...]
    shared: tuple[Shared, ...]
    apart: tuple[Apart, ...]
    rooms: Mapping[int | None, str]
    wishes: Wishes


def minutes_of(moment: datetime) -> int:
    """Return a moment as whole minutes since 1970 in UTC."""
    return (moment - EPOCH) // MINUTE


def moment_of(minutes: int) -> datetime:
    """Return the moment, in UTC, of minutes since 1970."""
    return EPOCH + minutes * MINUTE


# For each item the index of its place, or None.
Plan = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: plans found, cost of the best and what none can undercut, seconds to the first and spent.

    `proven`: no plan is better.
    """

    found: int = 0
    cost: int | None = None
    bound: int | None = None
    placed: int = 0
    of: int = 0
    first_s: float = 0.0
    seconds: float = 0.0
    proven: bool = False


def cost(problem: Problem, plan: Plan) -> int:
    """Return what a plan costs: less is better."""
    chosen = [
        (item, None if at is None else item.places[at])
        for item, at in zip(problem.items, plan, strict=True)
    ]
    placed = [(item, place) for item, place in chosen if place is not None]
    total = UNPLACED * (len(chosen) - len(placed))
    total += sum(own_cost(problem, item, place) for item, place in placed)
    total += _extra_days(problem, placed) + _gaps(problem, placed)
    return total + _soft(problem, plan)


def own_cost(problem: Problem, item: Item, place: Place) -> int:
    """Return what a place costs by itself: warnings, late hours for the east, leaving its present place."""
    late = problem.wishes.east_early * item.ahead * place.clock
    return place.penalty + late + stay_cost(problem, item, place)


def stay_cost(problem: Problem, item: Item, place: Place) -> int:
    """Return what it costs to leave the present place."""
    if item.now is None:
        return 0
    start, room = item.now
    moved = MOVED * (place.start != start) + OTHER_ROOM * (place.room != room)
    return problem.wishes.stay * moved


def _extra_days(problem: Problem, placed: list[tuple[Item, Place]]) -> int:
    used: dict[int, set[int]] = {}
    for item, place in placed:
        if item.group >= 0:
            used.setdefault(item.group, set()).add(place.day)
    return problem.wishes.own_day * EXTRA_DAY * sum(len(days) - 1 for days in used.values())


def _gaps(problem: Problem, placed: list[tuple[Item, Place]]) -> int:
    lines: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for item, place in placed:
        if item.line >= 0:
            hours = (place.clock, place.clock + item.minutes)
            lines.setdefault((item.line, place.day), []).append(hours)
    spans = sum(
        max(end for _, end in day) - min(begin for begin, _ in day) for day in lines.values()
    )
    return problem.wishes.few_gaps * spans


def _soft(problem: Problem, plan: Plan) -> int:
    total = 0
    for shared in problem.shared:
        if not shared.hard:
            total += TWICE_AT_ONCE * max(0, most_at_once(problem, plan, shared) - shared.at_once)
    for pair in problem.apart:
        one, other = _times(problem, plan, pair.one), _times(problem, plan, pair.other)
        if not pair.hard and one and other and _too_close(one, other, pair.minutes):
            total += WARNING
    return total


def most_at_once(problem: Problem, plan: Plan, shared: Shared) -> int:
    """Return how much of something a plan uses at once, at most."""
    steps: list[tuple[int, int]] = []
    for begin, end, need in shared.taken:
        steps += [(begin, need), (end, -need)]
    for index, need in zip(shared.items, shared.needs, strict=True):
        if times := _times(problem, plan, index):
            steps += [(times[0], need), (times[1], -need)]
    now = most = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most


def _times(problem: Problem, plan: Plan, index: int) -> tuple[int, int] | None:
    item, at = problem.items[index], plan[index]
    return None if at is None else (item.places[at].start, item.places[at].start + item.minutes)


def _too_close(one: tuple[int, int], other: tuple[int, int], minutes: int) -> bool:
    return one[0] < other[1] + minutes and other[0] < one[1] + minutes
