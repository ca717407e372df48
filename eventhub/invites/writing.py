"""Drafts become messages. Needs no database, so that a process that does nothing else stays small."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from secrets import token_urlsafe
from traceback import format_exc

from eventhub.errors import Invalid
from eventhub.language import Reader, choose
from eventhub.mail.message import Letter, compose
from eventhub.participants.links import PersonalLinks
from eventhub.settings import Settings

from . import letters
from .drafts import Draft, Office

# Draws the text of a ticket as a PNG.
Draw = Callable[[str], bytes]
# A draft, and the text of the ticket it shows.
Parcel = tuple[Draft, str | None]


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Why a message could not be written, for a person; `trace` where that is a bug."""

    why: str
    trace: str = ""


Message = bytes | Unwritten


class Writer:
    """Writes letters."""

    def __init__(self, settings: Settings, draw: Draw) -> None:
        links = PersonalLinks(settings.secret, settings.base_url)
        self._office = Office(settings.mail_from, settings.reply_to, links)
        # Signed with a secret nobody keeps: they look alike and open nothing, so whoever looks answers for nobody.
        dead = PersonalLinks(token_urlsafe(32), settings.base_url)
        self._looked_at = replace(self._office, links=dead)
        self._draw = draw

    def write(self, draft: Draft, ticket: str | None) -> Letter:
        """Return the letter to be looked at, in the language chosen when it was queued; its links open nothing.

        Computes for some 2 ms, and as long again to draw a ticket for the first time: call it in a thread.
        """
        return self._write(draft, ticket, self._looked_at)

    def _write(self, draft: Draft, ticket: str | None, office: Office) -> Letter:
        language = choose([draft.mail.language]) or "en"
        if ticket:
            draft = replace(draft, ticket=_drawn(self._draw, ticket) or None)
        return letters.write(draft, office, Reader(language, draft.event.zone))

    def messages(self, parcels: Sequence[Parcel]) -> list[Message]:
        """Return what is sent of each draft."""
        return [self._message(*parcel) for parcel in parcels]

    def _message(self, draft: Draft, ticket: str | None) -> Message:
        try:
            return compose(self._write(draft, ticket, self._office))
        except Invalid as refusal:
            return Unwritten(str(refusal.text))
        except Exception as error:  # noqa: BLE001 -- one mail that cannot be written holds up no other
            return Unwritten(f"{type(error).__name__}: {error}", format_exc())


@lru_cache(maxsize=512)
def _drawn(draw: Draw, text: str) -> bytes:
    """Draw a ticket once: who comes on site gets it in every mail."""
    return draw(text)
