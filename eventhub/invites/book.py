"""What became of mails, written down: what several lanes report at the same time goes into one transaction."""

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub import news
from eventhub.installation import Installation
from eventhub.mail.outcome import Fate, Outcome
from eventhub.web.access import Right

from . import rules, stopping, taking
from .model import Mail, State

Done = tuple[Mail, Outcome]

# Open pages are told at most so often that mail goes out.
TOLD_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What a lane reports: what became of its last mail, and which one it would begin."""

    last: Done | None
    coming: Mail | None
    begun: asyncio.Future[bool]


class Book:
    """Keeps what one sender's lanes report; `probes`: the server took nothing lately, and this tries it."""

    def __init__(self, installation: Installation, token: str, *, probes: bool) -> None:
        self._installation = installation
        self._token = token
        self._probes = probes
        self._waiting: list[Entry] = []
        self._writing: asyncio.Task[None] | None = None
        self._told = 0.0
        self.is_closed = False

    async def turn(self, last: Done | None, coming: Mail | None) -> bool:
        """Write down what became of the last mail and that the next begins; return whether it does."""
        entry = Entry(last, coming, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await entry.begun

    async def _write_all(self) -> None:
        while self._waiting:
            entries, self._waiting = self._waiting, []
            try:
                async with self._installation.database.transaction() as tx:
                    begun = [await self._write(tx, entry) for entry in entries]
            except Exception as error:  # noqa: BLE001 -- each lane raises it and ends; the lease tells what it had
                for entry in entries:
                    entry.begun.set_exception(error)
            else:
                for entry, is_ours in zip(entries, begun, strict=True):
                    entry.begun.set_result(is_ours)

    async def _write(self, tx: AsyncConnection, entry: Entry) -> bool:
        at = self._installation.clock.now()
        if entry.last is not None:
            await self._finish(tx, *entry.last)
            await self._tell(tx, entry.last[0])
        if entry.coming is None or self.is_closed:
            return False
        return await taking.begin(tx, entry.coming.id, self._token, at)

    async def _finish(self, tx: AsyncConnection, mail: Mail, outcome: Outcome) -> None:
        at = self._installation.clock.now()
        wait = None if outcome.is_closed else rules.retry_after(mail.attempts + 1)
        if outcome.fate is Fate.ACCEPTED:
            await taking.finish(tx, mail.id, self._token, State.SENT, at=at)
            if self._probes:
                await stopping.reopen(tx, at)
                self._probes = False
            return
        if outcome.fate is Fate.UNCERTAIN:
            state = State.UNCERTAIN
        else:
            again = outcome.is_closed or (outcome.fate is Fate.LATER and wait is not None)
            state = State.QUEUED if again else State.FAILED
        await taking.finish(
            tx,
            mail.id,
            self._token,
            state,
            at=at,
            error=outcome.answer,
            due_at=at + wait if wait and state is State.QUEUED else None,
            counts=not outcome.is_closed,
        )
        await self._refused(tx, outcome)

    async def _refused(self, tx: AsyncConnection, outcome: Outcome) -> None:
        """Leave the server alone if it takes nothing; it answers at least if it refused the one that tried it."""
        at = self._installation.clock.now()
        if outcome.is_closed or await stopping.refuses_all(tx, at):
            if not self.is_closed or self._probes:
                await stopping.stop(tx, outcome.answer, at)
            self.is_closed = True
            self._probes = False
        elif self._probes and outcome.fate is not Fate.UNCERTAIN:
            await stopping.reopen(tx, at)
            self._probes = False

    async def _tell(self, tx: AsyncConnection, mail: Mail) -> None:
        now = time.monotonic()
        if now - self._told < TOLD_EVERY_S and not self.is_closed:
            return
        self._told = now
        await news.tell(
            tx,
            news.Kind.MAIL,
            {},
            event_id=mail.event_id,
            at=self._installation.clock.now(),
            right=Right.INVITATIONS.value,
        )
