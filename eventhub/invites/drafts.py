"""Who writes mail, and a mail of the queue with what is read only when it is written."""

from dataclasses import dataclass

from eventhub.events.model import Attendance, Event
from eventhub.participants.links import PersonalLinks

from .model import Facts, Kind, Mail


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes: where mail comes from, where answers go, and the maker of personal links."""

    sender: str
    reply_to: str
    links: PersonalLinks


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail with what is read only when it is written.

    `generation` makes the links, `answer` is what the person said last, `ticket` the PNG of their code.
    """

    mail: Mail
    event: Event
    generation: int
    answer: str = "needs_action"
    ticket: bytes | None = None

    @property
    def wants_ticket(self) -> bool:
        """Whether this mail shows a ticket to whoever has one."""
        if self.mail.kind in {Kind.WELCOME, Kind.NOTICE, Kind.INSTEAD}:
            return self.mail.kind is Kind.WELCOME
        if self.mail.kind is Kind.REMINDER:
            return any(
                one["attendance"] == Attendance.ONSITE for one in self.mail.payload["sessions"]
            )
        return self.mail.kind is not Kind.CANCEL and self.facts.attendance is Attendance.ONSITE

    @property
    def facts(self) -> Facts:
        return Facts.read(self.mail.payload["facts"])
