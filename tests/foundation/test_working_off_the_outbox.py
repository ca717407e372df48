"""The worker: jobs are done once they are due, tried again when they fail, and taken by one at a time."""

from datetime import timedelta

import sqlalchemy as sa

from eventhub import outbox
from eventhub.installation import Installation
from eventhub.outbox import Job
from eventhub.web import idempotency
from eventhub.worker import Worker, joined, tidy
from tests.standins.clock import StillClock

TOPIC = "letters.written"

SEALS = idempotency.sealer("a secret that lives as long as one test")


async def add(installation: Installation, **due: timedelta) -> None:
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await outbox.add(
            tx,
            TOPIC,
            {"letter": 1},
            event_id=None,
            at=at,
            due_at=at + due.get("later", timedelta(0)),
        )


async def rows(installation: Installation) -> list[sa.Row[tuple[object, ...]]]:
    async with installation.database.reading() as tx:
        return list(await tx.execute(sa.select(outbox.outbox)))


async def test_a_job_is_handed_to_every_capability_that_lists_its_topic(
    installation: Installation, clock: StillClock
) -> None:
    seen: list[tuple[str, dict[str, object]]] = []

    async def first(_installation: Installation, job: Job) -> None:
        seen.append(("first", job.payload))

    async def second(_installation: Installation, job: Job) -> None:
        seen.append(("second", job.payload))

    worker = Worker(installation, joined({TOPIC: (first,)}, {TOPIC: (second,)}))
    await add(installation)

    assert await worker.work_once() == 1
    assert await worker.work_once() == 0
    assert seen == [("first", {"letter": 1}), ("second", {"letter": 1})]
    assert [row.done_at for row in await rows(installation)] == [clock.now()]


async def test_a_job_waits_until_it_is_due(installation: Installation, clock: StillClock) -> None:
    async def handle(_installation: Installation, _job: Job) -> None: ...

    worker = Worker(installation, {TOPIC: (handle,)})
    await add(installation, later=timedelta(minutes=1))

    early = await worker.work_once()
    clock.moment += timedelta(minutes=1)

    assert (early, await worker.work_once()) == (0, 1)


async def test_a_job_that_fails_is_kept_with_its_error_and_tried_again_later_each_time(
    installation: Installation, clock: StillClock
) -> None:
    async def fail(_installation: Installation, _job: Job) -> None:
        raise OSError("no network")

    worker = Worker(installation, {TOPIC: (fail,)})
    await add(installation)
    begun = clock.now()
    waits = []
    for _ in range(3):
        await worker.work_once()
        (row,) = await rows(installation)
        waits.append((row.due_at - clock.now()).total_seconds())
        clock.moment = row.due_at

    assert waits == [30, 60, 120]
    assert (row.error, row.attempts, row.failed_at) == ("OSError: no network", 3, None)
    assert clock.now() == begun + timedelta(seconds=210)


async def test_a_job_that_fails_every_time_stays_as_failed(
    installation: Installation, clock: StillClock
) -> None:
    async def fail(_installation: Installation, _job: Job) -> None:
        raise OSError("no network")

    worker = Worker(installation, {TOPIC: (fail,)})
    await add(installation)
    for _ in range(outbox.MAX_ATTEMPTS):
        await worker.work_once()
        clock.moment += timedelta(days=1)

    (row,) = await rows(installation)
    assert (row.attempts, row.failed_at is None, row.done_at) == (outbox.MAX_ATTEMPTS, False, None)
    assert await worker.work_once() == 0


async def test_a_claimed_job_is_free_again_when_whoever_had_it_died(
    installation: Installation, clock: StillClock
) -> None:
    await add(installation)
    async with installation.database.transaction() as tx:
        first = await outbox.claim(tx, [TOPIC], clock.now())
        again = await outbox.claim(tx, [TOPIC], clock.now())
        later = await outbox.claim(tx, [TOPIC], clock.now() + outbox.CLAIM + timedelta(seconds=1))

    assert [len(jobs) for jobs in (first, again, later)] == [1, 0, 1]
    assert later[0].attempts == 2


async def test_a_worker_ends_when_it_is_asked_to(installation: Installation) -> None:
    ran: list[str] = []
    worker = Worker(installation, {}, ((lambda _installation: note(worker, ran), 60.0),))

    await worker.run()

    assert ran == ["round"]


async def note(worker: Worker, ran: list[str]) -> None:
    ran.append("round")
    worker.stop()


async def test_what_has_served_is_forgotten_after_its_time(
    installation: Installation, clock: StillClock
) -> None:
    await add(installation)
    async with installation.database.transaction() as tx:
        await outbox.finish(tx, 1, clock.now())
        await idempotency.begin(tx, "token:1", "key", "x" * 64, clock.now(), seals=SEALS)

    clock.moment += timedelta(days=2)
    await tidy(installation)
    async with installation.database.transaction() as tx:
        forgotten = await idempotency.begin(
            tx, "token:1", "key", "y" * 64, clock.now(), seals=SEALS
        )
    kept = len(await rows(installation))
    clock.moment += timedelta(days=6)
    await tidy(installation)

    assert forgotten is None
    assert (kept, len(await rows(installation))) == (1, 0)
