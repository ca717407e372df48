"""From the queue to a letter: what is read only when a mail is written joins what was frozen in it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events import actions as events
from eventhub.installation import TicketPicture, TicketText
from eventhub.language import Reader, choose
from eventhub.mail.message import Letter
from eventhub.participants.links import PersonalLinks
from eventhub.settings import Settings

from . import letters, taking
from .drafts import Draft, Office
from .model import Mail


async def read_drafts(tx: AsyncConnection, mails: Sequence[Mail]) -> list[Draft]:
    """Return mails with what is read only when they are written, but for the ticket."""
    live = await taking.read_live(tx, mails)
    known = {id: await events.get_event_by_id(tx, id) for id in {mail.event_id for mail in mails}}
    return [Draft(mail, known[mail.event_id], *live[mail.id]) for mail in mails]


async def read_ticket(tx: AsyncConnection, draft: Draft, ticket_text: TicketText) -> str | None:
    """Return the text of the ticket a mail shows, made where there is none yet; None where it shows none."""
    if not draft.wants_ticket:
        return None
    return await ticket_text(tx, draft.mail.participant_id)


class Writer:
    """Writes letters; `picture` draws the text of a ticket. Needs no database."""

    def __init__(self, settings: Settings, picture: TicketPicture) -> None:
        links = PersonalLinks(settings.secret, settings.base_url)
        self._office = Office(settings.mail_from, settings.reply_to, links)
        self._picture = picture

    def write(self, draft: Draft, ticket: str | None) -> Letter:
        """Return the letter, in the language chosen when it was queued.

        Computes for some 3 ms, and 15 more to draw a ticket for the first time: call it in a thread.
        """
        language = choose([draft.mail.language]) or "en"
        if ticket:
            draft = replace(draft, ticket=_picture(self._picture, ticket) or None)
        return letters.write(draft, self._office, Reader(language, draft.event.zone))


@lru_cache(maxsize=512)
def _picture(draw: TicketPicture, text: str) -> bytes:
    """Draw a ticket once: who comes on site gets it in every mail."""
    return draw(text)
