"""What happens after a release and what is always looked after: telling what changed, and handing mail over.

Each hand-over stands between two commits: `sending` before, what became of it after. A sender that dies in
between leaves `sending` behind, which is shown as uncertain once its lease is over and not sent again unasked.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import outbox
from eventhub.db.engine import lock_event
from eventhub.errors import Invalid
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.mail.folder import Folder
from eventhub.mail.message import compose
from eventhub.mail.outcome import Fate, Outcome
from eventhub.mail.smtp import Line, read_server
from eventhub.outbox import Job

from . import actions, drafting, letters, queue, rules, tellings
from .fetching import fetch_answers
from .model import Mail, State

log = structlog.get_logger()

TELL = "invitations.tell"
BATCH = 50
# One round gives way after this, so that stopping never waits for a queue of thousands.
ROUND_S = 10.0
# Releases in a row are told after so many merge windows at the latest.
LONGEST = 10
CLOSED_FOR = timedelta(seconds=60)


async def plan_notice(installation: Installation, job: Job) -> None:
    """After a release: tell those concerned once the merge window is over, or write drafts at once.

    A silent release tells nobody; it brings drafts that wait for approval up to date.
    """
    notify = job.payload["notify"]
    wait = installation.settings.notice_delay if notify == "now" else 0
    async with installation.database.transaction() as tx:
        waiting = [each.since for each in await tellings.list_tellings(tx, job.event_id, TELL)]
        since = min([*waiting, job.created_at]) if notify == "now" else job.created_at
        await outbox.add(
            tx,
            TELL,
            {
                "as_drafts": notify != "now",
                "only_drafts": notify == "none",
                "since": since.isoformat(),
            },
            event_id=job.event_id,
            at=installation.clock.now(),
            due_at=job.created_at + timedelta(seconds=wait),
        )


async def tell(installation: Installation, job: Job) -> None:
    """Queue what the last release changed. Done twice it queues nothing the second time.

    While another release came within the window it is left to that one's turn, so that edits in a row are told once;
    but not for ever.
    """
    if job.event_id is None:
        return
    at = installation.clock.now()
    window = timedelta(seconds=installation.settings.notice_delay)
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, job.event_id)
        await lock_event(tx, event.id)
        if not job.payload["as_drafts"]:
            waiting = await tellings.list_tellings(tx, event.id, TELL)
            followers = [each.id for each in waiting if each.id > job.id]
            if followers and at - datetime.fromisoformat(job.payload["since"]) < LONGEST * window:
                return
            await tellings.start_anew(tx, followers, at)
        await actions.tell_release(
            tx,
            event,
            at=at,
            domain=installation.settings.mail_domain,
            as_drafts=job.payload["as_drafts"],
            only_drafts=job.payload["only_drafts"],
        )


async def send_due(installation: Installation) -> None:
    """Hand over mail that is due, for up to `ROUND_S`."""
    async with installation.database.reading() as tx:
        if not await queue.has_work(tx, installation.clock.now()):
            return
    async with _way_out(installation) as way:
        sender = Sender(installation, way)
        end = time.monotonic() + ROUND_S
        while time.monotonic() < end and await sender.send_batch(end):
            pass


class Way:
    """Where mail goes: a line to the server, or the folder."""

    def __init__(self, line: Line | None, folder: Folder) -> None:
        self._line = line
        self._folder = folder

    async def hand_over(self, sender: str, mail: Mail, message: bytes) -> Outcome:
        if self._line is None:
            return await self._folder.keep(f"{mail.id:08d}-{mail.kind}", message)
        return await self._line.hand_over(sender, mail.to_address, message)


@asynccontextmanager
async def _way_out(installation: Installation) -> AsyncIterator[Way]:
    settings = installation.settings
    folder = Folder(settings.data / "mail")
    if not settings.smtp_url:
        yield Way(None, folder)
        return
    async with Line(read_server(settings.smtp_url)) as line:
        yield Way(line, folder)


Done = tuple[Mail, Outcome] | None


def _is_closed(last: Done) -> bool:
    return last is not None and last[1].is_closed


class Sender:
    """Sends batches; one transaction per mail writes what became of the last and that the next begins."""

    def __init__(self, installation: Installation, way: Way) -> None:
        self._installation = installation
        self._way = way
        self._token = uuid4().hex
        self._writer = drafting.Writer(installation)

    async def send_batch(self, end: float) -> bool:
        """Claim a batch and send it; False when nothing is left or the server takes nothing."""
        at = self._installation.clock.now()
        async with self._installation.database.transaction() as tx:
            await queue.mark_lost(tx, at)
            mails = await queue.claim(tx, self._token, at=at, limit=BATCH)
            drafts = await drafting.read_drafts(tx, mails)
        last: Done = None
        for draft in drafts:
            if _is_closed(last) or time.monotonic() > end:
                break
            begun, ticket = await self._turn(last, draft)
            last = (draft.mail, await self._hand_over(draft, ticket)) if begun else None
        await self._close(last)
        return bool(drafts) and not _is_closed(last)

    async def _hand_over(self, draft: letters.Draft, ticket: str | None) -> Outcome:
        try:
            message = await asyncio.to_thread(self._message, draft, ticket)
        except Invalid as refusal:
            return Outcome(Fate.REFUSED, str(refusal.text))
        except Exception as error:
            log.exception("mail could not be written", mail=draft.mail.id)
            return Outcome(Fate.REFUSED, f"{type(error).__name__}: {error}")
        return await self._way.hand_over(self._writer.office.sender, draft.mail, message)

    def _message(self, draft: letters.Draft, ticket: str | None) -> bytes:
        return compose(self._writer.write(draft, ticket))

    async def _turn(self, last: Done, draft: letters.Draft) -> tuple[bool, str | None]:
        """Write what became of the last mail and that this one begins; return whether it does, and its ticket."""
        at = self._installation.clock.now()
        async with self._installation.database.transaction() as tx:
            if last:
                await self._finish(tx, *last)
            if not await queue.begin(tx, draft.mail.id, self._token, at):
                return False, None
            return True, await self._writer.read_ticket(tx, draft)

    async def _close(self, last: Done) -> None:
        async with self._installation.database.transaction() as tx:
            if last:
                await self._finish(tx, *last)
                if last[1].is_closed:
                    until = self._installation.clock.now() + CLOSED_FOR
                    await queue.pause(tx, until, last[1].answer)
            await queue.give_back(tx, self._token)

    async def _finish(self, tx: AsyncConnection, mail: Mail, outcome: Outcome) -> None:
        at = self._installation.clock.now()
        if outcome.fate is Fate.ACCEPTED:
            await queue.finish(tx, mail.id, self._token, State.SENT, sent_at=at)
        elif outcome.fate is Fate.UNCERTAIN:
            await queue.finish(tx, mail.id, self._token, State.UNCERTAIN, error=outcome.answer)
        else:
            wait = CLOSED_FOR if outcome.is_closed else rules.retry_after(mail.attempts + 1)
            again = outcome.fate is Fate.LATER and wait is not None
            await queue.finish(
                tx,
                mail.id,
                self._token,
                State.QUEUED if again else State.FAILED,
                error=outcome.answer,
                due_at=at + wait if again and wait else None,
                counts=not outcome.is_closed,
            )


JOBS = {"programme.released": (plan_notice,), TELL: (tell,)}
ROUNDS = ((send_due, 1.0), (fetch_answers, 60.0))
