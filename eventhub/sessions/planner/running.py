"""Searches going on in this server, each in its process; what they find is written to their plan."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import structlog
from aiohttp import web

from eventhub.events.actions import get_event_by_id
from eventhub.installation import Installation
from eventhub.web.keys import INSTALLATION

from . import store
from .model import Progress
from .store import ALIVE, PlanStatus, StoredPlan
from .work import Done, work

log = structlog.get_logger()

LOOK_S = 0.5
# So often it is written down that a search goes on, if nothing else is.
HEARTBEAT = timedelta(seconds=5)


class Searches:
    """The searches of this process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, plan_id: int) -> None:
        """Search for a plan that is written down; nobody needs to wait for it."""
        task = asyncio.create_task(search(self._installation, plan_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until no search goes on."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def end(self) -> None:
        """End all searches; their plans say that they were stopped."""
        for task in self._tasks:
            task.cancel()
        await self.idle()


SEARCHES: web.AppKey[Searches] = web.AppKey("searches")


async def searching(app: web.Application) -> AsyncIterator[None]:
    """Keep the searches of an application, and end them with it."""
    app[SEARCHES] = Searches(app[INSTALLATION])
    yield
    await app[SEARCHES].end()


async def search(installation: Installation, plan_id: int) -> None:
    """Search for a plan until it is found, stopped or failed, and write down which."""
    try:
        await _search(installation, plan_id)
    except asyncio.CancelledError:
        await _close(installation, plan_id, PlanStatus.STOPPED)
        raise
    except (
        Exception
    ):  # Nobody waits for this task, so the plan itself has to say that it came to nothing.
        log.exception("planning failed", plan=plan_id)
        await _close(installation, plan_id, PlanStatus.FAILED)


async def _close(installation: Installation, plan_id: int, status: PlanStatus) -> None:
    async with installation.database.transaction() as tx:
        await store.end_plan(tx, plan_id, status)


async def _search(installation: Installation, plan_id: int) -> None:
    async with installation.database.reading() as tx:
        plan = await store.find_plan(tx, plan_id)
        assert plan is not None
        event = await get_event_by_id(tx, plan.event_id)
        programme = await store.read_programme(tx, event)
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=work, args=(theirs, plan.order, programme), daemon=True)
    try:
        await asyncio.to_thread(process.start)
        theirs.close()
        await _follow(installation, plan, process, ours)
    finally:
        # Whoever is still being started finds the pipe closed, and ends by itself.
        ours.close()
        if process.pid is not None:
            process.kill()
            # At once, not in a thread: this may be cancelled a second time.
            process.join()
            process.close()


async def _follow(
    installation: Installation, plan: StoredPlan, process: SpawnProcess, pipe: Connection
) -> None:
    """Write down what a process tells until it is done, or the plan is cancelled."""
    asked = False
    while True:
        told = await asyncio.to_thread(_next, pipe)
        at = installation.clock.now()
        if isinstance(told, Done):
            await _done(installation, plan.id, told)
            return
        async with installation.database.reading() as tx:
            now = await store.find_plan(tx, plan.id)
        if now is None or now.status not in ALIVE:
            return
        if now.status is PlanStatus.FINISHING and not asked:
            pipe.send("enough")
            asked = True
        if told is not None or abs(at - now.seen_at) > HEARTBEAT:
            async with installation.database.transaction() as tx:
                progress = now.progress if told is None else told
                await store.update_plan(tx, plan.id, progress=progress, seen_at=at)
        if told is None and not process.is_alive() and not pipe.poll():
            raise EOFError


def _next(pipe: Connection) -> Progress | Done | None:
    """Return the newest that a process told, or None when it told nothing for a while."""
    told: Progress | Done | None = None
    while pipe.poll(0 if told else LOOK_S):
        told = pipe.recv()
        if isinstance(told, Done):
            break
    return told


async def _done(installation: Installation, plan_id: int, done: Done) -> None:
    async with installation.database.transaction() as tx:
        await store.end_plan(
            tx, plan_id, PlanStatus.READY, proposal=done.proposal, progress=done.progress,
            seen_at=installation.clock.now(),
        )  # fmt: skip


async def look_after(installation: Installation) -> None:
    """Note of plans whose server has ended that they are stopped."""
    at = installation.clock.now()
    async with installation.database.reading() as tx:
        silent = [plan.id for plan in await store.list_alive(tx) if plan.is_silent(at)]
    for plan_id in silent:
        await _close(installation, plan_id, PlanStatus.STOPPED)
