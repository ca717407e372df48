"""Field types with the contract's limits, and the base models of what comes in and what goes out."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    create_model,
)
from pydantic_core import PydanticCustomError

T = TypeVar("T")

_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)*[A-Za-z0-9-]+")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
INT32 = 2**31 - 1


def _clean(value: str, allowed: str) -> str:
    value = unicodedata.normalize("NFC", value)
    for character in value:
        category = unicodedata.category(character)
        if category in {"Cc", "Cs"} and character not in allowed:
            raise PydanticCustomError("control_character", "Control characters are not allowed.")
    return value


def _one_line(value: str) -> str:
    return _clean(value, "")


def _lines(value: str) -> str:
    return _clean(value.replace("\r\n", "\n"), "\n\t")


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("time_zone", "This is no IANA time zone, such as Asia/Jakarta.")
    return value


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise PydanticCustomError("email", "This is no e-mail address.")
    return value


def _url(value: str) -> str:
    if value and not _is_url(value):
        raise PydanticCustomError("url", "This is no address that starts with https://.")
    return value


def _is_url(value: str) -> bool:
    # The host also stands in policies of the page's headers, so nothing may be in it that ends a directive.
    if not re.fullmatch(
        r"https?://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?#]\S*)?", value
    ):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        moment = _LATEST
    if not _EARLIEST <= moment < _LATEST:
        raise PydanticCustomError("moment_range", "This moment is too far away.")
    return moment


def _near(value: date) -> date:
    if not _EARLIEST.date() <= value < _LATEST.date():
        raise PydanticCustomError("moment_range", "This moment is too far away.")
    return value


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
]
OptionalLine = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line)
]
Prose = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_lines)]
# Something short to be read at once, perhaps of a few lines.
Notice = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(_lines),
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_one_line),
    AfterValidator(_email),
]
HttpUrl = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000),
    AfterValidator(_one_line),
    AfterValidator(_url),
]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Day = Annotated[date, AfterValidator(_near)]
RowId = Annotated[int, Field(ge=1, le=INT32)]
Percent = Annotated[int, Field(ge=0, le=100)]


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


# Answers carry moments in UTC, RFC 3339 with "Z".
Instant = Annotated[
    datetime,
    PlainSerializer(_rfc3339, return_type=str),
    Field(json_schema_extra={"format": "date-time"}),
]


class Form(BaseModel):
    """What comes in: unknown fields are faults too, and numbers are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    def given(self) -> dict[str, Any]:
        """Return the fields that were sent, by name, as Python values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Shape(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


class Paging(Form):
    """Which part of a list: up to `limit` items after `cursor`, which an earlier answer gave as `next`."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Annotated[str, StringConstraints(max_length=400)] | None = None


class Listing(Shape, Generic[T]):
    """A part of a list; `next` is None at its end."""

    items: list[T]
    next: str | None = None


def changes_of(model: type[Form], name: str, *, without: tuple[str, ...] = ()) -> type[Form]:
    """Return a form in which every field of `model` may be left out; `given()` tells which were sent."""
    # A factory, because a default would stand in the schema, where null is no text.
    fields: dict[str, Any] = {
        field: (
            Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation,
            Field(default_factory=lambda: None),
        )
        for field, info in model.model_fields.items()
        if field not in without
    }
    return create_model(name, __base__=Form, __module__=model.__module__, **fields)
