"""After a release the broadcasts follow it, and states are looked at while sessions are on.

Setting up calls YouTube for minutes, so it has a round of its own and never holds up the mail.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.outbox import Job

from . import alerting, automatic_work, channels, polling, store, sync, viewers_work

log = structlog.get_logger()

MERGED_FOR = timedelta(seconds=5)


async def follow_release(installation: Installation, job: Job) -> None:
    """Let the broadcasts be set up, when a channel is connected; without one, links are pasted."""
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        if await channels.is_connected(tx, installation.settings, job.event_id or 0):
            # Releases in a row are followed once.
            await _ask_for_sync(tx, job.event_id or 0, at, at + MERGED_FOR)


async def set_up(installation: Installation) -> None:
    """Take what is due and make YouTube agree with the last release."""
    async with installation.database.transaction() as tx:
        jobs = await outbox.claim(tx, [sync.TOPIC], installation.clock.now(), limit=1)
    for job in jobs:
        try:
            error = await _set_up(installation, job)
        except Exception as failure:  # Kept with its error and tried again, as the worker does.
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
        log.warning("broadcast", slug=event.slug, session=session, problem=problem.code)
    return "busy" if any(problem.code == "busy" for _, problem in report.problems) else ""


async def keep_up(installation: Installation) -> None:
    """Compare again now and then, and at start-up: others work in YouTube Studio, and an answer may have been lost."""
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        for event_id in await store.list_upcoming_events(tx, at):
            if await channels.is_connected(tx, installation.settings, event_id):
                await _ask_for_sync(tx, event_id, at, at)


async def _ask_for_sync(tx: AsyncConnection, event_id: int, at: datetime, due_at: datetime) -> None:
    if not await store.is_awaited(tx, event_id, sync.TOPIC):
        await outbox.add(tx, sync.TOPIC, {}, event_id=event_id, at=at, due_at=due_at)


JOBS = {
    "programme.released": (follow_release,),
    channels.DISCONNECTED: (alerting.tell_organizers,),
}
ROUNDS = (
    (set_up, 3.0),
    (automatic_work.run, 5.0),
    (polling.look_on, 60.0),
    (viewers_work.tell, 60.0),
    (keep_up, 3 * 3600.0),
)
