"""The refusals, and the HTTP status each one means.

Refusal            400  understood, and the answer is no; its text is fit for the person refused
  Invalid          422  fields to correct; `fields` says which and why
  Unreadable       400  not what it claims to be (broken JSON, a broken upload)
  Unauthenticated  401  nobody is signed in, or the token is dead
  Forbidden        403  signed in, but not allowed
  NotFound         404  no such thing, or not yours to see
  Conflict         409  the world moved on, or two wishes cannot both hold
  Stale            412  changed since it was last read
  Unconditional    428  a change needs the ETag last seen
  TooSlow          408  its body did not arrive in time
  TooLarge         413  larger than the limit that the text names
  Unsupported      415  a form of body that is not taken
  TooMany          429  tried too often; `retry_after` in seconds
  TooEarly         425  not open yet
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eventhub.wording import Text


class Refusal(Exception):
    """Understood and refused; `text` says in one sentence what to do."""

    status: ClassVar[int] = 400

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong field: its dotted path as sent ("audience.0.delegation"), and what would mend it."""

    field: str
    text: Text


class Invalid(Refusal):
    """Fields to correct."""

    status = 422

    def __init__(self, fields: Sequence[Fault], text: Text | None = None) -> None:
        super().__init__(text or fields[0].text)
        self.fields = tuple(fields)

    @classmethod
    def field(cls, field: str, text: Text) -> "Invalid":
        """Refuse one field."""
        return cls([Fault(field, text)])


class Unreadable(Refusal):
    """Not what it claims to be."""


class Unauthenticated(Refusal):
    """Nobody is signed in, or the token is dead."""

    status = 401


class Forbidden(Refusal):
    """Signed in, but not allowed."""

    status = 403


class NotFound(Refusal):
    """No such thing, or not yours to see."""

    status = 404


class Conflict(Refusal):
    """Two wishes that cannot both hold; `conflicts` are the contract's `conflict` shapes, texts unrendered.

    `facts` are further members of the problem+json body, texts unrendered too.
    """

    status = 409

    def __init__(
        self,
        text: Text,
        conflicts: Sequence[dict[str, Any]] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(text)
        self.conflicts = tuple(conflicts)
        self.facts = dict(facts or {})


class Stale(Refusal):
    """Changed since it was last read."""

    status = 412


class Unconditional(Refusal):
    """A change that does not say which state it was made from."""

    status = 428


class TooSlow(Refusal):
    """A body that did not arrive in time."""

    status = 408


class TooLarge(Refusal):
    """Larger than the limit that the text names."""

    status = 413


class Unsupported(Refusal):
    """A form of body that is not taken."""

    status = 415


class TooMany(Refusal):
    """Tried too often; `retry_after` is in whole seconds."""

    status = 429

    def __init__(self, text: Text, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class TooEarly(Refusal):
    """Not open yet."""

    status = 425
