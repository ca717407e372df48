"""Takes jobs from the outbox and calls the capabilities that listed their topic. Runs inside `serve`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from eventhub import news, outbox
from eventhub.installation import Installation
from eventhub.outbox import Job
from eventhub.web import idempotency

log = structlog.get_logger()

Handler = Callable[[Installation, Job], Awaitable[None]]
Jobs = Mapping[str, Sequence[Handler]]
# Run again and again, with the pause in seconds: looking for due mail, expired data.
Rounds = Sequence[tuple[Callable[[Installation], Awaitable[None]], float]]

PAUSE_S = 1.0
JOBS_KEPT = timedelta(days=7)
ANSWERS_KEPT = timedelta(days=1)
NEWS_KEPT = timedelta(hours=1)


async def tidy(installation: Installation) -> None:
    """Delete what has served: jobs done a week ago, answers kept for a day's repetitions, an hour's news."""
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await outbox.forget(tx, at - JOBS_KEPT)
        await idempotency.forget(tx, at - ANSWERS_KEPT)
        await news.forget(tx, at - NEWS_KEPT)


def joined(*parts: Jobs) -> Jobs:
    """Return the handlers of several capabilities by topic, in the order given."""
    together: dict[str, list[Handler]] = {}
    for part in parts:
        for topic, handlers in part.items():
            together.setdefault(topic, []).extend(handlers)
    return together


class Worker:
    """Works off the outbox until it is asked to stop; what it has begun it finishes."""

    def __init__(self, installation: Installation, jobs: Jobs, rounds: Rounds = ()) -> None:
        self._installation = installation
        self._jobs = jobs
        self._rounds = rounds
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`."""
        loops = [self._repeat(self.work_once, PAUSE_S)]
        loops += [self._repeat(self._round(work), pause) for work, pause in self._rounds]
        await asyncio.gather(*loops)

    def stop(self) -> None:
        """Ask the worker to stop after what it is doing."""
        self._stopping.set()

    async def work_once(self) -> int:
        """Do the jobs that are due; return how many."""
        database, clock = self._installation.database, self._installation.clock
        async with database.transaction() as tx:
            jobs = await outbox.claim(tx, list(self._jobs), clock.now())
        for job in jobs:
            await self._do(job)
        return len(jobs)

    async def _do(self, job: Job) -> None:
        database, clock = self._installation.database, self._installation.clock
        try:
            for handler in self._jobs[job.topic]:
                await handler(self._installation, job)
        except Exception as error:  # The job is kept with its error and tried again.
            log.exception("job failed", topic=job.topic, job=job.id, attempts=job.attempts)
            async with database.transaction() as tx:
                await outbox.postpone(tx, job, clock.now(), f"{type(error).__name__}: {error}")
        else:
            async with database.transaction() as tx:
                await outbox.finish(tx, job.id, clock.now())

    def _round(
        self, work: Callable[[Installation], Awaitable[None]]
    ) -> Callable[[], Awaitable[int]]:
        async def once() -> int:
            await work(self._installation)
            return 0

        return once

    async def _repeat(self, once: Callable[[], Awaitable[int]], pause: float) -> None:
        while not self._stopping.is_set():
            try:
                done = await once()
            except Exception:  # A database that is away comes back; the loop must outlive it.
                log.exception("round failed")
                done = 0
            if not done:
                await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
