"""Handing mail over.

Each hand-over stands between two commits: `sending` before, what became of it after. A sender that dies in
between leaves `sending` behind, which is shown as uncertain once its lease is over and not sent again unasked.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from eventhub.installation import Installation
from eventhub.mail.folder import Folder
from eventhub.mail.outcome import Fate, Outcome
from eventhub.mail.smtp import Line, read_server

from . import drafting, stopping, taking
from .book import Book, Done
from .building import Message, Workshop
from .drafts import Draft
from .model import Mail
from .pace import Limits

# Messages that are ready, and None for each lane once there are no more.
Built = asyncio.Queue[tuple[Mail, Message] | None]

# Small, so that nobody who writes to the database waits long for its claim.
BATCH = 40
PORTION = 8
# Connections side by side, one for so many mails: what a slow server takes, and at most what a crash leaves uncertain.
LANES = 4
MAILS_PER_LANE = 10
# One round gives way after this, so that stopping never waits for a queue of thousands.
ROUND_S = 10.0


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
async def way_out(installation: Installation) -> AsyncIterator[Way]:
    """Open a way out; its connection is made with the first message and kept."""
    settings = installation.settings
    folder = Folder(settings.data / "mail")
    if not settings.smtp_url:
        yield Way(None, folder)
        return
    async with Line(read_server(settings.smtp_url)) as line:
        yield Way(line, folder)


class Post:
    """Looks after the queue of an installation, round after round."""

    def __init__(self) -> None:
        self._workshop: Workshop | None = None

    async def send_due(self, installation: Installation) -> None:
        """Hand over mail that is due, for up to `ROUND_S`; the process that builds is kept while more is left."""
        async with installation.database.reading() as tx:
            if not await taking.has_work(tx, installation.clock.now()):
                self.close()
                return
        workshop = self._workshop or Workshop(installation.settings, installation.ticket_picture)
        self._workshop = workshop
        end = time.monotonic() + ROUND_S
        async with AsyncExitStack() as stack:
            ways = [await stack.enter_async_context(way_out(installation)) for _ in range(LANES)]
            sender = Sender(installation, ways, workshop)
            while time.monotonic() < end and await sender.send_batch(end):
                pass

    def close(self) -> None:
        """End what was kept for the next round."""
        if self._workshop is not None:
            self._workshop.close()
        self._workshop = None


async def send_due(installation: Installation) -> None:
    """Hand over mail that is due, once."""
    post = Post()
    try:
        await post.send_due(installation)
    finally:
        post.close()


def limits_of(installation: Installation) -> Limits:
    """Return how fast an installation may send."""
    settings = installation.settings
    return Limits(settings.mail_per_minute or None, dict(settings.mail_per_domain))


class Sender:
    """Sends batches, several mails side by side."""

    def __init__(self, installation: Installation, ways: Sequence[Way], workshop: Workshop) -> None:
        self._installation = installation
        self._ways = ways
        self._workshop = workshop
        self._token = uuid4().hex
        self._limits = limits_of(installation)

    async def send_batch(self, end: float) -> bool:
        """Claim a batch and send it; False when nothing is left or the server takes nothing."""
        at = self._installation.clock.now()
        async with self._installation.database.transaction() as tx:
            await taking.mark_lost(tx, at)
            probes = await stopping.read_stop(tx) is not None
            mails = await taking.claim(tx, self._token, at=at, limit=BATCH, limits=self._limits)
            drafts = await drafting.read_drafts(tx, mails)
        if len(drafts) == BATCH:
            await self._workshop.expand()
        book = Book(self._installation, self._token, probes=probes)
        # Not longer than a batch: what is built and not begun lies in memory.
        built: Built = asyncio.Queue()
        ways = self._ways[: 1 + len(drafts) // MAILS_PER_LANE]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._build(drafts, built, book, len(ways)))
            for way in ways:
                tasks.create_task(self._lane(way, built, book, end))
        async with self._installation.database.transaction() as tx:
            await taking.give_back(tx, self._token)
        return bool(drafts) and not book.is_closed

    async def _build(self, drafts: Sequence[Draft], built: Built, book: Book, lanes: int) -> None:
        for start in range(0, len(drafts), PORTION):
            if book.is_closed:
                break
            portion = drafts[start : start + PORTION]
            async with self._installation.database.transaction() as tx:
                tickets = [
                    await drafting.read_ticket(tx, draft, self._installation.ticket_text)
                    for draft in portion
                ]
            parcels = list(zip(portion, tickets, strict=True))
            for draft, message in zip(portion, await self._workshop.build(parcels), strict=True):
                built.put_nowait((draft.mail, message))
        for _ in range(lanes):
            built.put_nowait(None)

    async def _lane(self, way: Way, built: Built, book: Book, end: float) -> None:
        last: Done | None = None
        while made := await built.get():
            mail, message = made
            if book.is_closed or time.monotonic() > end:
                continue
            begun = await book.turn(last, mail)
            last = None
            if not begun:
                continue
            last = mail, await self._hand_over(way, mail, message)
            if last[1].is_closed or built.empty():
                # Nothing to begin at this moment, and what is done should not look as if it were not.
                await _write_down(book, last)
                last = None
        await _write_down(book, last)

    async def _hand_over(self, way: Way, mail: Mail, message: Message) -> Outcome:
        if isinstance(message, str):
            return Outcome(Fate.REFUSED, message)
        return await way.hand_over(self._installation.settings.mail_from, mail, message)


async def _write_down(book: Book, last: Done | None) -> None:
    """Write what became of the last mail, if there is one that nothing was written of yet."""
    if last is not None:
        await book.turn(last, None)
