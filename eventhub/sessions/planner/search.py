"""Searches for a good plan: a quick first one, then better ones by CP-SAT, some days of it at a time.

Free on all days at once, a thousand sessions leave CP-SAT little time to find anything better; those of two or three
days are improved, or proven best, within seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from time import monotonic

from . import solver
from .greedy import Board, first_plan
from .model import UNPLACED, Need, Plan, Problem, Shared, cost, own_cost

# So many sessions are searched through all at once.
AT_ONCE = 250
DAYS = 2
ROUND_S = 5.0

Told = Callable[[Plan, int, int], None]


def search(
    problem: Problem, seconds: float, told: Told, stop: solver.Stop = lambda: False
) -> solver.Answer:
    """Return the best plan found within some seconds, or until `stop` says so.

    `told` hears of each better one: plan, cost, bound.
    """
    until = monotonic() + seconds
    plan, bound = first_plan(problem), least(problem)
    told(plan, cost(problem, plan), bound)
    if len(problem.items) <= AT_ONCE or len(problem.days) <= DAYS:
        return solver.improve(problem, plan, until - monotonic(), told=told, stop=stop)

    def tell(better: Plan, spent: int) -> None:
        told(better, spent, bound)

    plan = _by_days(problem, plan, until, tell, stop)
    return solver.Answer(plan, bound, proven=False)


def least(problem: Problem) -> int:
    """Return what no plan can undercut: every session alone in its best place."""
    return sum(
        min((own_cost(problem, item, place) for place in item.places), default=UNPLACED)
        for item in problem.items
    )


def _by_days(
    problem: Problem, plan: Plan, until: float, told: Callable[[Plan, int], None], stop: solver.Stop
) -> Plan:
    dice, spent = Random(1), cost(problem, plan)  # noqa: S311 -- the same search every time
    tried: set[tuple[int, ...]] = set()
    while monotonic() < until and not stop():
        days = _next_days(problem, plan, tried, dice)
        if days is None:
            break
        better = _improved(problem, plan, days, min(ROUND_S, until - monotonic()), stop)
        if (found := cost(problem, better)) < spent:
            plan, spent = better, found
            tried = {known for known in tried if not set(known) & set(days)}
            told(plan, spent)
        tried.add(days)
    return plan


def _next_days(
    problem: Problem, plan: Plan, tried: set[tuple[int, ...]], dice: Random
) -> tuple[int, ...] | None:
    """Return days not yet tried since they changed: those first between which groups are torn."""
    torn: dict[int, set[int]] = {}
    for item, at in zip(problem.items, plan, strict=True):
        if at is not None and item.group >= 0:
            torn.setdefault(item.group, set()).add(item.places[at].day)
    several = [sorted(days) for days in torn.values() if len(days) > 1]
    first = {pair for days in several for pair in combinations(days, DAYS)} - tried
    every = set(combinations(range(len(problem.days)), DAYS)) - tried
    left = sorted(first or every)
    return dice.choice(left) if left else None


def _improved(
    problem: Problem, plan: Plan, days: Sequence[int], seconds: float, stop: solver.Stop
) -> Plan:
    free = _free(problem, plan, days)
    part, numbers, start = _part(problem, plan, free, days)
    answer = solver.improve(part, start, seconds, told=lambda *_: None, stop=stop)
    found = list(plan)
    for index, at, known in zip(free, answer.plan, numbers, strict=True):
        found[index] = None if at is None else known[at]
    return tuple(found)


def _free(problem: Problem, plan: Plan, days: Sequence[int]) -> list[int]:
    """Return the sessions on some days, all of their groups, and those without a place."""
    places = [
        None if at is None else item.places[at]
        for item, at in zip(problem.items, plan, strict=True)
    ]
    here = {
        item.group
        for item, place in zip(problem.items, places, strict=True)
        if place and place.day in days
    }
    return [
        index
        for index, (item, place) in enumerate(zip(problem.items, places, strict=True))
        if item.places
        and (place is None or place.day in days or (item.group >= 0 and item.group in here))
    ]


def _part(
    problem: Problem, plan: Plan, free: list[int], days: Sequence[int]
) -> tuple[Problem, list[list[int]], Plan]:
    """Return the problem of the free sessions among the others, the numbers of the places left, and the plan in it."""
    board = Board(problem)
    number = {index: n for n, index in enumerate(free)}
    for index, at in enumerate(plan):
        if at is not None and index not in number:
            board.put(index, at)
    items, numbers, start = [], [], []
    for index in free:
        item, at = problem.items[index], plan[index]
        allowed = set(days) | ({item.places[at].day} if at is not None else set())
        left = board.free(index, sorted(allowed))
        items.append(replace(item, places=tuple(item.places[n] for n in left)))
        numbers.append(left)
        start.append(None if at is None else left.index(at))
    shared = tuple(_shared(problem, plan, each, number) for each in problem.shared)
    apart = tuple(
        replace(pair, one=number[pair.one], other=number[pair.other])
        for pair in problem.apart
        if pair.one in number and pair.other in number
    )
    part = replace(
        problem, items=tuple(items), apart=apart, shared=tuple(s for s in shared if s.items)
    )
    return part, numbers, tuple(start)


def _shared(problem: Problem, plan: Plan, shared: Shared, number: dict[int, int]) -> Shared:
    taken, users = list(shared.taken), []
    for index, need in zip(shared.items, shared.needs, strict=True):
        at = plan[index]
        if index in number:
            users.append((number[index], need))
        elif at is not None:
            item = problem.items[index]
            start = item.places[at].start
            taken.append(Need(start, start + item.minutes, need))
    items, needs = tuple(n for n, _ in users), tuple(need for _, need in users)
    return replace(shared, items=items, needs=needs, taken=tuple(taken))
