"""What recording scans writes, as plain SQL (see `plain`)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from .model import Visit
from .plain import Conversation, Statement, Values


def insert_passages(rows: Sequence[Values]) -> Conversation[None]:
    """Write passages, each with the same fields."""
    yield from _insert("passages", rows)


def insert_readings(rows: Sequence[Values]) -> Conversation[None]:
    """Write health readings."""
    yield from _insert("health_readings", rows)


def insert_audit(rows: Sequence[Values]) -> Conversation[None]:
    """Write lines of the audit log (`audit.entry`)."""
    yield from _insert("audit_log", rows)


def insert_visits(event_id: int, visits: Sequence[Visit]) -> Conversation[None]:
    """Write visits."""
    yield from _insert(
        "visits",
        [
            {
                "event_id": event_id,
                "participant_id": visit.participant_id,
                "room_id": visit.room_id,
                "day": visit.day,
                "entered_at": visit.entered_at,
                "left_at": visit.left_at,
            }
            for visit in visits
        ],
    )


def delete_visits(people: Iterable[tuple[int, date]]) -> Conversation[None]:
    """Take out participants' visits of an event day each."""
    gone = [{"person": person, "day": on} for person, on in people]
    if gone:
        yield Statement("DELETE FROM visits WHERE participant_id = :person AND day = :day", gone)


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


def _insert(table: str, rows: Sequence[Values]) -> Conversation[None]:
    if rows:
        names = list(rows[0])
        columns, places = ", ".join(names), ", ".join(f":{name}" for name in names)
        yield Statement(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 -- names of ours only
            rows[0] if len(rows) == 1 else rows,
        )
