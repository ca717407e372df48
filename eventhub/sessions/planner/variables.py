"""The variables of each session in CP-SAT: whether, when and where it is placed, and what that costs by itself."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import gcd
from typing import Any, TypeVar

from ortools.sat.python import cp_model

from .model import MOVED, OTHER_ROOM, UNPLACED, Item, Place, Plan, Problem

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Vars:
    """A session's variables: whether it has a place, its start, the wall clock there, days and rooms by number."""

    present: Any
    start: Any
    clock: Any
    days: dict[int, Any]
    rooms: dict[int | None, Any]
    interval: Any


class Variables:
    """The variables of a problem's sessions, with `first` as their hints; `terms` add up to what a plan costs."""

    def __init__(self, problem: Problem, first: Plan) -> None:
        self.problem, self.first = problem, first
        self.model = cp_model.CpModel()
        self.origin, self.unit = _grid(problem)
        self._complete = all(at is not None for at in first)
        self.terms: list[Any] = []
        self._known = [
            {(place.start, place.room): n for n, place in enumerate(item.places)}
            for item in problem.items
        ]
        self.sessions = [
            self._item(i, item) if item.places else None for i, item in enumerate(problem.items)
        ]

    def plan(self, value: Callable[[Any], int]) -> Plan:
        """Return the plan that the variables' values mean."""
        found: list[int | None] = []
        for index, own in enumerate(self.sessions):
            if own is None or not value(own.present):
                found.append(None)
                continue
            room = next(room for room, var in own.rooms.items() if value(var))
            start = value(own.start) * self.unit + self.origin
            found.append(self._known[index][start, room])
        return tuple(found)

    def at(self, minutes: int) -> int:
        """Return a moment in units since time begins."""
        return (minutes - self.origin) // self.unit

    def flag(self, hint: bool) -> Any:
        """Return a new literal."""
        var = self.model.new_bool_var("")
        self.model.add_hint(var, hint)
        return var

    def _item(self, index: int, item: Item) -> Vars:
        model, at = self.model, self.first[index]
        hint = item.places[at] if at is not None else None
        present = True if self._complete else self.flag(hint is not None)
        if not self._complete:
            self.terms.append(UNPLACED * (1 - present))
        starts = sorted({self.at(place.start) for place in item.places})
        start = model.new_int_var_from_domain(cp_model.Domain.from_values(starts), "")
        model.add_hint(start, self.at(hint.start) if hint else starts[0])
        length = item.minutes // self.unit
        interval = (
            model.new_fixed_size_interval_var(start, length, "")
            if self._complete
            else model.new_optional_fixed_size_interval_var(start, length, present, "")
        )
        rooms = self._choice(item, present, start, lambda place: place.room, hint)
        days = self._choice(item, present, start, lambda place: place.day, hint)
        own = Vars(present, start, self._clock(item, start, days, hint), days, rooms, interval)
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
        literals = {value: self.flag(value in here) for value in values}
        if self._complete:
            self.model.add_exactly_one(literals.values())
        else:
            self.model.add(sum(literals.values()) == present)
        for value, literal in literals.items():
            there = sorted({self.at(p.start) for p in item.places if key(p) == value})
            domain = cp_model.Domain.from_values(there)
            self.model.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
        return literals

    def _own_costs(self, index: int, item: Item, own: Vars) -> None:
        wishes = self.problem.wishes
        weight = wishes.east_early * item.ahead
        at = self.first[index]
        hint = item.places[at] if at is not None else None
        if weight:
            self.terms.append(weight * self._if_placed(own.clock, own.present, hint))
        levels = self._choice(
            item, own.present, own.start, lambda place: (place.penalty, place.room), hint
        )
        for (penalty, room), literal in levels.items():
            if len(own.rooms) > 1 and len(levels) > 1:
                self.model.add_implication(literal, own.rooms[room])
            if penalty:
                self.terms.append(penalty * literal)
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
            self.model.add(start * self.unit + self.origin == clock + midnight)
            return clock
        for day, literal in days.items():
            base = next(self._midnight(place) for place in item.places if place.day == day)
            there = start * self.unit + self.origin == clock + base
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

    def _stay(self, index: int, item: Item, own: Vars) -> None:
        assert item.now
        start, room = item.now
        at = self.first[index]
        wishes = self.problem.wishes
        if any(place.start == start for place in item.places):
            stays = self.flag(at is not None and item.places[at].start == start)
            self.model.add(own.start == self.at(start)).only_enforce_if(stays)
            if not self._complete:
                self.model.add_implication(stays, own.present)
            self.terms.append(wishes.stay * MOVED * (own.present - stays))
        else:
            self.terms.append(wishes.stay * MOVED * own.present)
        same = own.rooms.get(room, 0)
        self.terms.append(wishes.stay * OTHER_ROOM * (own.present - same))


def _grid(problem: Problem) -> tuple[int, int]:
    """Return where time begins and its unit: all starts and lengths are whole units."""
    starts = [place.start for item in problem.items for place in item.places]
    origin = min(starts, default=0)
    minutes = [item.minutes for item in problem.items]
    return origin, gcd(*(start - origin for start in starts), *minutes) or 1
