"""What comes in by mail: answers, mails that came back, and the invitation as an answer finds it."""

from dataclasses import dataclass, field
from datetime import datetime

from eventhub.participants.model import Rsvp

from .model import Method


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer by mail. Addresses are in lower case, `dtstamp` is UTC.

    `sent_by` is who wrote it for the attendee, `delegate` who comes instead; "" where nobody.
    """

    uid: str
    attendee: str
    partstat: Rsvp
    sequence: int
    dtstamp: datetime
    sent_by: str = field(default="", compare=False)
    delegate: str = ""
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back: the Message-IDs it may have had, for whom it was, and why in the server's words."""

    message_ids: tuple[str, ...]
    recipient: str
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """An invitation as an answer finds it.

    `sequence` and `address` as last told; `replied_…` tell of the last answer by mail that counted (`replied_at`: when
    it came in), `answered_at` when any answer was last given and `answer` which.
    """

    id: int
    event_id: int
    participant_id: int
    session_id: int
    uid: str
    name: str
    session: str
    title: str
    method: Method
    sequence: int
    address: str
    replied_sequence: int | None = None
    replied_dtstamp: datetime | None = None
    replied_at: datetime | None = None
    answered_at: datetime | None = None
    answer: Rsvp = Rsvp.NEEDS_ACTION
