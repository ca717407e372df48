"""Where scans stand in line to be written: what arrives while others are being written is written together next.

A lone scan waits for nobody. A group is one transaction; when it fails, each of its batches is written by itself, so
that what cannot be written fails alone. Nobody's hanging up keeps a scan from being written.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from aiohttp import web

from eventhub.db.engine import Database
from eventhub.db.plain import Conversation, Turn, hold_at_once
from eventhub.events.model import Event

from .admitting import Admitted, Credential, Events, read_admitted
from .items import Malformed, PassageItem
from .keys import TicketSecrets
from .model import Result
from .overriding import override_of
from .recording import Batch, record

log = structlog.get_logger()

MOST_TOGETHER = 1000
MOST_MET = 10_000

Answered = tuple[Event, list[Result]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A batch in the line; its answer is None when its caller may not write it."""

    shown: Credential
    items: Sequence[PassageItem | Malformed]
    at: datetime
    answer: "asyncio.Future[Answered | None]"


class Line:
    """The line of one server process."""

    def __init__(self, database: Database, secret: str, wrote: Callable[[Event], None]) -> None:
        """`wrote` hears of every event for which something was written."""
        self._database = database
        self._wrote = wrote
        self._fingerprint = TicketSecrets.of(secret).fingerprints.derive
        self._events = Events()
        self._met: set[Credential] = set()
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    def has_met(self, shown: Credential) -> bool:
        """Whether a caller was admitted before; whether they still are is seen as they are written."""
        return shown in self._met

    def meet(self, shown: Credential) -> None:
        """Note a caller who was admitted."""
        if len(self._met) >= MOST_MET:
            self._met.clear()
        self._met.add(shown)

    async def record(
        self, shown: Credential, items: Sequence[PassageItem | Malformed], *, at: datetime
    ) -> Answered | None:
        """Write a batch; return its event and results, or None for a caller who may not."""
        answer: asyncio.Future[Answered | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(shown, items, at, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write(self._take())
        finally:
            self._writing = None

    def _take(self) -> list[Waiting]:
        """Take the first in the line and those behind it, as long as they are few."""
        count, scans = 0, 0
        for one in self._waiting:
            scans += len(one.items)
            if count and scans > MOST_TOGETHER:
                break
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def _write(self, group: Sequence[Waiting]) -> None:
        began = time.perf_counter()
        try:
            answers = await hold_at_once(self._database, self._record(group))
        except (sqlite3.OperationalError, sa.exc.OperationalError) as error:
            # The database is away or full, for one as for all.
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is handed to whose batch it was
            if len(group) == 1:
                _fail(group, error)
            else:
                for one in group:
                    await self._write([one])
        else:
            for one, answer in zip(group, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)
            for event in {answer[0].id: answer[0] for answer in answers if answer}.values():
                self._wrote(event)
            log.info(
                "scans",
                requests=len(group),
                scans=sum(len(one.items) for one in group),
                ms=round((time.perf_counter() - began) * 1000, 1),
            )

    def _record(self, group: Sequence[Waiting]) -> Conversation[list[Answered | None]]:
        admitted = yield from read_admitted({one.shown for one in group}, self._events)
        places: dict[int, list[int]] = {}
        for place, one in enumerate(group):
            if one.shown in admitted:
                places.setdefault(admitted[one.shown].event.id, []).append(place)
        answers: list[Answered | None] = [None] * len(group)
        for event_id in sorted(places):
            yield Turn(event_id)
            mine = places[event_id]
            event = admitted[group[mine[0]].shown].event
            batches = [_batch(group[place], admitted[group[place].shown]) for place in mine]
            results = yield from record(event, batches, fingerprint=self._fingerprint)
            for place, result in zip(mine, results, strict=True):
                answers[place] = event, result
        return answers


LINE = web.AppKey("line", Line)


def _batch(one: Waiting, admitted: Admitted) -> Batch:
    return Batch(one.items, admitted.who, override_of(admitted.who), one.at)


def _fail(group: Sequence[Waiting], error: Exception) -> None:
    for one in group:
        if not one.answer.done():
            one.answer.set_exception(error)
