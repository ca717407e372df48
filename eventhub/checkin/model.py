"""Checkpoints, scans, and what is decided about them. The words are those of the interface's *Passages*."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from eventhub.events.model import Attendance
from eventhub.wording import Text


class CheckpointKind(StrEnum):
    """A `gate` leads into the event, a `door` into one of its rooms."""

    GATE = "gate"
    DOOR = "door"


class Way(StrEnum):
    ENTRY = "entry"
    EXIT = "exit"


class Status(StrEnum):
    """`incomplete`: something can still be asked, then the ticket is scanned again under a new nonce."""

    OK = "ok"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a scan does not admit: the closed list."""

    UNKNOWN = "unknown"
    BAD_SIGNATURE = "bad_signature"
    REVOKED = "revoked"
    WRONG_EVENT = "wrong_event"
    NOT_TODAY = "not_today"
    NOT_ONSITE = "not_onsite"
    NOT_IN_AUDIENCE = "not_in_audience"
    ALREADY_IN = "already_in"
    FULL = "full"
    DECLARATION_MISSING = "declaration_missing"
    DECLARATION_UNFIT = "declaration_unfit"
    TEMPERATURE_HIGH = "temperature_high"
    TEMPERATURE_MISSING = "temperature_missing"
    MASK_MISSING = "mask_missing"
    PROOF_MISSING = "proof_missing"
    PROOF_EXPIRED = "proof_expired"
    CHECKPOINT_CLOSED = "checkpoint_closed"
    NOT_ALLOWED = "not_allowed"
    MALFORMED = "malformed"


NO_TICKET = frozenset({Reason.UNKNOWN, Reason.BAD_SIGNATURE, Reason.WRONG_EVENT})
ASKABLE = frozenset({Reason.TEMPERATURE_MISSING, Reason.MASK_MISSING})
HEALTH = frozenset(
    {
        Reason.DECLARATION_MISSING,
        Reason.DECLARATION_UNFIT,
        Reason.TEMPERATURE_HIGH,
        Reason.TEMPERATURE_MISSING,
        Reason.MASK_MISSING,
        Reason.PROOF_MISSING,
        Reason.PROOF_EXPIRED,
    }
)


class ConflictKind(StrEnum):
    """What an organizer looks at after offline scans have come in."""

    TWO_PLACES = "two_places"
    OVER_LIMIT = "over_limit"
    REFUSED_ELSEWHERE = "refused_elsewhere"
    REVOKED = "revoked"
    ALREADY_IN = "already_in"
    UNKNOWN_TICKET = "unknown_ticket"


class Override(StrEnum):
    """Which refusals a scanning person may override."""

    NONE = "none"
    HEALTH = "health"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where tickets are scanned; a gate has no room. `place_limit`: how many may be inside, None for no limit."""

    id: int
    event_id: int
    code: str
    name: str
    kind: CheckpointKind
    room_id: int | None
    room: str | None
    room_name: str | None
    open: bool
    limit: int | None
    place_limit: int | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Ticket:
    """A participant's ticket; `text` is what its QR code holds."""

    id: int
    participant_id: int
    text: str
    issued_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketKey:
    """A key that signs tickets; `signed`: the live tickets that bear its signature."""

    key_id: int
    created_at: datetime
    retired_at: datetime | None
    signed: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured and seen at the gate; None where nobody looked."""

    temperature_c: float | None = None
    mask: bool | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A participant's answers for one event day."""

    date: date
    symptoms: bool
    contact: bool
    travel: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A test or vaccination that an officer saw. `negative` is for tests, `doses` for vaccines."""

    kind: Literal["antigen", "pcr", "vaccine"]
    taken_at: datetime
    negative: bool | None = None
    doses: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose ticket was scanned; `instead` is who comes to the whole event in their place, "" where nobody does."""

    participant_id: int
    ticket_id: int
    name: str
    position: str
    delegation_id: int
    delegation: str
    attendance: Attendance
    revoked_at: datetime | None = None
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """One readable item of a batch. `text` is the cleaned text; `fingerprint` what is kept of it."""

    nonce: str
    text: str
    fingerprint: str
    checkpoint: Checkpoint
    way: Way
    scanned_at: datetime
    day: date
    reading: Reading | None
    force: bool
    force_reason: str | None
    offline: bool
    decided: Literal["ok", "refused"] | None


@dataclass(frozen=True, slots=True)
class Fact:
    """What a stored passage says, as visits and conflicts are computed from it.

    `room_id` is None at a gate. `objection`: the refusal this scan would have met for itself alone;
    `health`: the one it would have met if the gate had to ask; `limit`: the checkpoint's at arrival.
    """

    scanned_at: datetime
    nonce: str
    participant_id: int | None
    day: date
    way: Way
    checkpoint: str
    room_id: int | None
    status: Status
    reason: Reason | None = None
    objection: Reason | None = None
    health: Reason | None = None
    limit: int | None = None
    forced: bool = False
    offline: bool = False
    decided: Literal["ok", "refused"] | None = None

    @property
    def order(self) -> tuple[datetime, str]:
        """Facts are told in the order of their scans, whenever they arrived."""
        return self.scanned_at, self.nonce


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a room, or in the event (`room_id` None). Open: `left_at` None, until its day ends."""

    participant_id: int
    room_id: int | None
    day: date
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class PassageConflict:
    """Something an organizer should look into; `nonces` in the order of the scans, the one in question last."""

    kind: ConflictKind
    participant_id: int | None
    nonces: tuple[str, ...]
    explanation: Text


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one item. `nonce` is as it was sent, None when none could be read."""

    nonce: str | None
    status: Status
    reason: Reason | None
    explanation: Text
    holder: Holder | None = None
    checkpoint: str | None = None
    inside: int | None = None
    limit: int | None = None
    conflicts: tuple[PassageConflict, ...] = field(default=())
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Who is inside a room, of how many; the event itself has no room."""

    room: str | None
    name: str | None
    checkpoints: tuple[str, ...]
    inside: int
    limit: int | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Device:
    """A phone that is a scanner, bound to `checkpoints` by code (none: all)."""

    id: int
    event_id: int
    name: str
    checkpoints: tuple[str, ...]
    may_override: bool
    may_search: bool
    enrolled_at: datetime
    last_scan_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A one-time link, not yet used, that makes a phone a scanner."""

    id: int
    event_id: int
    device_name: str
    checkpoints: tuple[str, ...]
    may_override: bool
    may_search: bool
    expires_at: datetime
