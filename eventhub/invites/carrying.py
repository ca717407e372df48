"""Who writes messages and hands them over: this process for a few, one of its own for many (`postman`)."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from eventhub.mail.outcome import Fate, Outcome
from eventhub.mail.ways import Way
from eventhub.settings import Settings

from .model import Mail
from .writing import Draw, Message, Parcel, Unwritten, Writer


class Carrier(Protocol):
    """Writes messages ahead, and hands them over when told; `is_gone`: it ended, unasked."""

    @property
    def is_gone(self) -> bool: ...

    async def load(self, parcels: Sequence[Parcel]) -> dict[int, str]:
        """Write messages and keep them until they are delivered; return by mail the traces of bugs met."""

    async def deliver(self, mail_id: int, lane: int) -> Outcome:
        """Hand over a message that was loaded; one after the other in each lane, which keeps its connection."""

    async def rest(self) -> None:
        """Forget what was not delivered, and end the connections."""


class Desk:
    """Carries in the process that asks."""

    is_gone = False

    def __init__(self, settings: Settings, draw: Draw) -> None:
        self._settings = settings
        self._writer = Writer(settings, draw)
        self._ways: dict[int, Way] = {}
        self._loaded: dict[int, tuple[Mail, Message]] = {}

    async def load(self, parcels: Sequence[Parcel]) -> dict[int, str]:
        messages = await asyncio.to_thread(self._writer.messages, parcels)
        traces = {}
        for (draft, _), message in zip(parcels, messages, strict=True):
            self._loaded[draft.mail.id] = draft.mail, message
            if isinstance(message, Unwritten) and message.trace:
                traces[draft.mail.id] = message.trace
        return traces

    async def deliver(self, mail_id: int, lane: int) -> Outcome:
        mail, message = self._loaded.pop(mail_id)
        if isinstance(message, Unwritten):
            return Outcome(Fate.REFUSED, message.why)
        way = self._ways.setdefault(lane, Way(self._settings))
        return await way.hand_over(f"{mail.id:08d}-{mail.kind}", mail.to_address, message)

    async def rest(self) -> None:
        self._loaded.clear()
        ways, self._ways = self._ways, {}
        await asyncio.gather(*(way.close() for way in ways.values()))
