"""Questions, polls, and how a session takes them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a question stands: the audience sees it once approved, and still when it was answered."""

    WAITING = "waiting"
    APPROVED = "approved"
    ANSWERED = "answered"
    REJECTED = "rejected"


class PollState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Names(StrEnum):
    """What the audience reads of who asks."""

    FULL = "full"
    OFFICE = "office"
    NONE = "none"


class Act(StrEnum):
    """What a moderator does with a question."""

    APPROVE = "approve"
    REJECT = "reject"
    ANSWERED = "answered"
    PIN = "pin"
    UNPIN = "unpin"


class PollAct(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Floor:
    """How a session takes questions."""

    session_id: int
    is_open: bool = True
    names: Names = Names.OFFICE
    may_be_anonymous: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked. `is_mine` and `is_voted` hold for whoever it was read for; moments are UTC."""

    id: int
    session_id: int
    text: str
    name: str
    office: str
    is_anonymous: bool
    state: State
    is_pinned: bool
    asked_at: datetime
    votes: int
    is_mine: bool = False
    is_voted: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether the audience sees it."""
        return self.state in {State.APPROVED, State.ANSWERED}

    def byline(self, names: Names) -> str:
        """Return who asks, as far as it may be shown; "" for nobody."""
        if self.is_anonymous or names is Names.NONE:
            return ""
        return self.office if names is Names.OFFICE else f"{self.name}, {self.office}"


@dataclass(frozen=True, slots=True)
class Poll:
    """A question with choices. `counts` are the answers by choice; `mine` is the reader's own choice."""

    id: int
    session_id: int
    text: str
    choices: tuple[str, ...]
    state: PollState
    counts: tuple[int, ...]
    mine: int | None = None

    @property
    def total(self) -> int:
        return sum(self.counts)
