"""What became of a message that was handed over."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """`accepted`: theirs now. `refused`: never (5xx). `later`: try again (4xx, or nobody there).

    `uncertain`: the connection broke after the content was sent, so it may have arrived; a person decides.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A message's fate, the server's own words, and whether the next message would meet the same closed door."""

    fate: Fate
    answer: str = ""
    is_closed: bool = False


ACCEPTED = Outcome(Fate.ACCEPTED)
