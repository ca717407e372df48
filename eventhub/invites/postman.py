"""A process that writes messages and hands them over, and gives way to who is answered.

A message takes some 5 ms to write and 2 more to hand over; a thousand in the server's own process would be felt at the
gate. It touches no database: whoever holds the other end of its socket says what to write and when to deliver it, and
writes down around each hand-over where the mail stands. When that end is closed, or its holder died, it ends at once;
what it had in hand then is as uncertain as if the holder had handed it over itself.
"""

import asyncio
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self

from eventhub.mail.outcome import Fate, Outcome
from eventhub.settings import Settings

from .carrying import Desk
from .writing import Draw, Parcel

# Politeness towards whoever waits for an answer: 0 is none, 19 the most.
NICE = 10
# It rests for so much of the time it computed: whoever wakes meanwhile finds a core free.
REST = 0.5
# How long what the mail server answered waits at most while a message is written; 5 ms by default.
SWITCH_S = 0.0005
# A frame: its length, then the pickled number of a request with its name and arguments, or with its result.
STDERR = 2
GONE = "The process that hands over mail ended."
_LENGTH = struct.Struct(">I")


class Gone(ConnectionError):
    """The process ended."""


class Fault(RuntimeError):
    """A bug in the process."""


class Postman:
    """Carries by a process of its own."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._writer = writer
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self.is_gone = False
        self._listening = asyncio.create_task(self._listen(reader))

    @classmethod
    async def start(cls, settings: Settings, draw: Draw) -> Self:
        """Begin the process."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.to_thread(_begun, theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        postman = cls(process, reader, writer)
        _send(writer, (settings, draw))
        return postman

    async def load(self, parcels: Sequence[Parcel]) -> dict[int, str]:
        traces: dict[int, str] = await self._ask("load", parcels)
        return traces

    async def deliver(self, mail_id: int, lane: int) -> Outcome:
        if self.is_gone:
            return Outcome(Fate.LATER, GONE)
        try:
            outcome: Outcome = await self._ask("deliver", mail_id, lane)
        except Gone as error:
            return Outcome(Fate.UNCERTAIN, str(error))
        return outcome

    async def rest(self) -> None:
        await self._ask("rest")

    async def close(self) -> None:
        """End the process."""
        self._writer.close()
        self._process.kill()
        await asyncio.to_thread(self._process.wait)
        await self._listening

    async def _ask(self, name: str, *arguments: Any) -> Any:
        if self.is_gone:
            raise Gone(GONE)
        self._number += 1
        answer = self._asked[self._number] = asyncio.get_running_loop().create_future()
        _send(self._writer, (self._number, name, arguments))
        return await answer

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                number, result = await _received(reader)
                answer = self._asked.pop(number)
                if answer.done():
                    continue
                if isinstance(result, Fault):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)
        except (asyncio.IncompleteReadError, OSError):
            pass  # it was killed, for its memory perhaps
        finally:
            self.is_gone = True
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(Gone(GONE))


def _begun(theirs: socket.socket) -> subprocess.Popen[bytes]:
    end = theirs.fileno()
    # It finds modules where this process does, whatever the reason it does.
    program = f"import sys; sys.path[:] = {sys.path!r}; import {__name__} as it; it.serve({end})"
    return subprocess.Popen(  # noqa: S603 -- a text of ours
        [sys.executable, "-c", program],
        pass_fds=[end],
        stdin=subprocess.DEVNULL,
        stdout=STDERR,
    )


async def _serve(number: int) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=number))
    desk = Desk(*await _received(reader))
    does: dict[str, Callable[..., Awaitable[Any]]] = {
        "load": partial(_load, desk),
        "deliver": desk.deliver,
        "rest": desk.rest,
    }
    at_work: set[asyncio.Task[None]] = set()

    async def answer(number: int, name: str, arguments: Any) -> None:
        try:
            result = await does[name](*arguments)
        except Exception as error:  # noqa: BLE001 -- it is raised where it was asked
            result = Fault(f"{type(error).__name__}: {error}")
        _send(writer, (number, result))

    while True:
        task = asyncio.create_task(answer(*await _received(reader)))
        at_work.add(task)
        task.add_done_callback(at_work.discard)


async def _load(desk: Desk, parcels: Sequence[Parcel]) -> dict[int, str]:
    traces: dict[int, str] = {}
    for parcel in parcels:
        began = time.process_time()
        traces |= await desk.load([parcel])
        await asyncio.sleep(REST * (time.process_time() - began))
    return traces


def _send(writer: asyncio.StreamWriter, frame: Any) -> None:
    packed = pickle.dumps(frame, pickle.HIGHEST_PROTOCOL)
    writer.write(_LENGTH.pack(len(packed)) + packed)


async def _received(reader: asyncio.StreamReader) -> Any:
    [length] = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return pickle.loads(await reader.readexactly(length))  # noqa: S301 -- from our own process


def serve(end: int) -> None:
    """Serve the socket with this number until its other end is closed."""
    # Whoever stops the server stops what it has begun in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(NICE)
    sys.setswitchinterval(SWITCH_S)
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        asyncio.run(_serve(end))
