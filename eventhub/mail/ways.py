"""Where mail goes: a line to the server, or the folder where there is none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eventhub.mail.folder import Folder
from eventhub.mail.outcome import Outcome
from eventhub.mail.smtp import Line, read_server
from eventhub.settings import Settings


class Way:
    """One way out; a line's connection is made with the first message and kept."""

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.mail_from
        self._line = Line(read_server(settings.smtp_url)) if settings.smtp_url else None
        self._folder = Folder(settings.data / "mail")

    async def hand_over(self, name: str, recipient: str, message: bytes) -> Outcome:
        """Hand over a message to one recipient; `name` is that of its file in the folder."""
        if self._line is None:
            return await self._folder.keep(name, message)
        return await self._line.hand_over(self._sender, recipient, message)

    async def close(self) -> None:
        """Say goodbye to the server."""
        if self._line is not None:
            await self._line.close()


@asynccontextmanager
async def way_out(settings: Settings) -> AsyncIterator[Way]:
    """Open a way for as long as the block lasts."""
    way = Way(settings)
    try:
        yield way
    finally:
        await way.close()
