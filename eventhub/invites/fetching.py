"""Answers that lie in a mailbox: each is taken in a transaction of its own, then marked.

Between the two it may be taken again, which changes nothing.
"""

import asyncio
import time

import structlog

from eventhub.installation import Installation
from eventhub.mail.imap import Mailbox, Unreachable, read_mailbox

from . import answers, inbox

log = structlog.get_logger()

# One round gives way after this, so that stopping never waits for a mailbox of thousands.
ROUND_S = 10.0


async def fetch_answers(installation: Installation) -> None:
    """Take in what came since the last time, where a mailbox is set; a mailbox that does not open is logged."""
    if not installation.settings.imap_url:
        return
    try:
        server, folder = read_mailbox(installation.settings.imap_url)
        mailbox = Mailbox(server, folder, size_limit=inbox.SIZE_LIMIT)
        await asyncio.to_thread(mailbox.__enter__)
    except (Unreachable, ValueError) as error:
        log.warning("mailbox does not open", reason=str(error))
        return
    try:
        await _take_all(installation, mailbox)
    except Unreachable as error:
        log.warning("mailbox broke off", reason=str(error))
    finally:
        await asyncio.to_thread(mailbox.close)


async def _take_all(installation: Installation, mailbox: Mailbox) -> None:
    end = time.monotonic() + ROUND_S
    done: set[bytes] = set()
    while uids := [uid for uid in await asyncio.to_thread(mailbox.unread) if uid not in done]:
        for uid in uids:
            found = await asyncio.to_thread(_read, mailbox, uid)
            async with installation.database.transaction() as tx:
                taken = await answers.take(tx, found, at=installation.clock.now())
            await asyncio.to_thread(mailbox.mark, uid)
            done.add(uid)
            log.info("mail received", kind=taken.kind.value, text=str(taken.text))
            if time.monotonic() > end:
                return


def _read(mailbox: Mailbox, uid: bytes) -> answers.Found:
    message = mailbox.fetch(uid)
    return inbox.Nothing(inbox.too_large()) if message is None else inbox.read(message)
