"""What people post on their page."""

from collections.abc import Mapping
from dataclasses import dataclass

from eventhub.errors import Fault, Invalid
from eventhub.participants.standing import Named
from eventhub.web.fields import Code, Email, Form, Line, OptionalLine
from eventhub.web.forms import read_form
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


class SubstituteForm(Form):
    """Who is to come instead. Their invitation and links go to the address, so it is needed."""

    name: Line
    position: OptionalLine = ""
    email: Email


class NewSubstitute(Form):
    """Who is to come instead, as an organizer names them: `session` null for all that is still to come."""

    name: Line
    position: OptionalLine = ""
    email: Email = ""
    session: Code | None = None


def read_substitute(form: Mapping[str, str]) -> Named:
    """Return who is to come instead, or raise Invalid with every wrong field."""
    fields = {name: form.get(name, "") for name in ("name", "position", "email")}
    wish = read_form(SubstituteForm, fields)
    if not wish.email:
        raise Invalid.field("email", say("Write the address to which the invitation goes."))
    return Named(wish.name, wish.position, wish.email)
