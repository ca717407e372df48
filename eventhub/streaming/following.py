"""Does the steps of a plan in the order of their dates, and tells what is left and why."""

from datetime import datetime

from . import quota
from .connection import Studio
from .making import Outcome, perform
from .report import Report
from .rules import Does, Step
from .trouble import Problem, Retry, YouTubeTrouble
from .waiting import again_at, must_wait, put_off


async def follow(studio: Studio, steps: list[Step], report: Report) -> bool:
    """Do the steps in the order of their dates; False when no further call makes sense now."""
    waiting: list[Step] = []
    for number, step in enumerate(steps):
        at = studio.installation.clock.now()
        if step.does is Does.NOTHING:
            report.outcomes[Outcome.UNCHANGED] += 1
            continue
        if await must_wait(studio, step, at):
            waiting.append(step)
            continue
        try:
            report.outcomes[await perform(studio, step)] += 1
        except YouTubeTrouble as trouble:
            if trouble.problem.retry in {Retry.NEVER, Retry.GONE}:
                report.problems.append((step.session, trouble.problem))
                continue
            rest = [each for each in steps[number:] if each.does is not Does.NOTHING]
            stop(waiting + rest, trouble.problem, at, report)
            return False
    costs = [(each.session, quota.SET_UP_UNITS) for each in waiting]
    report.put_off += await put_off(studio, costs)
    return True


def stop(steps: list[Step], problem: Problem, at: datetime, report: Report) -> None:
    """Tell what is not done because no further call makes sense now."""
    if problem.retry is Retry.STOP:
        report.problems += [(step.session, problem) for step in steps]
        return
    if problem.retry is Retry.LOOK:
        report.problems.append((steps[0].session, problem))
    until = again_at(problem, at)
    report.put_off += [(step.session, until, problem.explanation) for step in steps]
