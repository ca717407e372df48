"""Text for people: an English message with its values, rendered in the reader's language at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Text:
    """A message not yet rendered: its English form is the catalogue's key."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format_map(self.values)


def say(message: str, /, **values: object) -> Text:
    """Mark a message for translation; `{name}` in it stands for `values["name"]`."""
    return Text(message, values)


@dataclass(frozen=True, slots=True)
class Local:
    """A moment as clocks in some zone show it, such as `18:30 WIT`, wherever its reader is."""

    moment: datetime
    zone: ZoneInfo

    def __str__(self) -> str:
        return f"{self.moment.astimezone(self.zone):%H:%M %Z}"


class Reader(Protocol):
    """Who reads: translates messages and writes moments in a language."""

    def gettext(self, message: str) -> str: ...

    def day(self, value: date) -> str: ...

    def moment(self, value: datetime) -> str: ...

    def clock(self, value: datetime, zone: ZoneInfo) -> str: ...

    def zone_name(self, value: datetime, zone: ZoneInfo) -> str: ...


def render(text: Text, reader: Reader) -> str:
    """Write a text in the reader's language; nested texts, days and moments follow it."""
    values = {name: _value(value, reader) for name, value in text.values.items()}
    return reader.gettext(text.message).format_map(values)


def _value(value: object, reader: Reader) -> object:
    if isinstance(value, Text):
        return render(value, reader)
    if isinstance(value, Local):
        return (
            f"{reader.clock(value.moment, value.zone)} {reader.zone_name(value.moment, value.zone)}"
        )
    if isinstance(value, datetime):
        return reader.moment(value)
    if isinstance(value, date):
        return reader.day(value)
    return value
