"""Makes YouTube agree with the last release: once, in the fewest calls, safe to repeat after any crash."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from eventhub import outbox
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.wording import Text, say

from . import rules, store
from .connection import Pause, Studio, connect, only_creator, units_used
from .making import Outcome, keep_problems, perform, sweep
from .model import Problem, Retry, Wanted, YouTubeTrouble
from .problems import quota_day_ends
from .rules import Does, Step

TOPIC = "broadcasts.sync"

_CREEP = timedelta(minutes=10)

# What setting up one session costs at most: encoder stream, insert, bind and a look at each.
_STEP_UNITS = 155

_BUDGET = say("Today's units for setting up are used; the rest is kept for going live.")


@dataclass(slots=True)
class Report:
    """What one run did. `put_off` holds session, until when (UTC) and why; `units_used` counts the Pacific day."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    put_off: list[tuple[str, datetime, Text]] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    units_used: int = 0

    @property
    def units_left(self) -> int:
        return max(0, rules.UNITS_A_DAY - self.units_used)


async def sync(installation: Installation, event: Event, pause: Pause = asyncio.sleep) -> Report:
    """Create, bind, update and delete what the last release asks for; what must wait becomes a job."""
    report = Report()
    try:
        async with only_creator(installation, event, pause):
            await _sync(installation, event, pause, report)
    except YouTubeTrouble as trouble:
        report.problems.append(("", trouble.problem))
    report.units_used = await units_used(installation)
    if report.put_off:
        await _come_back(installation, event, min(until for _, until, _ in report.put_off))
    return report


async def create_one(studio: Studio, wanted: Wanted) -> None:
    """Make sure that one session has its broadcast now, whatever the day's units for setting up."""
    installation, event = studio.installation, studio.event
    async with only_creator(installation, event, studio.pause):
        async with installation.database.transaction() as tx:
            row = await store.find_broadcast(tx, wanted.session_id)
            if row is not None and row.held:
                row = replace(row, held=False)
                await store.save_broadcast(tx, row)
        remote = await studio.steadily(studio.channel.list_broadcasts)
        for step in rules.plan([wanted], [row] if row else [], remote, wanted.starts_at):
            if await perform(studio, step) is Outcome.CREATED:
                await sweep(studio)


async def _sync(installation: Installation, event: Event, pause: Pause, report: Report) -> None:
    async with installation.database.reading() as tx:
        release = await programme.latest_release(tx, event.id)
        released = await programme.list_released(tx, release.id) if release else []
        recorded = await store.list_broadcasts(tx, event.id)
    wanted = [rules.wanted_of(each, event.title) for each in released if rules.is_streamed(each)]
    at = installation.clock.now()
    unseen = rules.plan(wanted, recorded, [], at)
    todo = [step for step in unseen if step.does is not Does.NOTHING]
    if not todo:
        report.outcomes[Outcome.UNCHANGED] = len(unseen)
        return
    try:
        studio = await connect(installation, event, pause)
        remote = await studio.steadily(studio.channel.list_broadcasts)
    except YouTubeTrouble as trouble:
        _stop(todo, trouble.problem, at, report)
        if trouble.problem.retry is Retry.STOP and installation.settings.youtube.is_set:
            await keep_problems(installation, event, todo, trouble.problem)
        return
    await _follow(studio, rules.plan(wanted, recorded, remote, at), report)
    if report.outcomes[Outcome.CREATED]:
        await sweep(studio)


async def _follow(studio: Studio, steps: list[Step], report: Report) -> None:
    for number, step in enumerate(steps):
        at = studio.installation.clock.now()
        if step.does is Does.NOTHING:
            report.outcomes[Outcome.UNCHANGED] += 1
            continue
        if await _must_wait(studio, step, at):
            report.put_off.append((step.session, quota_day_ends(at), _BUDGET))
            continue
        try:
            report.outcomes[await perform(studio, step)] += 1
        except YouTubeTrouble as trouble:
            if trouble.problem.retry in {Retry.NEVER, Retry.GONE}:
                report.problems.append((step.session, trouble.problem))
                continue
            rest = [each for each in steps[number:] if each.does is not Does.NOTHING]
            _stop(rest, trouble.problem, at, report)
            return


def _stop(steps: list[Step], problem: Problem, at: datetime, report: Report) -> None:
    """Tell what is not done because no further call makes sense now."""
    if problem.retry is Retry.STOP:
        report.problems += [(step.session, problem) for step in steps]
        return
    if problem.retry is Retry.LOOK:
        report.problems.append((steps[0].session, problem))
    until = quota_day_ends(at) if problem.retry is Retry.TOMORROW else at + _CREEP
    report.put_off += [(step.session, until, problem.explanation) for step in steps]


async def _must_wait(studio: Studio, step: Step, at: datetime) -> bool:
    """Whether the units for setting up are used; what starts before there are new ones is set up all the same."""
    if step.does is not Does.CREATE or (step.wanted and step.wanted.starts_at < quota_day_ends(at)):
        return False
    return await units_used(studio.installation) + _STEP_UNITS > rules.UNITS_FOR_SETTING_UP


async def _come_back(installation: Installation, event: Event, until: datetime) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        if not await store.is_awaited(tx, event.id, TOPIC):
            await outbox.add(tx, TOPIC, {}, event_id=event.id, at=at, due_at=until)
