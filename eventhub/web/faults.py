"""What validation found wrong, in words that mend it."""

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from eventhub.errors import Fault, Invalid
from eventhub.wording import Text, say


def invalid(error: ValidationError, prefix: str = "") -> Invalid:
    """Return the refusal that names every wrong field of a validation."""
    faults: dict[str, Fault] = {}
    for item in error.errors(include_url=False):
        path = _path(item["loc"], prefix)
        faults.setdefault(path, Fault(path, explain(item)))
    return Invalid([*faults.values()], say("Some fields need correcting."))


# Where a field may be of several kinds, the validator puts the kind it tried into the path:
# a model's name (`TestProof`) or a schema's (`literal['']`). It is no part of what was sent.
_TRIED = re.compile(r"[A-Z]\w*|\w[\w-]*[\[(].*")


def _path(location: tuple[int | str, ...], prefix: str) -> str:
    parts = [str(part) for part in location if not _TRIED.fullmatch(str(part))]
    return ".".join([prefix, *parts] if prefix else parts) or "body"


def explain(item: Any) -> Text:
    """Return what would mend one validation error."""
    kind, context = item["type"], item.get("ctx", {})
    make = _BY_KIND.get(kind)
    return make(context) if make else say("This value is not of the right kind.")


def _always(text: Text) -> Callable[[Any], Text]:
    return lambda _context: text


_BY_KIND: dict[str, Callable[[Any], Text]] = {
    "missing": _always(say("This field is needed.")),
    "extra_forbidden": _always(say("There is no such field.")),
    "string_too_short": _always(say("This must not be empty.")),
    "string_too_long": lambda c: say(
        "This is too long: at most {n} characters.", n=c["max_length"]
    ),
    "string_type": _always(say("This must be text.")),
    "string_unicode": _always(say("This must be text.")),
    "string_pattern_mismatch": _always(
        say("This may hold letters, digits, dots, hyphens and underscores only, at most 64.")
    ),
    "control_character": _always(say("Control characters are not allowed.")),
    "wall_time": _always(say("This is no time of day, such as 04:00.")),
    "time_zone": _always(say("This is no IANA time zone, such as Asia/Jakarta.")),
    "email": _always(say("This is no e-mail address.")),
    "phone": _always(say("This is no phone number.")),
    "url": _always(say("This is no address that starts with https://.")),
    "moment_range": _always(say("This moment is too far away.")),
    "timezone_aware": _always(say("A moment needs its offset, such as 2021-02-25T09:00+07:00.")),
    "datetime_parsing": _always(say("This is no moment, such as 2021-02-25T09:00+07:00.")),
    "datetime_from_date_parsing": _always(
        say("This is no moment, such as 2021-02-25T09:00+07:00.")
    ),
    "datetime_type": _always(say("This is no moment, such as 2021-02-25T09:00+07:00.")),
    "date_parsing": _always(say("This is no day, such as 2021-02-25.")),
    "date_from_datetime_parsing": _always(say("This is no day, such as 2021-02-25.")),
    "date_from_datetime_inexact": _always(say("This is no day, such as 2021-02-25.")),
    "date_type": _always(say("This is no day, such as 2021-02-25.")),
    "time_parsing": _always(say("This is no time of day, such as 04:00.")),
    "int_type": _always(say("This must be a whole number.")),
    "int_parsing": _always(say("This must be a whole number.")),
    "int_from_float": _always(say("This must be a whole number.")),
    "int_parsing_size": _always(say("This number is too large.")),
    "float_type": _always(say("This must be a number.")),
    "float_parsing": _always(say("This must be a number.")),
    "finite_number": _always(say("This must be a number.")),
    "bool_type": _always(say("This must be true or false.")),
    "bool_parsing": _always(say("This must be true or false.")),
    "uuid_type": _always(say("This is no UUID.")),
    "uuid_parsing": _always(say("This is no UUID.")),
    "enum": lambda c: say(
        "This must be one of: {options}.", options=c["expected"].replace("'", "")
    ),
    "literal_error": lambda c: say(
        "This must be one of: {options}.", options=c["expected"].replace("'", "")
    ),
    "greater_than_equal": lambda c: say("This must be at least {n}.", n=c["ge"]),
    "greater_than": lambda c: say("This must be more than {n}.", n=c["gt"]),
    "less_than_equal": lambda c: say("This must be at most {n}.", n=c["le"]),
    "less_than": lambda c: say("This must be less than {n}.", n=c["lt"]),
    "list_type": _always(say("This must be a list.")),
    "tuple_type": _always(say("This must be a list.")),
    "dict_type": _always(say("This must be an object.")),
    "model_type": _always(say("This must be an object.")),
    "model_attributes_type": _always(say("This must be an object.")),
    "too_short": lambda c: say("At least {n} of these are needed.", n=c["min_length"]),
    "too_long": lambda c: say("At most {n} of these are taken.", n=c["max_length"]),
    "value_error": _always(say("This value is not of the right kind.")),
}
