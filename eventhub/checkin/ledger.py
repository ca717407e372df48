"""What recording scans reads, as plain SQL (see `plain`). Each function is one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from eventhub.db.plain import (
    Conversation,
    Row,
    Statement,
    among,
    day,
    document,
    maybe_moment,
    moment,
)
from eventhub.events.model import Attendance, Event, room_limit

from .handed import INSTEAD
from .model import (
    Checkpoint,
    CheckpointKind,
    Declaration,
    Fact,
    Holder,
    Proof,
    Reason,
    Scan,
    Status,
    Way,
)

_HOLDER = """
    SELECT t.number, t.id, t.fingerprint, t.revoked_at, p.id, p.name, p.position, p.attendance, d.id, d.code, {instead}
    FROM {source} JOIN delegations d ON d.id = p.delegation_id
"""
_OF_TICKETS = _HOLDER.format(
    source="tickets t JOIN participants p ON p.id = t.participant_id", instead=INSTEAD
)
_OF_PEOPLE = _HOLDER.format(
    source="participants p JOIN tickets t ON t.participant_id = p.id", instead=INSTEAD
)
_FACT = """
    SELECT p.scanned_at, p.nonce, p.participant_id, p.day, p.type, c.code, c.room_id, p.status, p.reason,
           p.objection, p.health, p.place_limit, p.forced, p.offline, p.decided
    FROM passages p JOIN checkpoints c ON c.id = p.checkpoint_id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored passage, to answer its nonce again."""

    nonce: str
    fingerprint: str
    checkpoint: str
    way: Way
    scanned_at: datetime
    status: Status
    reason: Reason | None
    participant_id: int | None
    answer: Mapping[str, Any]

    def is_of(self, scan: Scan) -> bool:
        """Whether a scan repeats this one: ticket, checkpoint, direction and moment are the same."""
        mine = (self.fingerprint, self.checkpoint, self.way, self.scanned_at)
        return mine == (scan.fingerprint, scan.checkpoint.code, scan.way, scan.scanned_at)


def read_checkpoints(event: Event, codes: Iterable[str]) -> Conversation[dict[str, Checkpoint]]:
    """Return the event's checkpoints of these codes."""
    names, values = among("code", codes)
    rows = yield Statement(
        f"""SELECT c.id, c.code, c.name, c.kind, c.room_id, r.code, r.name, c.open, c."limit",
                   r.capacity, r.protocol_percent, c.version
            FROM checkpoints c LEFT JOIN rooms r ON r.id = c.room_id
            WHERE c.event_id = :event AND c.code IN {names}""",  # noqa: S608 -- placeholders only
        {"event": event.id, **values},
    )
    return {row[1]: _checkpoint(event, row) for row in rows}


def read_kept(event_id: int, nonces: Iterable[str]) -> Conversation[dict[str, Kept]]:
    """Return the stored passages of these nonces."""
    names, values = among("nonce", nonces)
    rows = yield Statement(
        f"""SELECT p.nonce, p.fingerprint, c.code, p.type, p.scanned_at, p.status, p.reason, p.participant_id, p.answer
            FROM passages p JOIN checkpoints c ON c.id = p.checkpoint_id
            WHERE p.event_id = :event AND p.nonce IN {names}""",  # noqa: S608 -- placeholders only
        {"event": event_id, **values},
    )
    return {
        row[0]: Kept(
            row[0], row[1], row[2], Way(row[3]), moment(row[4]), Status(row[5]), _reason(row[6]), row[7],
            document(row[8]),
        )
        for row in rows
    }  # fmt: skip


def read_keys(event_ids: Iterable[int]) -> Conversation[dict[tuple[int, int], bytes]]:
    """Return the public keys that still vouch for tickets, by event id and key id."""
    names, values = among("event", sorted(event_ids))
    rows = yield Statement(
        f"""SELECT event_id, key_id, public_key FROM ticket_keys
            WHERE event_id IN {names} AND retired_at IS NULL""",  # noqa: S608 -- placeholders only
        values,
    )
    return {(row[0], row[1]): bytes(row[2]) for row in rows}


def read_holders(event_id: int, fingerprints: Iterable[str]) -> Conversation[dict[str, Holder]]:
    """Return who holds the tickets whose texts have these fingerprints."""
    names, values = among("print", fingerprints)
    rows = yield Statement(
        f"{_OF_TICKETS} WHERE t.event_id = :event AND t.fingerprint IN {names}",
        {"event": event_id, **values},
        11,
    )
    return {row[2]: _holder(row) for row in rows}


