"""Improves a plan with OR-Tools' CP-SAT. Only this module and `variables` import ortools, which is an extra."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

from .model import (
    EXTRA_DAY,
    TWICE_AT_ONCE,
    UNPLACED,
    WARNING,
    Item,
    Place,
    Plan,
    Problem,
    most_at_once,
)
from .variables import Variables, Vars

WORKERS = 2

Told = Callable[[Plan, int, int], None]
Stop = Callable[[], bool]
LOOK_S = 0.2


class _Lit(NamedTuple):
    """That a session lies on a day; `hint` is its first place if that is there."""

    literal: Any
    item: Item
    own: Vars
    hint: Place | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The best plan, and the least that any plan can cost."""

    plan: Plan
    bound: int
    proven: bool


def improve(problem: Problem, first: Plan, seconds: float, *, told: Told, stop: Stop) -> Answer:
    """Return the best plan found within some seconds, or until `stop` says so.

    `told` hears of each better one: plan, cost, bound. Where `first` is the best there is, or nothing is found, that is
    the answer.
    """
    made = _Model(problem, first)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(1.0, seconds)
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = 1
    listener = _Listener(made, told)
    with _watched(solver, stop):
        status = solver.solve(made.model, listener)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(first, 0, proven=False)
    plan = made.plan(lambda var: int(solver.value(var)))
    return Answer(plan, round(solver.best_objective_bound), proven=status == cp_model.OPTIMAL)


@contextmanager
def _watched(solver: cp_model.CpSolver, stop: Stop) -> Iterator[None]:
    """Stop a search when asked to; the solver itself asks nobody between two answers."""
    over = Event()

    def watch() -> None:
        while not over.wait(LOOK_S):
            if stop():
                solver.stop_search()

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, made: "_Model", told: Told) -> None:
        super().__init__()
        self._made, self._told = made, told

    def on_solution_callback(self) -> None:
        plan = self._made.plan(lambda var: int(self.value(var)))
        self._told(plan, round(self.objective_value), round(self.best_objective_bound))


class _Model(Variables):
    """The problem as CP-SAT has it."""

    def __init__(self, problem: Problem, first: Plan) -> None:
        super().__init__(problem, first)
        self._rooms()
        self._shared()
        self._apart()
        self._groups()
        self._lines()
        missing = UNPLACED * sum(not item.places for item in problem.items)
        self.model.minimize(sum(self.terms) + missing)

    def _rooms(self) -> None:
        users: dict[int | None, list[Any]] = defaultdict(list)
        for item, own in zip(self.problem.items, self.sessions, strict=True):
            if own is None:
                continue
            for room, literal in own.rooms.items():
                if room not in self.problem.rooms:
                    continue
                if len(own.rooms) == 1:
                    users[room].append(own.interval)
                else:
                    length = item.minutes // self.unit
                    users[room].append(
                        self.model.new_optional_fixed_size_interval_var(
                            own.start, length, literal, ""
                        )
                    )
        for intervals in users.values():
            self.model.add_no_overlap(intervals)

    def _shared(self) -> None:
        for shared in self.problem.shared:
            users = [
                (own.interval, need)
                for own, need in zip(
                    (self.sessions[i] for i in shared.items), shared.needs, strict=True
                )
                if own
            ]
            if shared.hard and shared.at_once == 1:
                self.model.add_no_overlap([interval for interval, _ in users])
                continue
            users += [(self._taken(begin, end), need) for begin, end, need in shared.taken]
            most: Any = shared.at_once
            if not shared.hard:
                top = max(shared.at_once, sum(need for _, need in users))
                most = self.model.new_int_var(shared.at_once, top, "")
                hint = max(shared.at_once, most_at_once(self.problem, self.first, shared))
                self.model.add_hint(most, hint)
                self.terms.append(TWICE_AT_ONCE * (most - shared.at_once))
            self.model.add_cumulative(
                [interval for interval, _ in users], [need for _, need in users], most
            )

    def _taken(self, begin: int, end: int) -> Any:
        low, high = self.at(begin), -((self.origin - end) // self.unit)
        return self.model.new_fixed_size_interval_var(low, high - low, "")

    def _apart(self) -> None:
        for pair in self.problem.apart:
            one, other = self.sessions[pair.one], self.sessions[pair.other]
            if one is None or other is None:
                continue
            lengths = [self.problem.items[i].minutes for i in (pair.one, pair.other)]
            gap = -(-pair.minutes // self.unit)
            kept = True if pair.hard else self.flag(True)
            first = self.model.new_bool_var("")
            a, b = (length // self.unit + gap for length in lengths)
            conditions = [c for c in (one.present, other.present, kept) if c is not True]
            self.model.add(one.start + a <= other.start).only_enforce_if([first, *conditions])
            self.model.add(other.start + b <= one.start).only_enforce_if([~first, *conditions])
            if not pair.hard:
                self.terms.append(WARNING * (1 - kept))

    def _groups(self) -> None:
        if not self.problem.wishes.own_day:
            return
        weight = self.problem.wishes.own_day * EXTRA_DAY
        groups = self._by_day(lambda item: item.group)
        for days in groups.values():
            used = []
            for literals in days.values():
                some = self.flag(any(each.hint for each in literals))
                used.append(some)
                for each in literals:
                    self.model.add_implication(each.literal, some)
            here = self.flag(any(each.hint for literals in days.values() for each in literals))
            self.model.add_max_equality(here, used)
            self.terms.append(weight * (sum(used) - here))

    def _lines(self) -> None:
        if not self.problem.wishes.few_gaps:
            return
        weight = self.problem.wishes.few_gaps
        for days in self._by_day(lambda item: item.line).values():
            for literals in days.values():
                self.terms.append(weight * self._span(literals))

    def _span(self, literals: Sequence[_Lit]) -> Any:
        """Return from when to when a line has sessions on a day, in minutes; 0 without any."""
        low = min(place.clock for each in literals for place in each.item.places)
        high = max(
            place.clock + each.item.minutes for each in literals for place in each.item.places
        )
        first, last = self.model.new_int_var(low, high, ""), self.model.new_int_var(low, high, "")
        for each in literals:
            self.model.add(first <= each.own.clock).only_enforce_if(each.literal)
            ends = each.own.clock + each.item.minutes
            self.model.add(last >= ends).only_enforce_if(each.literal)
        self.model.add(last >= first)
        here = [(each.hint.clock, each.item.minutes) for each in literals if each.hint]
        self.model.add_hint(first, min((clock for clock, _ in here), default=low))
        self.model.add_hint(last, max((clock + length for clock, length in here), default=low))
        return last - first

    def _by_day(self, key: Callable[[Item], int]) -> dict[int, dict[int, list[_Lit]]]:
        """Return, for each value of `key` and each day, the literals of the sessions that may lie there."""
        found: dict[int, dict[int, list[_Lit]]] = defaultdict(lambda: defaultdict(list))
        for index, (item, own) in enumerate(zip(self.problem.items, self.sessions, strict=True)):
            if own is None or key(item) < 0:
                continue
            at = self.first[index]
            hint = item.places[at] if at is not None else None
            for day, literal in own.days.items():
                here = hint if hint and hint.day == day else None
                found[key(item)][day].append(_Lit(literal, item, own, here))
        return found
