"""From the queue to a letter: what is read only when a mail is written joins what was frozen in it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events import actions as events
from eventhub.installation import Installation, TicketPicture
from eventhub.language import Reader, choose
from eventhub.mail.message import Letter
from eventhub.participants.links import PersonalLinks

from . import letters, queue
from .model import Mail


def office_of(installation: Installation) -> letters.Office:
    """Return who writes in this installation."""
    settings = installation.settings
    links = PersonalLinks(settings.secret, settings.base_url)
    return letters.Office(settings.mail_from, settings.reply_to, links)


def write(draft: letters.Draft, office: letters.Office) -> Letter:
    """Return the letter, in the language chosen when it was queued."""
    language = choose([draft.mail.language]) or "en"
    return letters.write(draft, office, Reader(language, draft.event.zone))


async def read_drafts(
    tx: AsyncConnection, installation: Installation, mails: Sequence[Mail]
) -> list[letters.Draft]:
    """Return mails with what is read only when they are written; tickets are made where there are none yet."""
    live = await queue.read_live(tx, mails)
    known = {id: await events.get_event_by_id(tx, id) for id in {mail.event_id for mail in mails}}
    drafts = []
    for mail in mails:
        generation, answer = live[mail.id]
        draft = letters.Draft(mail, known[mail.event_id], generation, answer)
        if draft.wants_ticket:
            text = await installation.ticket_text(tx, mail.participant_id)
            picture = _picture(installation.ticket_picture, text) if text else None
            draft = replace(draft, ticket=picture or None)
        drafts.append(draft)
    return drafts


@lru_cache(maxsize=512)
def _picture(draw: TicketPicture, text: str) -> bytes:
    """Draw a ticket once: who comes on site gets it in every mail."""
    return draw(text)
