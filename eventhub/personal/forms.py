"""What people post on their page."""

from collections.abc import Mapping
from dataclasses import dataclass

from eventhub.errors import Fault, Invalid
from eventhub.wording import say

QUESTIONS = ("symptoms", "contact", "travel")


@dataclass(frozen=True, slots=True)
class Declared:
    """The answers of a health declaration."""

    symptoms: bool
    contact: bool
    travel: bool


def read_declaration(form: Mapping[str, str]) -> Declared:
    """Return the answers, or raise Invalid with every question that was left out."""
    left_out = [name for name in QUESTIONS if form.get(name) not in {"yes", "no"}]
    if left_out:
        raise Invalid(
            [Fault(name, say("Please answer every question with yes or no.")) for name in left_out]
        )
    return Declared(*(form[name] == "yes" for name in QUESTIONS))
