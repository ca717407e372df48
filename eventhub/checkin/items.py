"""One item of a batch of scans, as programs send it. An item that is wrong is told so and stops none of the others."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from eventhub.web.faults import explain
from eventhub.web.fields import Code, Form, Moment
from eventhub.wording import Text, say

NONCE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

# EU Digital COVID Certificate, and SMART Health Cards.
_CERTIFICATE = re.compile(r"\b(HC1:|shc:/).*", re.IGNORECASE)


def _moment(value: object) -> datetime:
    """Read RFC 3339 and nothing else that pydantic would take for a moment, such as a number."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("datetime_parsing", "not a moment")
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise PydanticCustomError("datetime_parsing", "not a moment") from error


def without_certificate(text: str) -> str:
    """Return a reason without a health certificate that a scanner typed into it: such a text is never stored."""
    return _CERTIFICATE.sub("(…)", text)


class ReadingItem(Form):
    """What was measured: degrees Celsius, and whether a mask is worn."""

    temperature_c: Annotated[float, Field(ge=20, le=50)] | None = None
    mask: bool | None = None


class PassageItem(Form):
    """One scan."""

    nonce: Annotated[
        str, Field(pattern=rf"^{NONCE.pattern}$", json_schema_extra={"format": "uuid"})
    ]
    secret: Annotated[str, StringConstraints(max_length=4096)]
    checkpoint: Code
    type: Literal["entry", "exit"]
    scanned_at: Annotated[Moment, BeforeValidator(_moment)]
    health: ReadingItem | None = None
    force: bool = False
    force_reason: (
        Annotated[
            str,
            StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$"),
            AfterValidator(without_certificate),
        ]
        | None
    ) = None
    offline: bool = False
    decided: Literal["ok", "refused"] | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.force and not (self.force_reason or "").strip():
            raise PydanticCustomError("force_reason", "force needs a reason")
        if self.offline and self.decided is None:
            raise PydanticCustomError("decided", "offline needs what was decided")
        return self


class Malformed(Form):
    """An item that cannot be taken: its nonce as sent, if it is a short text, and what would mend it."""

    nonce: str | None
    explanation: Annotated[Text, Field()]


def read_item(raw: Any) -> PassageItem | Malformed:
    """Return an item of a batch, or what is wrong with it."""
    try:
        return PassageItem.model_validate(raw, strict=True)
    except ValidationError as error:
        nonce = raw.get("nonce") if isinstance(raw, dict) else None
        echoed = isinstance(nonce, str) and nonce.isprintable() and len(nonce) <= 100
        return Malformed(nonce=nonce if echoed else None, explanation=_explain(error))


def _explain(error: ValidationError) -> Text:
    first = error.errors(include_url=False)[0]
    if first["type"] == "force_reason":
        return say("An override needs a reason.")
    if first["type"] == "decided":
        return say("An offline scan needs what was decided: ok or refused.")
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "string_pattern_mismatch":
        fault = say("This is not in the form it must have.")
    else:
        fault = explain(first)
    return say("{field}: {fault}", field=path, fault=fault) if path else fault
