"""Makes YouTube agree with the last release: once, in the fewest calls, safe to repeat after any crash."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from eventhub import outbox
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.wording import Text, say

from . import channels, extras, ledger, quota, rules, settings_store, store
from .channels import Homes
from .connection import Pause, Studio, enter, only_creator, units_used
from .making import Outcome, keep_problems, perform, sweep
from .model import Broadcast, Connected, Provider, State, Wanted
from .problems import PROBLEMS
from .quota import PACIFIC, Purpose, day_ends
from .rules import Does, Step
from .trouble import Problem, Retry, YouTubeTrouble

TOPIC = "broadcasts.sync"

_CREEP = timedelta(minutes=10)
_HOURS = timedelta(hours=6)

_BUDGET = say("Today's units for setting up are used; the rest is kept for going live.")
_MOVES = say("It moves to another channel: it was deleted on the one and is now made on the other.")


@dataclass(slots=True)
class Report:
    """What one run did. `put_off` holds session, until when (UTC) and why; `extras_put_off` the same of pictures and
    playlists, whose broadcasts are well; `units_used` counts the Pacific day.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    put_off: list[tuple[str, datetime, Text]] = field(default_factory=list)
    extras_put_off: list[tuple[str, datetime, Text]] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    units_used: int = 0

    @property
    def units_left(self) -> int:
        return max(0, quota.UNITS_A_DAY - self.units_used)


@dataclass(frozen=True, slots=True)
class _Part:
    """What is to be done on one channel; without one nothing can be."""

    connected: Connected | None
    wanted: list[Wanted]
    recorded: list[Broadcast]


async def sync(installation: Installation, event: Event, pause: Pause = asyncio.sleep) -> Report:
    """Create, bind, update and delete what the last release asks for; what must wait becomes a job."""
    report = Report()
    try:
        async with only_creator(installation, event, pause):
            await _sync(installation, event, pause, report)
    except YouTubeTrouble as trouble:
        report.problems.append(("", trouble.problem))
    report.units_used = (await units_used(installation)).used
    if later := [until for _, until, _ in report.put_off + report.extras_put_off]:
        await _come_back(installation, event, min(later))
    return report


async def create_one(studio: Studio, wanted: Wanted) -> None:
    """Make sure that one session has its broadcast now, whatever the day's units for setting up."""
    installation, event = studio.installation, studio.event
    async with only_creator(installation, event, studio.pause):
        async with installation.database.transaction() as tx:
            row = await store.find_broadcast(tx, wanted.session_id)
            if row is not None and row.held:
                row = replace(row, held=False)
                await store.save_broadcast(tx, row, installation.clock.now())
        remote = await studio.steadily(studio.channel.list_broadcasts)
        for step in rules.plan([wanted], [row] if row else [], remote, wanted.starts_at):
            if await perform(studio, step) is Outcome.CREATED:
                await sweep(studio)


async def _sync(installation: Installation, event: Event, pause: Pause, report: Report) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        release = await programme.latest_release(tx, event.id)
        released = await programme.list_released(tx, release.id) if release else []
        recorded = await store.list_broadcasts(tx, event.id)
        how = await settings_store.find_settings(tx, event.id)
        homes = await channels.homes(tx, installation, event.id, at)
    streamed = [each for each in released if rules.is_streamed(each)]
    wanted = [rules.wanted_of(each, event.title, how.privacy) for each in streamed]
    for part in _parts(wanted, recorded, homes, report, at):
        await _on_channel(installation, event, pause, part, report)


def _parts(
    wanted: list[Wanted], recorded: list[Broadcast], homes: Homes, report: Report, at: datetime
) -> list[_Part]:
    """Return the work by channel; what moves is first deleted where it was, and made in the next run."""
    rows = {row.session_id: row for row in recorded}
    parts: dict[int, _Part] = {}

    def part(connected: Connected | None) -> _Part:
        return parts.setdefault(connected.id if connected else 0, _Part(connected, [], []))

    for each in wanted:
        row = rows.pop(each.session_id, None)
        home = homes.of(each.encoder)
        there = homes.known.get(row.channel_id or 0) if row and row.youtube_id else None
        if row is not None and _stays(row, there, home):
            home = there or home
        elif row is not None and there is not None:
            part(there).recorded.append(row)
            report.put_off.append((each.code, at + _CREEP, _MOVES))
            continue
        part(home).wanted.append(each)
        part(home).recorded.extend([row] if row else [])
    for row in rows.values():
        part(homes.known.get(row.channel_id or 0) or homes.default).recorded.append(row)
    return list(parts.values())


def _stays(row: Broadcast, there: Connected | None, home: Connected | None) -> bool:
    """Whether a broadcast is left on its channel: it is at home, has begun, or is none that was made here."""
    begun = row.state not in {State.WANTED, State.CREATED, State.READY}
    return begun or there is None or there == home or row.provider is Provider.LINK


async def _on_channel(
    installation: Installation, event: Event, pause: Pause, part: _Part, report: Report
) -> None:
    at = installation.clock.now()
    unseen = rules.plan(part.wanted, part.recorded, [], at)
    todo = [step for step in unseen if step.does is not Does.NOTHING]
    if not todo:
        report.outcomes[Outcome.UNCHANGED] += len(unseen)
        return
    try:
        if part.connected is None:
            raise YouTubeTrouble(PROBLEMS["not_connected"])
        studio = await enter(installation, event, part.connected, pause)
        remote = await studio.steadily(studio.channel.list_broadcasts)
    except YouTubeTrouble as trouble:
        _stop(todo, trouble.problem, at, report)
        if trouble.problem.retry is Retry.STOP and part.connected is not None:
            await keep_problems(installation, event, todo, trouble.problem)
        return
    if not await _follow(studio, rules.plan(part.wanted, part.recorded, remote, at), report):
        return
    if report.outcomes[Outcome.CREATED]:
        await sweep(studio)
    await _dress(studio, part.wanted, report)


