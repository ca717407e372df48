"""Invitations, what people were told, and the mails that tell them."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from eventhub.events.model import Attendance


class Kind(StrEnum):
    """What a mail is for: a welcome without a session, one session's first word, change or end.

    `notice`: what a release changed in sessions that somebody has in their agenda and gets no invitations to;
    `reminder`: somebody's sessions of a day, before it; `instead`: who comes in the reader's place, in words.
    """

    WELCOME = "welcome"
    REQUEST = "request"
    UPDATE = "update"
    CANCEL = "cancel"
    NOTICE = "notice"
    REMINDER = "reminder"
    INSTEAD = "instead"


# What somebody needs to hold of an event: it goes out even to who wants no other mail.
RECORDS = (Kind.WELCOME, Kind.REQUEST, Kind.UPDATE, Kind.CANCEL, Kind.INSTEAD)


class Method(StrEnum):
    """The iTIP method last sent (RFC 5546, 1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class State(StrEnum):
    """Where a mail stands.

    `draft` waits for an organizer, `queued` for its turn, `sending` is with the server this moment.
    `uncertain` may have arrived (the connection or the sender died after the content went out), so
    only a person sends it again. `superseded`: overtaken by a later change, or a draft taken out by an organizer.
    """

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody named beside whom a session is told to; `address` as mail reaches them, "" where none does."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A session as it is told to somebody. Moments are UTC; `place` is the room for whoever comes on site, else "".

    `delegated_to` is who comes in the reader's place, `delegated_from` in whose place the reader comes.
    """

    code: str
    title: str
    abstract: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    attendance: Attendance
    generation: int
    address: str
    delegated_to: Other | None = None
    delegated_from: Other | None = None

    def stored(self) -> dict[str, Any]:
        """Return the form kept as JSON."""
        others = {"delegated_to": self.delegated_to, "delegated_from": self.delegated_from}
        return {
            "code": self.code,
            "title": self.title,
            "abstract": self.abstract,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "time_zone": self.time_zone,
            "place": self.place,
            "attendance": str(self.attendance),
            "generation": self.generation,
            "address": self.address,
            **{name: asdict(one) for name, one in others.items() if one},
        }

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Facts":
        """Return what `stored` wrote."""
        return cls(
            code=stored["code"],
            title=stored["title"],
            abstract=stored["abstract"],
            starts_at=datetime.fromisoformat(stored["starts_at"]),
            ends_at=datetime.fromisoformat(stored["ends_at"]),
            time_zone=stored["time_zone"],
            place=stored["place"],
            attendance=Attendance(stored["attendance"]),
            generation=stored["generation"],
            address=stored["address"],
            delegated_to=_other(stored.get("delegated_to")),
            delegated_from=_other(stored.get("delegated_from")),
        )

    def remembered(self) -> "Facts":
        """Return what an invitation keeps of them: the abstract as its digest only."""
        return replace(self, abstract=sha256(self.abstract.encode()).hexdigest()[:16])


def _other(stored: dict[str, str] | None) -> Other | None:
    return Other(**stored) if stored else None


@dataclass(frozen=True, slots=True)
class Guest:
    """A participant as far as mail goes.

    `address` is their own, else their office's, else ""; `delegation` the office's code and `office`
    its name; `time_zone` the office's (IANA, "" for the event's).
    """

    id: int
    name: str
    position: str
    delegation: str
    office: str
    time_zone: str
    in_place_of: str | None
    address: str
    language: str
    attendance: Attendance
    generation: int


@dataclass(frozen=True, slots=True)
class Item:
    """A session of the last release, as far as invitations go. Moments are UTC."""

    id: int
    code: str
    title: str
    abstract: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    is_cancelled: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Seat:
    """That somebody is invited to a session, and how they attend it."""

    session_id: int
    participant_id: int
    attendance: Attendance


@dataclass(frozen=True, slots=True)
class Invitation:
    """What one person holds of one session: `sequence` and `method` as last sent, `told` what it said.

    `is_draft`: the last mail waits for approval, so what they really hold is `earlier` (None: nothing yet).
    """

    id: int
    participant_id: int
    session_id: int
    uid: str
    sequence: int
    method: Method
    told: Facts
    is_draft: bool = False
    earlier: "Invitation | None" = None

    @property
    def known(self) -> "Invitation | None":
        """What the person holds if no draft goes out."""
        return self.earlier if self.is_draft else self

    def stored(self) -> dict[str, Any]:
        """Return what a mail keeps of it, to come back to when the mail does not go out."""
        return {
            "sequence": self.sequence,
            "method": str(self.method),
            "attendance": str(self.told.attendance),
            "told": self.told.stored(),
        }

    def as_stored(self, stored: dict[str, Any] | None) -> "Invitation | None":
        """Return it as `stored` wrote it, None where nothing was."""
        if stored is None:
            return None
        told, method = Facts.read(stored["told"]), Method(stored["method"])
        return replace(self, sequence=stored["sequence"], method=method, told=told)


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell one person about one session.

    `before` is what they were told last, None the first time.

    `is_off`: the session does not take place, rather than without them.
    """

    kind: Kind
    participant_id: int
    session_id: int
    sequence: int
    facts: Facts
    before: Facts | None = None
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be told about invitations.

    `withdrawn` are drafts that nothing is left of, as the programme went back to what people know; `unchanged` counts
    those that stay as they are.
    """

    news: list[News]
    withdrawn: list[Invitation]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A message of the queue, with what is needed to write it."""

    id: int
    event_id: int
    participant_id: int
    session_id: int | None
    kind: Kind
    state: State
    to_address: str
    subject: str
    language: str
    payload: dict[str, Any]
    message_id: str
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    last_error: str
    release: int | None = None
