"""Improves a plan with OR-Tools' CP-SAT. The only module that imports ortools, which is an extra."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import gcd
from threading import Event, Thread
from typing import Any, NamedTuple, TypeVar

from ortools.sat.python import cp_model

from .model import (
    EXTRA_DAY,
    MOVED,
    OTHER_ROOM,
    TWICE_AT_ONCE,
    UNPLACED,
    WARNING,
    Item,
    Place,
    Plan,
    Problem,
    most_at_once,
)

WORKERS = 2
K = TypeVar("K", bound=Hashable)

Told = Callable[[Plan, int, int], None]
Stop = Callable[[], bool]
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class _Vars:
    """A session's variables: whether it has a place, its start, the wall clock there, days and rooms by number."""

    present: Any
    start: Any
    clock: Any
    days: dict[int, Any]
    rooms: dict[int | None, Any]
    interval: Any


class _Lit(NamedTuple):
    """That a session lies on a day; `hint` is its first place if that is there."""

    literal: Any
    item: Item
    own: _Vars
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


class _Model:
    """The problem as CP-SAT has it."""

    def __init__(self, problem: Problem, first: Plan) -> None:
        self.problem, self._first = problem, first
        self.model = cp_model.CpModel()
        self._origin, self._unit = _grid(problem)
        self._complete = all(at is not None for at in first)
        self._terms: list[Any] = []
        self._known = [
            {(place.start, place.room): n for n, place in enumerate(item.places)}
            for item in problem.items
        ]
        self._vars = [
            self._item(i, item) if item.places else None for i, item in enumerate(problem.items)
        ]
        self._rooms()
        self._shared()
        self._apart()
        self._groups()
        self._lines()
        missing = UNPLACED * sum(not item.places for item in problem.items)
        self.model.minimize(sum(self._terms) + missing)

    def plan(self, value: Callable[[Any], int]) -> Plan:
        """Return the plan that the variables' values mean."""
        found: list[int | None] = []
        for index, own in enumerate(self._vars):
            if own is None or not value(own.present):
                found.append(None)
                continue
            room = next(room for room, var in own.rooms.items() if value(var))
            start = value(own.start) * self._unit + self._origin
            found.append(self._known[index][start, room])
        return tuple(found)

    def _at(self, minutes: int) -> int:
        return (minutes - self._origin) // self._unit

    def _bool(self, hint: bool) -> Any:
        var = self.model.new_bool_var("")
        self.model.add_hint(var, hint)
        return var

    def _item(self, index: int, item: Item) -> _Vars:
        model, at = self.model, self._first[index]
        hint = item.places[at] if at is not None else None
        present = True if self._complete else self._bool(hint is not None)
        if not self._complete:
            self._terms.append(UNPLACED * (1 - present))
        starts = sorted({self._at(place.start) for place in item.places})
        start = model.new_int_var_from_domain(cp_model.Domain.from_values(starts), "")
        model.add_hint(start, self._at(hint.start) if hint else starts[0])
        length = item.minutes // self._unit
        interval = (
            model.new_fixed_size_interval_var(start, length, "")
            if self._complete
            else model.new_optional_fixed_size_interval_var(start, length, present, "")
        )
        rooms = self._choice(item, present, start, lambda place: place.room, hint)
        days = self._choice(item, present, start, lambda place: place.day, hint)
        own = _Vars(present, start, self._clock(item, start, days, hint), days, rooms, interval)
        self._own_costs(index, item, own)
        return own

    def _choice(
        self, item: Item, present: Any, start: Any, key: Callable[[Place], K], hint: Place | None
    ) -> dict[K, Any]:
        """Return a literal for each value of `key` among the places, exactly one of which holds."""
        values = list(dict.fromkeys(key(place) for place in item.places))
        if len(values) == 1:
            return {values[0]: present}
        here = [key(hint)] if hint else []
        literals = {value: self._bool(value in here) for value in values}
        if self._complete:
            self.model.add_exactly_one(literals.values())
        else:
            self.model.add(sum(literals.values()) == present)
        for value, literal in literals.items():
            there = sorted({self._at(p.start) for p in item.places if key(p) == value})
            domain = cp_model.Domain.from_values(there)
            self.model.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
        return literals

    def _own_costs(self, index: int, item: Item, own: _Vars) -> None:
        wishes = self.problem.wishes
        weight = wishes.east_early * item.ahead
        at = self._first[index]
        hint = item.places[at] if at is not None else None
        if weight:
            self._terms.append(weight * self._if_placed(own.clock, own.present, hint))
        levels = self._choice(
            item, own.present, own.start, lambda place: (place.penalty, place.room), hint
        )
        for (penalty, room), literal in levels.items():
            if len(own.rooms) > 1 and len(levels) > 1:
                self.model.add_implication(literal, own.rooms[room])
            if penalty:
                self._terms.append(penalty * literal)
        if wishes.stay and item.now:
            self._stay(index, item, own)

    def _clock(self, item: Item, start: Any, days: dict[int, Any], hint: Place | None) -> Any:
        """Return the wall clock at a session's start, in minutes."""
        values = sorted({place.clock for place in item.places})
        clock = self.model.new_int_var_from_domain(cp_model.Domain.from_values(values), "")
        self.model.add_hint(clock, hint.clock if hint else values[0])
        if self._complete:
            bases = {place.day: self._midnight(place) for place in item.places}
            midnight = sum(base * days[day] for day, base in bases.items())
            self.model.add(start * self._unit + self._origin == clock + midnight)
            return clock
        for day, literal in days.items():
            base = next(self._midnight(place) for place in item.places if place.day == day)
            there = start * self._unit + self._origin == clock + base
            self.model.add(there).only_enforce_if(literal)
        return clock

    def _midnight(self, place: Place) -> int:
        return place.start - place.clock

    def _if_placed(self, clock: Any, present: Any, hint: Place | None) -> Any:
        if self._complete:
            return clock
        counted = self.model.new_int_var(0, 24 * 60, "")
        self.model.add_hint(counted, hint.clock if hint else 0)
        self.model.add(counted == clock).only_enforce_if(present)
        self.model.add(counted == 0).only_enforce_if(~present)
        return counted

    def _stay(self, index: int, item: Item, own: _Vars) -> None:
        assert item.now
        start, room = item.now
        at = self._first[index]
        wishes = self.problem.wishes
        if any(place.start == start for place in item.places):
            stays = self._bool(at is not None and item.places[at].start == start)
            self.model.add(own.start == self._at(start)).only_enforce_if(stays)
            if not self._complete:
                self.model.add_implication(stays, own.present)
            self._terms.append(wishes.stay * MOVED * (own.present - stays))
        else:
            self._terms.append(wishes.stay * MOVED * own.present)
        same = own.rooms.get(room, 0)
        self._terms.append(wishes.stay * OTHER_ROOM * (own.present - same))

    def _rooms(self) -> None:
        users: dict[int | None, list[Any]] = defaultdict(list)
        for item, own in zip(self.problem.items, self._vars, strict=True):
            if own is None:
                continue
            for room, literal in own.rooms.items():
                if room not in self.problem.rooms:
                    continue
                if len(own.rooms) == 1:
                    users[room].append(own.interval)
                else:
                    length = item.minutes // self._unit
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
                    (self._vars[i] for i in shared.items), shared.needs, strict=True
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
                hint = max(shared.at_once, most_at_once(self.problem, self._first, shared))
                self.model.add_hint(most, hint)
                self._terms.append(TWICE_AT_ONCE * (most - shared.at_once))
            self.model.add_cumulative(
                [interval for interval, _ in users], [need for _, need in users], most
            )

    def _taken(self, begin: int, end: int) -> Any:
        low, high = self._at(begin), -((self._origin - end) // self._unit)
        return self.model.new_fixed_size_interval_var(low, high - low, "")

    def _apart(self) -> None:
        for pair in self.problem.apart:
            one, other = self._vars[pair.one], self._vars[pair.other]
            if one is None or other is None:
                continue
            lengths = [self.problem.items[i].minutes for i in (pair.one, pair.other)]
            gap = -(-pair.minutes // self._unit)
            kept = True if pair.hard else self._bool(True)
            first = self.model.new_bool_var("")
            a, b = (length // self._unit + gap for length in lengths)
            conditions = [c for c in (one.present, other.present, kept) if c is not True]
            self.model.add(one.start + a <= other.start).only_enforce_if([first, *conditions])
            self.model.add(other.start + b <= one.start).only_enforce_if([~first, *conditions])
            if not pair.hard:
                self._terms.append(WARNING * (1 - kept))

    def _groups(self) -> None:
        if not self.problem.wishes.own_day:
            return
        weight = self.problem.wishes.own_day * EXTRA_DAY
        groups = self._by_day(lambda item: item.group)
        for days in groups.values():
            used = []
            for literals in days.values():
                some = self._bool(any(each.hint for each in literals))
                used.append(some)
                for each in literals:
                    self.model.add_implication(each.literal, some)
            here = self._bool(any(each.hint for literals in days.values() for each in literals))
            self.model.add_max_equality(here, used)
            self._terms.append(weight * (sum(used) - here))

    def _lines(self) -> None:
        if not self.problem.wishes.few_gaps:
            return
        weight = self.problem.wishes.few_gaps
        for days in self._by_day(lambda item: item.line).values():
            for literals in days.values():
                self._terms.append(weight * self._span(literals))

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
        for index, (item, own) in enumerate(zip(self.problem.items, self._vars, strict=True)):
            if own is None or key(item) < 0:
                continue
            at = self._first[index]
            hint = item.places[at] if at is not None else None
            for day, literal in own.days.items():
                here = hint if hint and hint.day == day else None
                found[key(item)][day].append(_Lit(literal, item, own, here))
        return found


def _grid(problem: Problem) -> tuple[int, int]:
    """Return where time begins and its unit: all starts and lengths are whole units."""
    starts = [place.start for item in problem.items for place in item.places]
    origin = min(starts, default=0)
    minutes = [item.minutes for item in problem.items]
    return origin, gcd(*(start - origin for start in starts), *minutes) or 1
