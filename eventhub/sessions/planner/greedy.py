"""A first plan in a second: group by group on the day that suits it best, then whatever is left where it fits."""

from collections import defaultdict
from collections.abc import Sequence
from math import gcd

from .model import EXTRA_DAY, TWICE_AT_ONCE, Item, Place, Plan, Problem, own_cost

# How many sessions are pushed aside, one for another, and how often in all, before the rest is left to the search.
PUSHES = 3
TRIES = 400


class Board:
    """Who is busy when, as bits of large numbers: bit n is the n-th unit of time."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        starts = [place.start for item in problem.items for place in item.places]
        self._first = min(starts, default=0)
        self._unit = (
            gcd(*(s - self._first for s in starts), *(i.minutes for i in problem.items)) or 1
        )
        self.plan: list[int | None] = [None] * len(problem.items)
        self.tries = TRIES
        # layers[n] is the time at which more than n of something are used at once.
        self._layers = [[0] * shared.at_once for shared in problem.shared]
        self._rooms: dict[int | None, int] = defaultdict(int)
        # What each session shares, by number, and how much of it it needs.
        self._of: list[list[tuple[int, int]]] = [[] for _ in problem.items]
        for number, shared in enumerate(problem.shared):
            for index, need in zip(shared.items, shared.needs, strict=True):
                self._of[index].append((number, min(need, shared.at_once)))
        self._far: list[list[tuple[int, int, bool]]] = [[] for _ in problem.items]
        for pair in problem.apart:
            self._far[pair.one].append((pair.other, pair.minutes, pair.hard))
            self._far[pair.other].append((pair.one, pair.minutes, pair.hard))
        for number, shared in enumerate(problem.shared):
            for begin, end, need in shared.taken:
                self._use(number, self._mask(begin, end), need)

    def _mask(self, begin: int, end: int) -> int:
        low = max(0, (begin - self._first) // self._unit)
        high = -((self._first - end) // self._unit)
        return ((1 << (high - low)) - 1) << low if high > low else 0

    def mask_of(self, item: Item, place: Place) -> int:
        """Return the time a place takes."""
        return self._mask(place.start, place.start + item.minutes)

    def _use(self, number: int, mask: int, need: int) -> None:
        layers = self._layers[number]
        for _ in range(need):
            for level in range(len(layers) - 1, 0, -1):
                layers[level] |= layers[level - 1] & mask
            layers[0] |= mask

    def busy(self, index: int, *, hard: bool) -> int:
        """Return when a session cannot be, whatever the room; or when it should not."""
        taken = 0
        for number, need in self._of[index]:
            if self.problem.shared[number].hard is hard:
                taken |= self._layers[number][-need]
        for other, minutes, must in self._far[index]:
            if must is hard:
                taken |= self._around(other, minutes)
        return taken

    def _around(self, index: int, minutes: int) -> int:
        """Return the time of a session and so many minutes before and after it; none without a place."""
        at, item = self.plan[index], self.problem.items[index]
        if at is None:
            return 0
        start = item.places[at].start
        return self._mask(start - minutes, start + item.minutes + minutes)

    def is_near(self, other: int, minutes: int, mask: int) -> bool:
        """Whether some time is less than so many minutes away from a session."""
        return bool(self._around(other, minutes) & mask)

    def needs_of(self, index: int) -> list[tuple[int, int]]:
        """Return what a session shares, by number, and how much of it it needs."""
        return self._of[index]

    def is_taken(self, number: int, need: int, mask: int) -> bool:
        """Whether too much of something shared is used at some time to take so much more."""
        return bool(self._layers[number][-need] & mask)

    def partners(self, index: int) -> set[int]:
        """Return the sessions that share something with a session, or need time to or from it."""
        near = {
            other for number, _ in self._of[index] for other in self.problem.shared[number].items
        }
        return near | {other for other, *_ in self._far[index]}

    def free(self, index: int, days: Sequence[int] | None = None) -> list[int]:
        """Return the places a session could take now, by number."""
        item, busy = self.problem.items[index], self.busy(index, hard=True)
        found = []
        for number, place in enumerate(item.places):
            if days is None or place.day in days:
                mask = self.mask_of(item, place)
                if not mask & busy and not self.room_is_taken(place, mask):
                    found.append(number)
        return found

    def room_is_taken(self, place: Place, mask: int) -> bool:
        """Whether a place's room is taken at some time."""
        return place.room in self.problem.rooms and bool(self._rooms[place.room] & mask)

    def put(self, index: int, number: int) -> None:
        """Put a session in a place."""
        item = self.problem.items[index]
        place, self.plan[index] = item.places[number], number
        mask = self.mask_of(item, place)
        if place.room in self.problem.rooms:
            self._rooms[place.room] |= mask
        for shared, need in self._of[index]:
            self._use(shared, mask, need)

    def take(self, index: int) -> None:
        """Take a session out of its place."""
        number = self.plan[index]
        assert number is not None
        item = self.problem.items[index]
        place, self.plan[index] = item.places[number], None
        if place.room in self.problem.rooms:
            self._rooms[place.room] &= ~self.mask_of(item, place)
        for shared, _ in self._of[index]:
            self._count_again(shared)

    def _count_again(self, number: int) -> None:
        shared = self.problem.shared[number]
        self._layers[number] = [0] * shared.at_once
        for begin, end, need in shared.taken:
            self._use(number, self._mask(begin, end), need)
        for index, need in zip(shared.items, shared.needs, strict=True):
            at = self.plan[index]
            if at is not None:
                item = self.problem.items[index]
                self._use(number, self.mask_of(item, item.places[at]), need)

    def kept(self) -> tuple[list[int | None], list[list[int]], dict[int | None, int]]:
        """Return the state, to go back to."""
        return list(self.plan), [list(layers) for layers in self._layers], dict(self._rooms)

    def go_back(
        self, state: tuple[list[int | None], list[list[int]], dict[int | None, int]]
    ) -> None:
        """Go back to a state that was kept."""
        plan, layers, rooms = state
        self.plan, self._layers = list(plan), [list(each) for each in layers]
        self._rooms = defaultdict(int, rooms)

    def cheapest(self, index: int, free: Sequence[int]) -> int:
        """Return the best of some places: the wishes, then the earlier."""
        item, soft = self.problem.items[index], self.busy(index, hard=False)

        def worth(number: int) -> tuple[int, int, int]:
            place = item.places[number]
            crowd = TWICE_AT_ONCE * bool(soft & self.mask_of(item, place))
            return own_cost(self.problem, item, place) + crowd, place.start, number

        return min(free, key=worth)