def read_numbers(event_id: int, numbers: Iterable[int]) -> Conversation[dict[int, Holder]]:
    """Return who holds the tickets of these numbers."""
    names, values = among("number", sorted(numbers))
    rows = yield Statement(
        f"{_OF_TICKETS} WHERE t.event_id = :event AND t.number IN {names}",
        {"event": event_id, **values},
    )
    return {row[0]: _holder(row) for row in rows}


def read_people(participant_ids: Iterable[int]) -> Conversation[dict[int, Holder]]:
    """Return participants as holders, of whichever of their tickets."""
    names, values = among("person", sorted(participant_ids))
    rows = yield Statement(f"{_OF_PEOPLE} WHERE p.id IN {names}", values)
    return {row[4]: _holder(row) for row in rows}


def read_facts(people: Iterable[int], days: Iterable[date]) -> Conversation[list[Fact]]:
    """Return what is stored of these participants on these event days."""
    who, values = among("person", sorted(people))
    when, more = among("day", sorted(days))
    rows = yield Statement(
        f"{_FACT} WHERE p.participant_id IN {who} AND p.day IN {when} AND p.annulled_at IS NULL",
        {**values, **more},
        15,
    )
    return [fact_of(row) for row in rows]


def read_all_facts(event_id: int, on: date | None = None) -> Conversation[list[Fact]]:
    """Return everything scanned at the event, or on one of its days."""
    that_day = "" if on is None else "AND p.day = :day"
    rows = yield Statement(
        f"{_FACT} WHERE p.event_id = :event AND p.annulled_at IS NULL {that_day}",
        {"event": event_id, "day": on},
    )
    return [fact_of(row) for row in rows]


def read_first_entries(people: Iterable[int]) -> Conversation[dict[int, datetime]]:
    """Return when each of these participants was first let in by a gate."""
    who, values = among("person", sorted(people))
    rows = yield Statement(
        f"""SELECT p.participant_id, MIN(p.scanned_at)
            FROM passages p JOIN checkpoints c ON c.id = p.checkpoint_id
            WHERE p.participant_id IN {who} AND p.type = 'entry' AND p.status = 'ok' AND c.kind = 'gate'
                  AND p.annulled_at IS NULL
            GROUP BY p.participant_id""",  # noqa: S608 -- placeholders only
        values,
    )
    return {row[0]: moment(row[1]) for row in rows}


def read_declarations(people: Iterable[int]) -> Conversation[dict[int, list[Declaration]]]:
    """Return declarations by participant; of several for one date only the last."""
    who, values = among("person", sorted(people))
    rows = yield Statement(
        f"""SELECT participant_id, date, symptoms, contact, travel FROM declarations
            WHERE participant_id IN {who} ORDER BY declared_at, id""",  # noqa: S608 -- placeholders only
        values,
    )
    latest = {
        (row[0], day(row[1])): Declaration(day(row[1]), bool(row[2]), bool(row[3]), bool(row[4]))
        for row in rows
    }
    found: dict[int, list[Declaration]] = {}
    for (person, _), declaration in latest.items():
        found.setdefault(person, []).append(declaration)
    return found


def read_proofs(people: Iterable[int]) -> Conversation[dict[int, list[Proof]]]:
    """Return proofs by participant."""
    who, values = among("person", sorted(people))
    rows = yield Statement(
        f"SELECT participant_id, kind, taken_at, negative, doses FROM proofs WHERE participant_id IN {who}",  # noqa: S608 -- placeholders only
        values,
    )
    found: dict[int, list[Proof]] = {}
    for row in rows:
        negative = None if row[3] is None else bool(row[3])
        found.setdefault(row[0], []).append(Proof(row[1], moment(row[2]), negative, row[4]))
    return found


def _checkpoint(event: Event, row: Row) -> Checkpoint:
    limit = row[8]
    if row[4] is not None:
        room = room_limit(row[9], row[10], event.protocol)
        limit = room if limit is None else min(limit, room)
    return Checkpoint(
        row[0], event.id, row[1], row[2], CheckpointKind(row[3]), row[4], row[5], row[6], bool(row[7]), row[8],
        limit, row[11],
    )  # fmt: skip


def _holder(row: Row) -> Holder:
    return Holder(
        row[4], row[1], row[5], row[6], row[8], row[9], Attendance(row[7]), maybe_moment(row[3]),
        row[10] or "",
    )  # fmt: skip


def fact_of(row: Row) -> Fact:
    """Return a stored passage as a fact."""
    return Fact(
        moment(row[0]), row[1], row[2], day(row[3]), Way(row[4]), row[5], row[6], Status(row[7]),
        _reason(row[8]), _reason(row[9]), _reason(row[10]), row[11], bool(row[12]), bool(row[13]), row[14],
    )  # fmt: skip


def _reason(value: str | None) -> Reason | None:
    return None if value is None else Reason(value)
