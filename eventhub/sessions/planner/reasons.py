"""Why a session has no place in a plan: a sentence, computed from the plan and the problem."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eventhub.wording import Text, say

from .greedy import Board
from .model import Item, Place, Plan, Problem


@dataclass(frozen=True, slots=True)
class _Full:
    """Something that more sessions want than the places that are allowed can hold."""

    name: str
    wanted: int
    held: int


def reasons(problem: Problem, plan: Plan) -> dict[int, Text]:
    """Return why each session without a place has none, by its number."""
    board = Board(problem)
    for index, at in enumerate(plan):
        if at is not None:
            board.put(index, at)
    full = _overbooked(problem)
    return {index: _reason(board, index, full) for index, at in enumerate(plan) if at is None}


def _reason(board: Board, index: int, full: Mapping[int, Sequence[_Full]]) -> Text:
    item = board.problem.items[index]
    if item.refused is not None:
        return item.refused
    if index in full:
        worst = max(full[index], key=lambda each: each.wanted - each.held)
        return say(
            "{n} sessions need {what}, and the chosen days and hours hold {held} of them.",
            n=worst.wanted, what=worst.name, held=worst.held,
        )  # fmt: skip
    return _in_the_way(board, index)


def _overbooked(problem: Problem) -> dict[int, list[_Full]]:
    """Return, by session, what cannot hold all who need it, whatever the plan: each one at a time."""
    found: dict[int, list[_Full]] = defaultdict(list)
    for name, users in _single(problem):
        items = [problem.items[index] for index in users if problem.items[index].places]
        held = _holds(items)
        if held < len(items):
            for index in users:
                found[index].append(_Full(name, len(items), held))
    return found


def _single(problem: Problem) -> Iterable[tuple[str, Sequence[int]]]:
    rooms: dict[int | None, list[int]] = defaultdict(list)
    for index, item in enumerate(problem.items):
        only = {place.room for place in item.places}
        if len(only) == 1 and (room := only.pop()) in problem.rooms:
            rooms[room].append(index)
    yield from ((problem.rooms[room], users) for room, users in rooms.items())
    for shared in problem.shared:
        if shared.hard and shared.at_once == 1:
            yield shared.name, shared.items


def _holds(items: Sequence[Item]) -> int:
    """Return how many of some sessions fit one after the other, at most: those that end first, first."""
    times = {(place.start + item.minutes, place.start) for item in items for place in item.places}
    held, until = 0, None
    for end, start in sorted(times):
        if until is None or start >= until:
            held, until = held + 1, end
    return held


def _in_the_way(board: Board, index: int) -> Text:
    item = board.problem.items[index]
    starts = {place.start for place in item.places}
    blocking: dict[str, set[int]] = defaultdict(set)
    for place in item.places:
        for name in _names(board, index, place):
            blocking[name].add(place.start)
    if not blocking:
        return say("No better plan was found in the time given.")
    first = max(blocking, key=lambda name: (len(blocking[name]), name))
    rest = starts - blocking[first]
    if not rest:
        return say("{what} is taken in all {n} possible slots.", what=first, n=len(starts))
    second = max(blocking, key=lambda name: (len(blocking[name] & rest), name))
    if blocking[second] >= rest:
        return say(
            "Of {n} possible slots, {what} is taken in {a} and {other} in the other {b}.",
            n=len(starts), what=first, a=len(starts) - len(rest), other=second, b=len(rest),
        )  # fmt: skip
    return say(
        "Of {n} possible slots, {what} is taken in {a}, {other} in {b}, and others it needs in the rest.",
        n=len(starts), what=first, a=len(starts) - len(rest), other=second,
        b=len(blocking[second] & rest),
    )  # fmt: skip


def _names(board: Board, index: int, place: Place) -> Iterable[str]:
    """Return the names of what is taken at a place."""
    problem = board.problem
    mask = board.mask_of(problem.items[index], place)
    if place.room in problem.rooms and board.room_is_taken(place, mask):
        yield problem.rooms[place.room]
    for number, need in board.needs_of(index):
        shared = problem.shared[number]
        if shared.hard and board.is_taken(number, need, mask):
            yield shared.name
    for pair in problem.apart:
        if pair.hard and index in (pair.one, pair.other):
            other = pair.other if index == pair.one else pair.one
            if board.is_near(other, pair.minutes, mask):
                yield pair.name