def first_plan(problem: Problem) -> Plan:
    """Return a plan that keeps every hard rule; a session it finds no place for has None."""
    board = Board(problem)
    for group in _groups(problem):
        _place_together(board, group)
    for index in _unplaced(board):
        _place_anywhere(board, index)
    return tuple(board.plan)


def _groups(problem: Problem) -> list[list[int]]:
    """Return the sessions of each group, those of the easternmost and largest first; then each without a group."""
    groups: dict[int, list[int]] = defaultdict(list)
    alone: list[list[int]] = []
    for index, item in enumerate(problem.items):
        if item.places and item.group >= 0 and problem.wishes.own_day:
            groups[item.group].append(index)
        elif item.places:
            alone.append([index])
    ahead = {key: max(problem.items[i].ahead for i in group) for key, group in groups.items()}
    together = sorted(groups, key=lambda key: (-ahead[key], -len(groups[key]), key))
    alone.sort(key=lambda one: (len(problem.items[one[0]].places), -problem.items[one[0]].ahead))
    return [groups[key] for key in together] + alone


def _place_together(board: Board, group: list[int]) -> None:
    """Put a group on the day where most of it fits, and of those where it costs least."""
    days = sorted({place.day for index in group for place in board.problem.items[index].places})
    if len(group) == 1:
        free = board.free(group[0])
        if free:
            board.put(group[0], board.cheapest(group[0], free))
        return
    tried, before = [], board.kept()
    for day in days:
        left, spent = _fill(board, group, day)
        tried.append((left * EXTRA_DAY * 10 + spent + _load(board, day), day))
        board.go_back(before)
    _fill(board, group, min(tried)[1])


def _load(board: Board, day: int) -> int:
    """Return how full a day is: of two days that suit, the emptier is taken."""
    items = board.problem.items
    return sum(
        items[i].minutes // 10
        for i, at in enumerate(board.plan)
        if at is not None and items[i].places[at].day == day
    )


def _fill(board: Board, group: Sequence[int], day: int) -> tuple[int, int]:
    """Put as many of a group as possible on a day, the most constrained first; return how many not, and the cost."""
    left, missed, spent = set(group), 0, 0
    while left:
        open_to = {index: _unwarned(board, index, board.free(index, (day,))) for index in left}
        index = min(left, key=lambda one: (len(open_to[one]), one))
        left.discard(index)
        if not open_to[index]:
            missed += 1
            continue
        number = board.cheapest(index, open_to[index])
        item = board.problem.items[index]
        spent += own_cost(board.problem, item, item.places[number])
        board.put(index, number)
    return missed, spent


def _unwarned(board: Board, index: int, free: Sequence[int]) -> list[int]:
    """Return the places with no more warnings than a session must have: better another day than a warning."""
    places = board.problem.items[index].places
    fewest = min(place.penalty for place in places)
    return [number for number in free if places[number].penalty == fewest]


def _unplaced(board: Board) -> list[int]:
    items = board.problem.items
    return [index for index, at in enumerate(board.plan) if at is None and items[index].places]


def _place_anywhere(board: Board, index: int, pushes: int = PUSHES) -> bool:
    """Put a session wherever it fits, pushing one other aside where that one fits elsewhere."""
    free = board.free(index)
    if free:
        board.put(index, board.cheapest(index, free))
        return True
    return pushes > 0 and _push(board, index, pushes)


def _push(board: Board, index: int, pushes: int) -> bool:
    item = board.problem.items[index]
    for number, place in enumerate(item.places):
        others = _in_the_way(board, index, place)
        if len(others) != 1 or not board.tries:
            continue
        board.tries -= 1
        other = others[0]
        before = board.plan[other]
        assert before is not None
        board.take(other)
        if number in board.free(index, (place.day,)):
            board.put(index, number)
            if _place_anywhere(board, other, pushes - 1 if pushes < PUSHES else 1):
                return True
            board.take(index)
        board.put(other, before)
    return False


def _in_the_way(board: Board, index: int, place: Place) -> list[int]:
    """Return the placed sessions that overlap a place and share something with it."""
    problem = board.problem
    item = problem.items[index]
    end = place.start + item.minutes
    near = board.partners(index)
    found = []
    for other, at in enumerate(board.plan):
        if at is None or other == index:
            continue
        there = problem.items[other].places[at]
        touches = there.start < end and place.start < there.start + problem.items[other].minutes
        if touches and (
            other in near or (place.room in problem.rooms and there.room == place.room)
        ):
            found.append(other)
    return found
