"""What goes wrong with YouTube, and what the program does about it."""

from dataclasses import dataclass
from enum import StrEnum

from eventhub.wording import Text, say


class Retry(StrEnum):
    """What the program does after a problem.

    `never`: a person must act on this broadcast; the others go on. `stop`: no call can succeed until a person
    acts. `tomorrow`: not before midnight Pacific. `hours`, `minutes`: pause so long, then creep on. `backoff`:
    from 1 s, doubling.
    `look`: the effect may have happened, so read before writing again. `gone`: deleted elsewhere, forget the id.
    `done`: already so, which is success.
    """

    NEVER = "never"
    STOP = "stop"
    TOMORROW = "tomorrow"
    HOURS = "hours"
    MINUTES = "minutes"
    BACKOFF = "backoff"
    LOOK = "look"
    GONE = "gone"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence of what is wrong, one of what to do, and what the program does meanwhile."""

    code: str
    explanation: Text
    action: Text
    retry: Retry


class YouTubeTrouble(Exception):
    """A call to YouTube that did not end well; `problem` says what that means."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.explanation}")
        self.problem = problem


REPORT = say("Tell whoever keeps this installation; trying again will not help.")
WAIT = say("Nothing to do: it is tried again by itself.")


def problem(code: str, retry: Retry, explanation: Text, action: Text) -> Problem:
    """Return one line of the closed table."""
    return Problem(code, explanation, action, retry)
