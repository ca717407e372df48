"""What a scan was answered, kept so that its repetition can be answered the same in any language. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from eventhub.wording import Text

from .model import ConflictKind, PassageConflict


def pack(
    explanation: Text,
    inside: int | None,
    limit: int | None,
    conflicts: tuple[PassageConflict, ...],
) -> dict[str, Any]:
    """Return the answer as a JSON document."""
    return {
        "explanation": _pack_text(explanation),
        "inside": inside,
        "limit": limit,
        "conflicts": [
            {
                "kind": conflict.kind.value,
                "participant": conflict.participant_id,
                "nonces": list(conflict.nonces),
                "explanation": _pack_text(conflict.explanation),
            }
            for conflict in conflicts
        ],
    }


def explanation_of(answer: Mapping[str, Any]) -> Text:
    """Return a kept explanation."""
    return _text(answer["explanation"])


def conflicts_of(answer: Mapping[str, Any]) -> tuple[PassageConflict, ...]:
    """Return the conflicts that were told with an answer."""
    return tuple(
        PassageConflict(
            ConflictKind(item["kind"]),
            item["participant"],
            tuple(item["nonces"]),
            _text(item["explanation"]),
        )
        for item in answer["conflicts"]
    )


def _pack_text(text: Text) -> dict[str, Any]:
    return {
        "message": text.message,
        "values": {name: _pack(value) for name, value in text.values.items()},
    }


def _pack(value: object) -> object:
    if isinstance(value, Text):
        return {"text": _pack_text(value)}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def _text(packed: Mapping[str, Any]) -> Text:
    message, values = packed["message"], packed["values"]
    return Text(message, {name: _unpack(value) for name, value in values.items()})


def _unpack(value: Any) -> object:
    match value:
        case {"text": inner}:
            return _text(inner)
        case {"moment": at}:
            return datetime.fromisoformat(at)
        case {"day": on}:
            return date.fromisoformat(on)
    return value
