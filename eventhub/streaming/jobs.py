"""After a release the broadcasts follow it, and states are looked at while sessions are on.

Setting up calls YouTube for minutes, so it has a round of its own and never holds up the mail.
"""

from datetime import timedelta

import structlog

from eventhub import outbox
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.outbox import Job

from . import control, rules, store, sync
from .model import YouTubeTrouble

log = structlog.get_logger()

_BEFORE = timedelta(hours=1)


async def follow_release(installation: Installation, job: Job) -> None:
    """Let the broadcasts be set up, when a channel is connected; without one, links are pasted."""
    if not installation.settings.youtube.is_set:
        return
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        if not await store.is_awaited(tx, job.event_id or 0, sync.TOPIC):
            await outbox.add(tx, sync.TOPIC, {}, event_id=job.event_id, at=at)


async def set_up(installation: Installation) -> None:
    """Take what is due and make YouTube agree with the last release."""
    if not installation.settings.youtube.is_set:
        return
    async with installation.database.transaction() as tx:
        jobs = await outbox.claim(tx, [sync.TOPIC], installation.clock.now(), limit=1)
    for job in jobs:
        try:
            error = await _set_up(installation, job)
        except Exception as failure:
            # Kept with its error and tried again, as the worker does.
            log.exception("broadcasts not set up", job=job.id, attempts=job.attempts)
            error = f"{type(failure).__name__}: {failure}"
        at = installation.clock.now()
        async with installation.database.transaction() as tx:
            if error:
                await outbox.postpone(tx, job, at, error)
            else:
                await outbox.finish(tx, job.id, at)


async def _set_up(installation: Installation, job: Job) -> str:
    """Return why it has to be tried again: another run was at it, which may have begun before the release."""
    async with installation.database.reading() as tx:
        event = await events.get_event_by_id(tx, job.event_id or 0)
    report = await sync.sync(installation, event)
    for session, problem in report.problems:
        log.warning("broadcast", event=event.slug, session=session, problem=problem.code)
    return "busy" if any(problem.code == "busy" for _, problem in report.problems) else ""


async def look_on(installation: Installation) -> None:
    """Record the states of the broadcasts of sessions that are on or soon will be: one unit a minute and event."""
    if not installation.settings.youtube.is_set:
        return
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        near = await store.list_near(tx, at - rules.STAYS_OPEN, at + _BEFORE)
        found = [(await events.get_event_by_id(tx, id), rows) for id, rows in near.items()]
    for event, rows in found:
        try:
            await control.look(installation, event, rows)
        except YouTubeTrouble as trouble:
            log.warning("broadcasts not seen", event=event.slug, problem=trouble.problem.code)


JOBS = {"programme.released": (follow_release,)}
ROUNDS = ((set_up, 3.0), (look_on, 60.0))
