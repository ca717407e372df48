"""What became of mails, written down: what several lanes report at the same time goes into one transaction."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from eventhub import news
from eventhub.db.plain import Conversation, hold_at_once
from eventhub.installation import Installation
from eventhub.mail.outcome import Fate, Outcome
from eventhub.web.access import Right

from . import rules, stopping, taking
from .model import Mail, State

log = structlog.get_logger()

Done = tuple[Mail, Outcome]

# How long lanes wait for one another to be written down together.
GATHER_S = 0.01
# Open pages are told at most so often that mail goes out.
TOLD_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What a lane reports: what became of its last mail, and which one it would begin."""

    last: Done | None
    coming: Mail | None
    begun: asyncio.Future[bool]


@dataclass(frozen=True, slots=True)
class Stand:
    """How it stands between a sender and the server.

    `is_closed`: the server takes nothing, so nothing more is begun; `probes`: it took nothing lately, this tries it.
    """

    is_closed: bool = False
    probes: bool = False


class Book:
    """Keeps what one sender's lanes report; `lanes` is how many there are."""

    def __init__(self, installation: Installation, token: str) -> None:
        self._installation = installation
        self._token = token
        self._waiting: list[Entry] = []
        self._writing: asyncio.Task[None] | None = None
        self._untold: set[int] = set()
        self._told_at = 0.0
        self._all_in = asyncio.Event()
        self.lanes = 1
        self.stand = Stand()

    async def turn(self, last: Done | None, coming: Mail | None) -> bool:
        """Write down what became of the last mail and that the next begins; return whether it does."""
        entry = Entry(last, coming, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if len(self._waiting) >= self.lanes:
            self._all_in.set()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await entry.begun

    async def tell(self) -> None:
        """Tell open pages of what they were not told yet."""
        events, self._untold, self._told_at = self._untold, set(), time.monotonic()
        at, right = self._installation.clock.now(), Right.INVITATIONS.value
        for event_id in sorted(events):
            try:
                await news.tell_alone(
                    self._installation.database,
                    news.Kind.MAIL,
                    {},
                    event_id=event_id,
                    at=at,
                    right=right,
                )
            except Exception:  # Pages that show too little for a moment must not end the sending.
                log.exception("the progress of mail was not told", event_id=event_id)

    async def _gather(self) -> None:
        """Wait a moment for the other lanes: every commit is a wait for whoever else writes."""
        self._all_in.clear()
        if len(self._waiting) < self.lanes:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_in.wait(), GATHER_S)

    async def _write_all(self) -> None:
        while self._waiting:
            await self._gather()
            entries, self._waiting = self._waiting, []
            try:
                written = write(entries, self.stand, self._token, self._installation.clock.now())
                begun, self.stand = await hold_at_once(self._installation.database, written)
            except Exception as error:  # noqa: BLE001 -- each lane raises it and ends; the lease tells what it had
                for entry in entries:
                    if not entry.begun.done():
                        entry.begun.set_exception(error)
                continue
            for entry in entries:
                if not entry.begun.done():
                    entry.begun.set_result(entry.coming is not None and entry.coming.id in begun)
            self._untold |= {entry.last[0].event_id for entry in entries if entry.last}
            if time.monotonic() - self._told_at > TOLD_EVERY_S:
                await self.tell()


def write(
    entries: Sequence[Entry], stand: Stand, token: str, at: datetime
) -> Conversation[tuple[set[int], Stand]]:
    """Write what lanes report; return which mails begin, and how it stands afterwards."""
    done = [entry.last for entry in entries if entry.last is not None]
    taken = [mail.id for mail, outcome in done if outcome.fate is Fate.ACCEPTED]
    if taken:
        yield from taking.finish(taken, token, at)
        if stand.probes:
            yield from stopping.reopen(at)
            stand = Stand(stand.is_closed)
    for mail, outcome in done:
        if outcome.fate is not Fate.ACCEPTED:
            yield from _refused(mail, outcome, token, at)
            stand = yield from _stand_after(outcome, stand, at)
    coming = [entry.coming.id for entry in entries if entry.coming is not None]
    if not coming or stand.is_closed:
        return set(), stand
    begun = yield from taking.begin(coming, token, at)
    return begun, stand


def _refused(mail: Mail, outcome: Outcome, token: str, at: datetime) -> Conversation[None]:
    """Write that a mail was not taken: for good, for now, or nobody knows."""
    if outcome.is_closed:
        yield from taking.undo(mail.id, token, outcome.answer)
        return
    wait = rules.retry_after(mail.attempts + 1)
    state, due_at = State.FAILED, None
    if outcome.fate is Fate.UNCERTAIN:
        state = State.UNCERTAIN
    elif outcome.fate is Fate.LATER and wait is not None:
        state, due_at = State.QUEUED, at + wait
    error = outcome.answer
    yield from taking.fail(mail.id, token, state, at=at, error=error, due_at=due_at)


def _stand_after(outcome: Outcome, stand: Stand, at: datetime) -> Conversation[Stand]:
    """Leave the server alone if it takes nothing; it answers at least if it refused the one that tried it."""
    refuses_all = outcome.is_closed or (yield from stopping.refuses_all(at))
    if refuses_all:
        if not stand.is_closed or stand.probes:
            yield from stopping.stop(outcome.answer, at)
        return Stand(is_closed=True)
    if stand.probes and outcome.fate is not Fate.UNCERTAIN:
        yield from stopping.reopen(at)
        return Stand(stand.is_closed)
    return stand
