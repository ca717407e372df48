"""An opened data folder: what commands, jobs and the web application share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.clock import Clock
from eventhub.db.engine import Database
from eventhub.settings import Settings

TicketText = Callable[[AsyncConnection, int], Awaitable[str | None]]
TicketPicture = Callable[[str], bytes]


async def no_ticket(_tx: AsyncConnection, _participant_id: int) -> str | None:
    """Say that nobody has a ticket: an installation composed without check-in."""
    return None


def no_picture(_text: str) -> bytes:
    """Draw nothing: nobody has a ticket either."""
    return b""


@dataclass(frozen=True)
class Installation:
    """Settings, clock and database of one data folder.

    `ticket_text` lets mail carry a participant's ticket without knowing check-in: it returns the text of the QR
    code, or None for who attends from afar. `ticket_picture` draws such a text as a PNG. The composition root
    sets both.
    """

    settings: Settings
    clock: Clock
    database: Database
    ticket_text: TicketText = field(default=no_ticket)
    ticket_picture: TicketPicture = field(default=no_picture)
