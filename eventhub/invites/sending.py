"""Handing mail over.

Each hand-over stands between two commits: `sending` before, what became of it after. A sender that dies in
between leaves `sending` behind, which is shown as uncertain once its lease is over and not sent again unasked.

This process claims mails and writes down what becomes of them; for many, another one writes the messages and speaks
to the server, so that nobody who is answered here waits for it.
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

import structlog

from eventhub.db.plain import hold_at_once
from eventhub.installation import Installation

from . import drafting, taking
from .book import Book, Done, Stand
from .carrying import Carrier, Desk
from .drafts import Draft
from .model import Mail
from .pace import Limits
from .postman import Gone, Postman
from .writing import Parcel

log = structlog.get_logger()

# Small, so that nobody who writes to the database waits long for its claim.
BATCH = 40
PORTION = 8
# Messages that wait, written and not begun, before more are written.
AHEAD = 16
# Connections side by side, one for so many mails: what a slow server takes, and at most what a crash leaves uncertain.
LANES = 4
MAILS_PER_LANE = 10
# One round gives way after this, so that stopping never waits for a queue of thousands.
ROUND_S = 10.0

# Mails that are ready, with who carries them, and None for each lane once there are no more.
Ready = asyncio.Queue[tuple[Mail, Carrier] | None]


class Post:
    """Looks after the queue of an installation, round after round; a process of its own is kept while there is more."""

    def __init__(self) -> None:
        self._postman: Postman | None = None
        self._goes_alone = False

    async def send_due(self, installation: Installation) -> None:
        """Hand over mail that is due, for up to `ROUND_S`."""
        async with installation.database.reading() as tx:
            if not await taking.has_work(tx, installation.clock.now()):
                await self.close()
                return
        sender = Sender(installation, self)
        end = time.monotonic() + ROUND_S
        try:
            while time.monotonic() < end and await sender.send_batch(end):
                pass
        finally:
            await sender.desk.rest()
            await self._rest()

    async def postman(self, installation: Installation, *, for_many: bool) -> Postman | None:
        """Return who carries beside this process: begun once there are many, unless that went wrong before."""
        if for_many and self._postman is None and not self._goes_alone:
            settings, draw = installation.settings, installation.ticket_picture
            try:
                self._postman = await Postman.start(settings, draw)
            except OSError as error:
                log.warning("no process to hand over mail could be begun", error=str(error))
                self._goes_alone = True
        return self._postman

    async def close(self) -> None:
        """End what was kept for the next round."""
        postman, self._postman, self._goes_alone = self._postman, None, False
        if postman is not None:
            await postman.close()

    async def _rest(self) -> None:
        if self._postman is None:
            return
        if self._postman.is_gone:
            # It was killed, for its memory perhaps. What is left goes out from here.
            log.warning("the process that hands over mail ended")
            await self.close()
            self._goes_alone = True
        else:
            await self._postman.rest()


async def send_due(installation: Installation) -> None:
    """Hand over mail that is due, once."""
    post = Post()
    try:
        await post.send_due(installation)
    finally:
        await post.close()


def limits_of(installation: Installation) -> Limits:
    """Return how fast an installation may send."""
    settings = installation.settings
    return Limits(settings.mail_per_minute or None, dict(settings.mail_per_domain))


class Sender:
    """Sends for one round, several mails side by side."""

    def __init__(self, installation: Installation, post: Post) -> None:
        self.desk = Desk(installation.settings, installation.ticket_picture)
        self._carrier: Carrier = self.desk
        self._installation = installation
        self._database = installation.database
        self._post = post
        self._token = uuid4().hex
        self._book = Book(installation, self._token)
        self._claimed: set[int] = set()
        self._end = 0.0

    async def send_batch(self, end: float) -> bool:
        """Send what may be sent before `end`, claim after claim, until there is nothing to claim.

        False when there was nothing or there is no use in going on. Else more may be left: mails wait for those before
        them.
        """
        self._end = end
        ready: Ready = asyncio.Queue(AHEAD)
        try:
            async with asyncio.TaskGroup() as tasks:
                feeding = tasks.create_task(self._feed(ready, tasks))
        finally:
            await self._give_back()
            await self._book.tell()
        return feeding.result() > 0 and not self._is_over

    @property
    def _is_over(self) -> bool:
        """Whether nothing more is begun."""
        return self._book.stand.is_closed or self._carrier.is_gone or time.monotonic() > self._end

    async def _feed(self, ready: Ready, tasks: asyncio.TaskGroup) -> int:
        """Claim mails and have them written, ahead of the lanes; return how many."""
        count = lanes = 0
        while not self._is_over and (drafts := await self._claim()):
            count += len(drafts)
            self._carrier = await self._carrier_for(len(drafts))
            for lane in range(lanes, min(LANES, 1 + len(drafts) // MAILS_PER_LANE)):
                tasks.create_task(self._lane(lane, ready))
                lanes = self._book.lanes = lane + 1
            tickets = await drafting.read_tickets(self._installation, drafts)
            parcels = [(draft, tickets.get(draft.mail.participant_id)) for draft in drafts]
            for start in range(0, len(parcels), PORTION):
                await self._load(parcels[start : start + PORTION], ready)
        for _ in range(lanes):
            await ready.put(None)
        return count

    async def _claim(self) -> list[Draft]:
        at, limits = self._installation.clock.now(), limits_of(self._installation)
        claim = taking.claim(self._token, at=at, limit=BATCH, limits=limits)
        claimed = await hold_at_once(self._database, claim)
        if not claimed.ids:
            return []
        self._claimed.update(claimed.ids)
        if claimed.probes:
            self._book.stand = Stand(probes=True)
        async with self._database.reading() as tx:
            return await drafting.read_drafts(tx, await taking.read_mails(tx, claimed.ids))

    async def _carrier_for(self, count: int) -> Carrier:
        postman = await self._post.postman(self._installation, for_many=count == BATCH)
        return postman or self.desk

    async def _load(self, portion: Sequence[Parcel], ready: Ready) -> None:
        if self._is_over:
            return
        carrier = self._carrier
        try:
            traces = await carrier.load(portion)
        except Gone:
            return
        for mail_id, trace in traces.items():
            log.error("mail could not be written", mail=mail_id, trace=trace)
        for draft, _ in portion:
            await ready.put((draft.mail, carrier))

    async def _lane(self, lane: int, ready: Ready) -> None:
        last: Done | None = None
        while item := await ready.get():
            mail, carrier = item
            if self._is_over:
                continue
            begun = await self._book.turn(last, mail)
            last = None
            if not begun:
                continue
            self._claimed.discard(mail.id)
            last = mail, await carrier.deliver(mail.id, lane)
            if last[1].is_closed or ready.empty():
                # Nothing to begin at this moment, and what is done should not look as if it were not.
                await self._write_down(last)
                last = None
        await self._write_down(last)

    async def _write_down(self, last: Done | None) -> None:
        """Write what became of the last mail, if there is one that nothing was written of yet."""
        if last is not None:
            await self._book.turn(last, None)

    async def _give_back(self) -> None:
        """Let others have what was claimed and not begun."""
        ids, self._claimed = sorted(self._claimed), set()
        if ids:
            await hold_at_once(self._database, taking.give_back(ids, self._token))