async def _follow(studio: Studio, steps: list[Step], report: Report) -> bool:
    """Do the steps in the order of their dates; False when no further call makes sense now."""
    waiting: list[Step] = []
    for number, step in enumerate(steps):
        at = studio.installation.clock.now()
        if step.does is Does.NOTHING:
            report.outcomes[Outcome.UNCHANGED] += 1
            continue
        if await _must_wait(studio, step, at):
            waiting.append(step)
            continue
        try:
            report.outcomes[await perform(studio, step)] += 1
        except YouTubeTrouble as trouble:
            if trouble.problem.retry in {Retry.NEVER, Retry.GONE}:
                report.problems.append((step.session, trouble.problem))
                continue
            rest = [each for each in steps[number:] if each.does is not Does.NOTHING]
            _stop(waiting + rest, trouble.problem, at, report)
            return False
    costs = [(each.session, quota.SET_UP_UNITS) for each in waiting]
    report.put_off += await _put_off(studio, costs)
    return True


async def _dress(studio: Studio, wanted: Iterable[Wanted], report: Report) -> None:
    """Set pictures and fill playlists, once all broadcasts are there; nothing of it may fail a broadcast."""
    charged = studio.charged_to(Purpose.EXTRAS)
    waiting: list[tuple[str, int]] = []
    stopped: dict[extras.Does, tuple[datetime, Text]] = {}
    async with studio.installation.database.reading() as tx:
        missing = await extras.list_missing(
            tx, studio.event, studio.connected.id, wanted, studio.installation.clock.now()
        )
    for job in missing:
        at = studio.installation.clock.now()
        if job.does in stopped:
            report.extras_put_off.append((job.wanted.code, *stopped[job.does]))
        elif job.units > await _allowance(studio, at):
            waiting.append((job.wanted.code, job.units))
        else:
            problem = await _try_extra(charged, job, at)
            if problem is None or problem.retry is Retry.NEVER:
                continue
            # A limit on pictures leaves playlists alone; anything else stops both.
            kinds = [job.does] if problem.retry is Retry.HOURS else list(extras.Does)
            stopped |= dict.fromkeys(kinds, (_again_at(problem, at), problem.explanation))
            report.extras_put_off.append((job.wanted.code, *stopped[job.does]))
    report.extras_put_off += await _put_off(studio, waiting)


async def _try_extra(studio: Studio, job: extras.Job, at: datetime) -> Problem | None:
    try:
        await extras.do(studio, job)
    except YouTubeTrouble as trouble:
        problem = trouble.problem
        until = day_ends(at) if problem.retry is Retry.NEVER else _again_at(problem, at)
        await extras.keep_problem(studio, job, problem, until)
        return problem
    return None


def _stop(steps: list[Step], problem: Problem, at: datetime, report: Report) -> None:
    """Tell what is not done because no further call makes sense now."""
    if problem.retry is Retry.STOP:
        report.problems += [(step.session, problem) for step in steps]
        return
    if problem.retry is Retry.LOOK:
        report.problems.append((steps[0].session, problem))
    until = _again_at(problem, at)
    report.put_off += [(step.session, until, problem.explanation) for step in steps]


def _again_at(problem: Problem, at: datetime) -> datetime:
    if problem.retry is Retry.TOMORROW:
        return day_ends(at)
    return at + (_HOURS if problem.retry is Retry.HOURS else _CREEP)


async def _put_off(
    studio: Studio, waiting: list[tuple[str, int]]
) -> list[tuple[str, datetime, Text]]:
    """Return on which day what waits for units will find them."""
    if not waiting:
        return []
    at = studio.installation.clock.now()
    today = ledger.pacific_day(at)
    async with studio.installation.database.reading() as tx:
        planned = await ledger.planned_by_day(tx, today)
    left = await _allowance(studio, at)
    days = quota.spread(waiting, left, today, lambda day: quota.allowance(planned(day)))
    found = []
    for session, day in days:
        until = datetime.combine(day, time(0), PACIFIC).astimezone(at.tzinfo)
        found.append((session, max(until, day_ends(at)), _BUDGET))
    return found


async def _must_wait(studio: Studio, step: Step, at: datetime) -> bool:
    """Whether the units for setting up are used; what starts before there are new ones is set up all the same."""
    if step.does is not Does.CREATE or (step.wanted and step.wanted.starts_at < day_ends(at)):
        return False
    return await _allowance(studio, at) < quota.SET_UP_UNITS


async def _allowance(studio: Studio, at: datetime) -> int:
    installation, today = studio.installation, ledger.pacific_day(at)
    async with installation.database.reading() as tx:
        planned = await ledger.planned_by_day(tx, today, 1)
        units = await ledger.units_on(tx, ledger.project_of(installation), today)
    return quota.allowance(planned(today), units)


async def _come_back(installation: Installation, event: Event, until: datetime) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        if not await store.is_awaited(tx, event.id, TOPIC):
            await outbox.add(tx, TOPIC, {}, event_id=event.id, at=at, due_at=until)
