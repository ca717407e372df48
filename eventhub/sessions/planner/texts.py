"""Texts kept in the database: their message and values, so that every reader reads them in their own language."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.wording import Local, Text


def text_json(text: Text) -> dict[str, Any]:
    """Return a text as JSON values."""
    values = {name: _value(value) for name, value in text.values.items()}
    return {"message": text.message, "values": values}


def _value(value: object) -> Any:
    if isinstance(value, Text):
        return {"text": text_json(value)}
    if isinstance(value, Local):
        return {"at": value.moment.isoformat(), "zone": value.zone.key}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value if isinstance(value, int) else str(value)


def text_of(known: dict[str, Any]) -> Text:
    """Return a text from its JSON values."""
    message, values = known["message"], known["values"]
    return Text(message, {name: _known(value) for name, value in values.items()})


def _known(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    if "text" in value:
        return text_of(value["text"])
    if "day" in value:
        return date.fromisoformat(value["day"])
    moment = datetime.fromisoformat(value["at"])
    return Local(moment, ZoneInfo(value["zone"])) if "zone" in value else moment
