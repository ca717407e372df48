"""Makes YouTube agree with the last release: once, in the fewest calls, safe to repeat after any crash."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from eventhub import outbox
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.wording import say

from . import channels, rules, settings_store, store
from .channels import Homes
from .connection import Pause, Studio, enter, only_creator, units_used
from .dressing import dress
from .following import follow, stop
from .making import Outcome, keep_problems, perform, sweep
from .model import Broadcast, Connected, Provider, State, Wanted
from .problems import PROBLEMS
from .report import Report
from .rules import Does
from .trouble import Retry, YouTubeTrouble
from .waiting import CREEP

TOPIC = "broadcasts.sync"


_MOVES = say("It moves to another channel: it was deleted on the one and is now made on the other.")


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
            report.put_off.append((each.code, at + CREEP, _MOVES))
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
        stop(todo, trouble.problem, at, report)
        if trouble.problem.retry is Retry.STOP and part.connected is not None:
            await keep_problems(installation, event, todo, trouble.problem)
        return
    if not await follow(studio, rules.plan(part.wanted, part.recorded, remote, at), report):
        return
    if report.outcomes[Outcome.CREATED]:
        await sweep(studio)
    await dress(studio, part.wanted, report)


async def _come_back(installation: Installation, event: Event, until: datetime) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        if not await store.is_awaited(tx, event.id, TOPIC):
            await outbox.add(tx, TOPIC, {}, event_id=event.id, at=at, due_at=until)
