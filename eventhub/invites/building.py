"""Writing letters as messages: a few in a thread, many in a process of their own that gives way to who is answered.

A message takes some 10 ms, most of it spent on its ticket and its parts; a thousand in the server's own process would
be felt at the gate.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import structlog

from eventhub.errors import Invalid
from eventhub.installation import TicketPicture
from eventhub.mail.message import compose
from eventhub.settings import Settings

from .drafting import Writer
from .drafts import Draft

log = structlog.get_logger()

# Politeness towards whoever waits for an answer: 0 is none, 19 the most.
NICE = 5

# A message, or why it cannot be written.
Message = bytes | str
Parcel = tuple[Draft, str | None]


def build(writer: Writer, parcels: Sequence[Parcel]) -> list[Message]:
    """Return the messages of drafts with the texts of their tickets."""
    return [_build(writer, *parcel) for parcel in parcels]


def _build(writer: Writer, draft: Draft, ticket: str | None) -> Message:
    try:
        return compose(writer.write(draft, ticket))
    except Invalid as refusal:
        return str(refusal.text)
    except Exception as error:  # One mail that cannot be written holds up no other.
        log.exception("mail could not be written", mail=draft.mail.id)
        return f"{type(error).__name__}: {error}"


def work(pipe: Connection, settings: Settings, picture: TicketPicture) -> None:
    """Build what comes through the pipe until its other end is closed, or whoever held it died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    writer = Writer(settings, picture)
    while True:
        try:
            parcels = pipe.recv()
            pipe.send(build(writer, parcels))
        except (EOFError, OSError):
            return


class Workshop:
    """Builds messages; `expand` begins a process for many, `close` ends it."""

    def __init__(self, settings: Settings, picture: TicketPicture) -> None:
        self._settings = settings
        self._picture = picture
        self._writer = Writer(settings, picture)
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    async def expand(self) -> None:
        """Begin a process if there is none."""
        if self._process is not None:
            return
        spawn = get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=work, args=(theirs, self._settings, self._picture), daemon=True
        )
        try:
            await asyncio.to_thread(self._process.start)
        finally:
            theirs.close()

    async def build(self, parcels: Sequence[Parcel]) -> list[Message]:
        """Return messages in the order of their drafts."""
        pipe = self._pipe
        if pipe is not None:
            try:
                return await asyncio.to_thread(_ask, pipe, parcels)
            except (EOFError, OSError):
                # It was killed, for its memory perhaps; its work is done here.
                log.warning("the process that builds mail ended")
                self.close()
        return await asyncio.to_thread(build, self._writer, parcels)

    def close(self) -> None:
        """End the process, if there is one."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None and self._process.pid is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._process = self._pipe = None


def _ask(pipe: Connection, parcels: Sequence[Parcel]) -> list[Message]:
    pipe.send(parcels)
    built: list[Message] = pipe.recv()
    return built
