"""An opened data folder: what commands, jobs and the web application share."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from eventhub.clock import Clock
from eventhub.db.engine import Database
from eventhub.settings import Settings

TicketTexts = Callable[[Database, Collection[int]], Awaitable[dict[int, str]]]
TicketPicture = Callable[[str], bytes]


async def no_tickets(_database: Database, _participant_ids: Collection[int]) -> dict[int, str]:
    """Say that nobody has a ticket: an installation composed without check-in."""
    return {}


def no_picture(_text: str) -> bytes:
    """Draw nothing: nobody has a ticket either."""
    return b""


@dataclass(frozen=True)
class Installation:
    """Settings, clock and database of one data folder.

    `ticket_texts` lets mail carry participants' tickets without knowing check-in: it returns the texts of their QR
    codes by participant, without those who attend from afar. `ticket_picture` draws such a text as a PNG. The
    composition root sets both.
    """

    settings: Settings
    clock: Clock
    database: Database
    ticket_texts: TicketTexts = field(default=no_tickets)
    ticket_picture: TicketPicture = field(default=no_picture)
