"""Answers that lie in a mailbox: each is taken in a transaction of its own, then marked.

Between the two it may be taken again, which changes nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator

import structlog

from eventhub.installation import Installation
from eventhub.mail.imap import Mailbox, Unreachable, read_mailbox

from . import answers, inbox
from .mime_parts import Nothing

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
    """Take in what is unread; a message that fails stays unread and stops none of the others."""
    async for uid in _unread(mailbox):
        try:
            await _take(installation, mailbox, uid)
        except Unreachable:
            raise
        except Exception:  # It is tried again in the next round.
            log.exception("mail could not be taken in", uid=uid.decode())


async def _unread(mailbox: Mailbox) -> AsyncIterator[bytes]:
    """Yield the UIDs of what is unread, also of what comes meanwhile, each once, until the round is over."""
    end = time.monotonic() + ROUND_S
    done: set[bytes] = set()
    while uids := [uid for uid in await asyncio.to_thread(mailbox.unread) if uid not in done]:
        for uid in uids:
            yield uid
            done.add(uid)
            if time.monotonic() > end:
                return


async def _take(installation: Installation, mailbox: Mailbox, uid: bytes) -> None:
    found = await asyncio.to_thread(_read, mailbox, uid)
    async with installation.database.transaction() as tx:
        taken = await answers.take(tx, found, at=installation.clock.now())
    await asyncio.to_thread(mailbox.mark, uid)
    log.info("mail received", kind=taken.kind.value, text=str(taken.text))


def _read(mailbox: Mailbox, uid: bytes) -> answers.Found:
    message = mailbox.fetch(uid)
    return Nothing(inbox.too_large()) if message is None else inbox.read(message)
