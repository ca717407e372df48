"""What recording scans writes, as plain SQL (see `plain`)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from eventhub.accounts.tables import audit_log
from eventhub.db.plain import Conversation, Insert, Statement, Values, among

from .model import Visit
from .tables import health_readings, passages, visits

_PASSAGE = (
    "event_id", "nonce", "checkpoint_id", "participant_id", "ticket_id", "session_id", "type", "scanned_at",
    "arrived_at", "day", "status", "reason", "objection", "health", "forced", "force_reason", "offline", "decided",
    "fingerprint", "place_limit", "answer", "by_kind", "by_id", "by_name",
)  # fmt: skip
_READING = ("event_id", "nonce", "temperature_c", "mask", "taken_at")
_VISIT = ("event_id", "participant_id", "room_id", "day", "entered_at", "left_at")


def insert_passages(rows: Sequence[list[Any]]) -> Conversation[None]:
    """Write passages, the values in the order of `passage`."""
    if rows:
        yield Insert(passages, _PASSAGE, rows)


def insert_readings(rows: Sequence[list[Any]]) -> Conversation[None]:
    """Write health readings: event, nonce, temperature, mask, moment."""
    if rows:
        yield Insert(health_readings, _READING, rows)


def insert_audit(rows: Sequence[Values]) -> Conversation[None]:
    """Write lines of the audit log (`audit.entry`)."""
    if rows:
        yield Insert(audit_log, tuple(rows[0]), [list(row.values()) for row in rows])


def insert_visits(event_id: int, rows: Sequence[Visit]) -> Conversation[None]:
    """Write visits."""
    if rows:
        found = [
            [event_id, v.participant_id, v.room_id, v.day, v.entered_at, v.left_at] for v in rows
        ]
        yield Insert(visits, _VISIT, found)


def delete_visits(people: Iterable[tuple[int, date]]) -> Conversation[None]:
    """Take out participants' visits of an event day each."""
    days: dict[date, list[int]] = {}
    for person, on in people:
        days.setdefault(on, []).append(person)
    for on, gone in days.items():
        names, values = among("person", sorted(gone))
        yield Statement(
            f"DELETE FROM visits WHERE day = :day AND participant_id IN {names}",  # noqa: S608 -- placeholders only
            {"day": on, **values},
        )


def add_to_crowds(
    event_id: int, changes: Mapping[tuple[int | None, date], int]
) -> Conversation[None]:
    """Count who came into places (None: the event) and who went, by event day."""
    rows = [
        {"event": event_id, "place": room_id or 0, "day": on, "change": change}
        for (room_id, on), change in changes.items()
        if change
    ]
    if rows:
        yield Statement(
            """INSERT INTO crowds (event_id, place, day, inside) VALUES (:event, :place, :day, :change)
               ON CONFLICT (event_id, place, day) DO UPDATE SET inside = crowds.inside + excluded.inside""",
            rows,
        )
