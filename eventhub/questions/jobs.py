"""Votes and answers are told to open pages together, about once a second."""

from eventhub.installation import Installation
from eventhub.outbox import Job

from . import actions, asking


async def tell_counts(installation: Installation, job: Job) -> None:
    """Tell a session's counts as they stand now."""
    session_id, event_id = int(job.payload["session_id"]), job.event_id or 0
    async with installation.database.transaction() as tx:
        code = await actions.find_code(tx, session_id)
        if code is not None:
            at = installation.clock.now()
            await actions.tell_counts(tx, event_id, session_id, code, at)


JOBS = {asking.COUNTS: [tell_counts]}
