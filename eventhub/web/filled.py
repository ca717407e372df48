"""A form as it stands on its page: what was typed, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventhub.errors import Conflict, Invalid, Refusal
from eventhub.language import Reader
from eventhub.wording import Text, render, say

CHANGED_MEANWHILE = say(
    "Somebody changed this in the meantime. Load the page again, then change what you meant to."
)


@dataclass(frozen=True, slots=True)
class Filled:
    """`typed` by field name; `errors` by field name; `text` and `items` say above the form what refused it."""

    typed: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    items: tuple[str, ...] = ()


def filled(typed: Mapping[str, Any], refusal: Refusal | None, reader: Reader) -> Filled:
    """Return the form to show; faults of fields that it does not have stand above it."""
    if refusal is None:
        return Filled(typed)
    text = render(refusal.text, reader)
    if isinstance(refusal, Invalid):
        errors = {fault.field: render(fault.text, reader) for fault in refusal.fields}
        return Filled(
            typed, errors, text, tuple(errors[name] for name in errors if name not in typed)
        )
    if isinstance(refusal, Conflict):
        return Filled(typed, text=text, items=explanations(refusal.conflicts, reader))
    return Filled(typed, text=text)


def explanations(conflicts: Sequence[Mapping[str, Any]], reader: Reader) -> tuple[str, ...]:
    """Return what stands in the way, a sentence each."""
    texts = (conflict.get("explanation", "") for conflict in conflicts)
    return tuple(render(text, reader) if isinstance(text, Text) else str(text) for text in texts)


def text_fields(form: Mapping[str, Any]) -> dict[str, str]:
    """Return a posted form's text fields without its token."""
    return {
        name: value for name, value in form.items() if isinstance(value, str) and name != "csrf"
    }
