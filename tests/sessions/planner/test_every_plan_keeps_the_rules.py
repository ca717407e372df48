"""Whatever the programme, a plan breaks no rule of the conflict engine, and places as many sessions as it allows."""

from collections.abc import Iterator
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.sessions import rules
from eventhub.sessions.model import AnySession, ProgrammeConflict, Session
from eventhub.sessions.planner import solver
from eventhub.sessions.planner.greedy import first_plan
from eventhub.sessions.planner.model import Plan, Problem, cost
from eventhub.sessions.planner.problem import Programme, at_place, build, to_place
from eventhub.sessions.planner.proposal import propose
from eventhub.sessions.planner.search import least
from eventhub.sessions.planner.sharing import HARD
from tests.sessions.planner.worlds import random_order, without_severities

Identity = tuple[str, frozenset[str], str]


def never() -> bool:
    return False


def hard(found: list[ProgrammeConflict]) -> set[Identity]:
    return {
        (each.kind, frozenset(each.sessions), each.subject.code)
        for each in found
        if each.severity in HARD
    }


@given(st.integers(0, 2**32), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_the_first_plan_and_the_improved_one_break_no_rule(seed: int, size: int) -> None:
    order, programme = random_order(Random(seed), size)
    problem = build(order, programme)
    chosen = to_place(order, programme.sessions)

    first = first_plan(problem)
    heard: list[int] = []
    answer = solver.improve(
        problem, first, 3, told=lambda _plan, spent, _bound: heard.append(spent), stop=never
    )

    for plan in (first, answer.plan):
        proposal = propose(problem, plan, programme, chosen)
        assert proposal.conflicts == ()
        assert len(proposal.moves) + len(proposal.left) + proposal.kept == len(chosen)
        assert cost(problem, plan) >= max(least(problem), answer.bound)
    assert cost(problem, answer.plan) <= cost(problem, first)
    assert heard == sorted(heard, reverse=True)
    assert heard[-1:] in ([], [cost(problem, answer.plan)])


@given(st.integers(0, 2**32), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_no_other_plan_that_keeps_the_rules_places_more_sessions(seed: int, size: int) -> None:
    order, programme = random_order(Random(seed), size)
    programme = without_severities(programme)
    problem = build(order, programme)
    chosen = to_place(order, programme.sessions)
    if any(len({place.room for place in item.places}) > 1 for item in problem.items):
        return  # Where rooms are still to be chosen, the longest way counts.

    answer = solver.improve(problem, first_plan(problem), 3, told=lambda *_: None, stop=never)

    placed = sum(at is not None for at in answer.plan)
    assert placed >= max(
        sum(at is not None for at in plan)
        for plan in every_plan(problem)
        if not breaks_a_rule(problem, plan, programme, chosen)
    )


def every_plan(problem: Problem) -> Iterator[Plan]:
    return product(*([None, *range(min(len(item.places), 14))] for item in problem.items))


def breaks_a_rule(
    problem: Problem, plan: Plan, programme: Programme, chosen: list[AnySession]
) -> bool:
    moved = {each.code for each in chosen}
    standing = [
        each for each in programme.sessions if isinstance(each, Session) and each.code not in moved
    ]
    known = hard(rules.all_conflicts(standing, programme.event, programme.around))
    standing += [
        at_place(session, item.places[at], item.minutes)
        for session, item, at in zip(chosen, problem.items, plan, strict=True)
        if at is not None
    ]
    return bool(hard(rules.all_conflicts(standing, programme.event, programme.around)) - known)
