"""What validation found wrong, in words that mend it."""

from typing import Any

from pydantic import ValidationError

from eventhub.errors import Fault, Invalid
from eventhub.wording import Text, say


def invalid(error: ValidationError, prefix: str = "") -> Invalid:
    """Return the refusal that names every wrong field of a validation."""
    faults = [
        Fault(_path(item["loc"], prefix), explain(item)) for item in error.errors(include_url=False)
    ]
    return Invalid(faults, say("Some fields need correcting."))


def _path(location: tuple[int | str, ...], prefix: str) -> str:
    parts = [str(part) for part in location]
    return ".".join([prefix, *parts] if prefix else parts) or "body"


def explain(item: Any) -> Text:
    """Return what would mend one validation error."""
    kind, context = item["type"], item.get("ctx", {})
    make = _BY_KIND.get(kind)
    return make(context) if make else say("This value is not of the right kind.")


_BY_KIND: dict[str, Any] = {
    "missing": lambda c: say("This field is needed."),
    "extra_forbidden": lambda c: say("There is no such field."),
    "string_too_short": lambda c: say("This must not be empty."),
    "string_too_long": lambda c: say(
        "This is too long: at most {n} characters.", n=c["max_length"]
    ),
    "string_type": lambda c: say("This must be text."),
    "string_unicode": lambda c: say("This must be text."),
    "string_pattern_mismatch": lambda c: say(
        "This may hold letters, digits, dots, hyphens and underscores only, at most 64."
    ),
    "control_character": lambda c: say("Control characters are not allowed."),
    "time_zone": lambda c: say("This is no IANA time zone, such as Asia/Jakarta."),
    "email": lambda c: say("This is no e-mail address."),
    "url": lambda c: say("This is no address that starts with https://."),
    "moment_range": lambda c: say("This moment is too far away."),
    "timezone_aware": lambda c: say("A moment needs its offset, such as 2021-02-25T09:00+07:00."),
    "datetime_parsing": lambda c: say("This is no moment, such as 2021-02-25T09:00+07:00."),
    "datetime_from_date_parsing": lambda c: say(
        "This is no moment, such as 2021-02-25T09:00+07:00."
    ),
    "datetime_type": lambda c: say("This is no moment, such as 2021-02-25T09:00+07:00."),
    "date_parsing": lambda c: say("This is no day, such as 2021-02-25."),
    "date_from_datetime_parsing": lambda c: say("This is no day, such as 2021-02-25."),
    "date_from_datetime_inexact": lambda c: say("This is no day, such as 2021-02-25."),
    "date_type": lambda c: say("This is no day, such as 2021-02-25."),
    "time_parsing": lambda c: say("This is no time of day, such as 04:00."),
    "int_type": lambda c: say("This must be a whole number."),
    "int_parsing": lambda c: say("This must be a whole number."),
    "int_from_float": lambda c: say("This must be a whole number."),
    "int_parsing_size": lambda c: say("This number is too large."),
    "float_type": lambda c: say("This must be a number."),
    "float_parsing": lambda c: say("This must be a number."),
    "finite_number": lambda c: say("This must be a number."),
    "bool_type": lambda c: say("This must be true or false."),
    "bool_parsing": lambda c: say("This must be true or false."),
    "uuid_type": lambda c: say("This is no UUID."),
    "uuid_parsing": lambda c: say("This is no UUID."),
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
    "list_type": lambda c: say("This must be a list."),
    "tuple_type": lambda c: say("This must be a list."),
    "dict_type": lambda c: say("This must be an object."),
    "model_type": lambda c: say("This must be an object."),
    "model_attributes_type": lambda c: say("This must be an object."),
    "too_short": lambda c: say("At least {n} of these are needed.", n=c["min_length"]),
    "too_long": lambda c: say("At most {n} of these are taken.", n=c["max_length"]),
    "value_error": lambda c: say("This value is not of the right kind."),
}
