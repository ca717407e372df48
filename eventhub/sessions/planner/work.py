"""The process that plans: reads an order and a programme from a pipe, and tells how far it is.

A process of its own, because CP-SAT computes for minutes on every core it gets, and only a process can be stopped at
any moment. It ends with whoever started it.
"""

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Event, Thread
from time import monotonic
from typing import Any

from .model import Order, Plan, Problem, Progress
from .problem import Programme, build, to_place
from .proposal import as_json, propose

# Gates are served by the same machine, and go first.
NICE = 10


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a search: the proposal as JSON values, and how far the search came."""

    proposal: dict[str, Any]
    progress: Progress


def work(pipe: Connection, order: Order, programme: Programme) -> None:
    """Plan, and send Progress again and again and Done at last; a message received asks for the best so far."""
    os.nice(NICE)
    enough = Event()
    Thread(target=_listen, args=(pipe, enough), daemon=True).start()
    pipe.send(plan_once(order, programme, pipe.send, enough))


def _listen(pipe: Connection, enough: Event) -> None:
    try:
        pipe.recv()
    except EOFError:
        os._exit(1)  # Nobody waits for the plan any more.
    enough.set()


def plan_once(order: Order, programme: Programme, tell: Any, enough: Event) -> Done:
    """Return the best plan found within the order's seconds, or until `enough`."""
    from .search import search  # noqa: PLC0415 -- 80 MB that only the process that plans needs

    began = monotonic()
    problem = build(order, programme)
    teller = _Teller(problem, tell, began)
    left = order.seconds - (monotonic() - began)
    answer = search(problem, left, teller.better, enough.is_set)
    proposal = propose(problem, answer.plan, programme, to_place(order, programme.sessions))
    return Done(as_json(proposal), teller.end(answer.plan, answer.bound, proven=answer.proven))


class _Teller:
    def __init__(self, problem: Problem, tell: Any, began: float) -> None:
        self._problem, self._tell, self._began = problem, tell, began
        self._last = Progress(of=len(problem.items))

    def better(self, plan: Plan, cost: int, bound: int) -> None:
        first = self._last.first_s if self._last.found else self._spent()
        self._last = Progress(
            found=self._last.found + 1, cost=cost, bound=max(bound, 0),
            placed=sum(at is not None for at in plan), of=len(plan),
            seconds=self._spent(), first_s=first,
        )  # fmt: skip
        self._tell(self._last)

    def end(self, plan: Plan, bound: int, *, proven: bool) -> Progress:
        return Progress(
            found=self._last.found, cost=self._last.cost, bound=max(bound, 0), proven=proven,
            placed=sum(at is not None for at in plan), of=len(plan),
            seconds=self._spent(), first_s=self._last.first_s,
        )  # fmt: skip

    def _spent(self) -> float:
        return round(monotonic() - self._began, 2)
