"""Recording scans: read what is needed at once, decide one after the other, write at once.

What arrives together is recorded together, and decided as if each batch had come alone, in the order of their
arrival. The scans of one batch are decided in the order of their moments, each as of its own moment.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from eventhub.accounts import audit
from eventhub.db.plain import Conversation, Turn
from eventhub.events.model import Event
from eventhub.web.access import Principal
from eventhub.wording import say

from . import answers, badge, entries, ledger
from .deciding import Decided, decide
from .items import Malformed, PassageItem
from .model import (
    HEALTH,
    Checkpoint,
    Holder,
    Override,
    Reading,
    Reason,
    Result,
    Scan,
    Status,
    Visit,
    Way,
)
from .surroundings import Surroundings, read_surroundings

Read = Scan | Malformed


@dataclass(frozen=True, slots=True)
class Batch:
    """Scans sent together by one caller, who may override some refusals, and when they arrived."""

    items: Sequence[PassageItem | Malformed]
    who: Principal
    override: Override
    at: datetime


@dataclass(slots=True)
class _Nonces:
    """What is known of nonces: stored before, or decided now, and by which batch."""

    kept: Mapping[str, ledger.Kept]
    holders: Mapping[int, Holder]
    decided: dict[str, tuple[Decided, Batch]] = field(default_factory=dict)


def record(
    event: Event, batches: Sequence[Batch], *, fingerprint: Callable[[str], str]
) -> Conversation[list[list[Result]]]:
    """Decide and store batches; a nonce that is known writes nothing. Return results in the order of the items."""
    readable = [item for batch in batches for item in batch.items if isinstance(item, PassageItem)]
    checkpoints = yield from ledger.read_checkpoints(event, {item.checkpoint for item in readable})
    scans = [
        [
            _scan(item, event, checkpoints, batch.who.checkpoints, fingerprint)
            for item in batch.items
        ]
        for batch in batches
    ]
    told = yield from _read_told(event, scans)
    around = yield from read_surroundings(event, _fresh(told, [s for each in scans for s in each]))
    results = []
    for batch, read in zip(batches, scans, strict=True):
        for scan in sorted(_fresh(told, read), key=lambda scan: (scan.scanned_at, scan.nonce)):
            told.decided[scan.nonce] = decide(scan, around, batch.override), batch
        results.append(
            [_result(scan, item, told) for scan, item in zip(read, batch.items, strict=True)]
        )
    yield from _write(event, list(told.decided.values()), around)
    return results


def record_alone(
    event: Event, batch: Batch, *, fingerprint: Callable[[str], str]
) -> Conversation[list[Result]]:
    """Decide and store one batch when no other writer of the event is at work."""
    yield Turn(event.id)
    return (yield from record(event, [batch], fingerprint=fingerprint))[0]


def _read_told(event: Event, scans: Sequence[Sequence[Read]]) -> Conversation[_Nonces]:
    nonces = {scan.nonce for each in scans for scan in each if isinstance(scan, Scan)}
    kept = (yield from ledger.read_kept(event.id, nonces)) if nonces else {}
    people = {one.participant_id for one in kept.values() if one.participant_id is not None}
    holders = (yield from ledger.read_people(people)) if people else {}
    return _Nonces(kept, holders)


def _fresh(told: _Nonces, read: Sequence[Read]) -> list[Scan]:
    """Return the first scan of each nonce that is not known yet."""
    first: dict[str, Scan] = {}
    for scan in read:
        if (
            isinstance(scan, Scan)
            and scan.nonce not in told.kept
            and scan.nonce not in told.decided
        ):
            first.setdefault(scan.nonce, scan)
    return list(first.values())


def _result(scan: Read, item: PassageItem | Malformed, told: _Nonces) -> Result:
    """Return the answer to an item, under the nonce as it was sent."""
    if isinstance(scan, Malformed):
        return Result(scan.nonce, Status.REFUSED, Reason.MALFORMED, scan.explanation)
    if stored := told.kept.get(scan.nonce):
        holder = told.holders.get(stored.participant_id or 0)
        return _kept_result(stored, holder, item) if stored.is_of(scan) else _another(item)
    one, _ = told.decided[scan.nonce]
    origin = one.scan
    same = (scan.fingerprint, scan.checkpoint.code, scan.way, scan.scanned_at)
    if same != (origin.fingerprint, origin.checkpoint.code, origin.way, origin.scanned_at):
        return _another(item)
    return _told(one, item, replayed=scan is not origin)


def _scan(
    item: PassageItem | Malformed,
    event: Event,
    checkpoints: dict[str, Checkpoint],
    bound_to: Sequence[str],
    fingerprint: Callable[[str], str],
) -> Read:
    if isinstance(item, Malformed):
        return item
    checkpoint = checkpoints.get(item.checkpoint)
    if checkpoint is None:
        return Malformed(
            nonce=item.nonce,
            explanation=say("There is no checkpoint {code}.", code=item.checkpoint),
        )
    if bound_to and checkpoint.code not in bound_to:
        refusal = say("This scanner may not scan at {checkpoint}.", checkpoint=checkpoint.name)
        return Malformed(nonce=item.nonce, explanation=refusal)
    text = badge.clean(item.secret)
    return Scan(
        nonce=item.nonce.lower(),
        text=text,
        fingerprint=fingerprint(text),
        checkpoint=checkpoint,
        way=Way(item.type),
        scanned_at=item.scanned_at,
        day=event.day_of(item.scanned_at),
        reading=Reading(item.health.temperature_c, item.health.mask) if item.health else None,
        force=item.force,
        force_reason=item.force_reason.strip() if item.force and item.force_reason else None,
        offline=item.offline,
        decided=item.decided if item.offline else None,
    )


def _write(
    event: Event, decided: Sequence[tuple[Decided, Batch]], around: Surroundings
) -> Conversation[None]:
    yield from entries.insert_passages([_passage(event.id, *one) for one in decided])
    yield from entries.insert_readings(
        [reading for one, _ in decided if (reading := _reading(event.id, one.scan))]
    )
    yield from entries.insert_audit(
        [_override(event.id, *one) for one in decided if one[0].decision.forced]
    )
    yield from write_visits(event, around)


def write_visits(event: Event, around: Surroundings) -> Conversation[None]:
    """Write how visits differ from those that were stored, and count them."""
    added: list[Visit] = []
    rewritten = []
    crowds: Counter[tuple[int | None, date]] = Counter()
    for key, after in around.visits.items():
        before = around.stored_visits.get(key, [])
        if after[: len(before)] == before:
            added += after[len(before) :]
        else:
            rewritten.append(key)
            added += after
        crowds.update((visit.room_id, visit.day) for visit in after if visit.left_at is None)
        crowds.subtract((visit.room_id, visit.day) for visit in before if visit.left_at is None)
    yield from entries.delete_visits(rewritten)
    yield from entries.insert_visits(event.id, added)
    yield from entries.add_to_crowds(event.id, crowds)


def _passage(event_id: int, one: Decided, batch: Batch) -> list[Any]:
    """Return a row for `entries.insert_passages`."""
    scan, decision, holder, place = one.scan, one.decision, one.holder, one.scan.checkpoint
    return [
        event_id,
        scan.nonce,
        place.id,
        holder.participant_id if holder else None,
        holder.ticket_id if holder else None,
        one.session_id,
        scan.way,
        scan.scanned_at,
        batch.at,
        scan.day,
        decision.status,
        decision.reason,
        decision.objection,
        one.fact.health,
        decision.forced,
        scan.force_reason,
        scan.offline,
        scan.decided,
        scan.fingerprint,
        place.place_limit,
        answers.pack(one.explanation, one.inside, place.place_limit, one.conflicts),
        batch.who.kind,
        batch.who.id,
        batch.who.name,
    ]


def _override(event_id: int, one: Decided, batch: Batch) -> dict[str, Any]:
    against = one.decision.against
    why = {
        "reason": against.value if against else None,
        "force_reason": one.scan.force_reason,
    }
    detail: dict[str, Any] = {"checkpoint": one.scan.checkpoint.code, "nonce": one.scan.nonce}
    detail |= {audit.HEALTH: why} if against in HEALTH else why
    subject = f"participant {one.fact.participant_id}"
    return audit.entry(
        batch.who, "passage.forced", subject, event_id=event_id, at=batch.at, detail=detail
    )


def _reading(event_id: int, scan: Scan) -> list[Any] | None:
    reading = scan.reading
    if reading is None or (reading.temperature_c is None and reading.mask is None):
        return None
    return [event_id, scan.nonce, reading.temperature_c, reading.mask, scan.scanned_at]


def _told(one: Decided, item: PassageItem | Malformed, *, replayed: bool) -> Result:
    return Result(
        nonce=item.nonce,
        status=one.decision.status,
        reason=one.decision.reason,
        explanation=one.explanation,
        holder=one.holder,
        checkpoint=one.scan.checkpoint.code,
        inside=one.inside,
        limit=one.scan.checkpoint.place_limit,
        conflicts=one.conflicts,
        replayed=replayed,
    )


def _kept_result(kept: ledger.Kept, holder: Holder | None, item: PassageItem | Malformed) -> Result:
    return Result(
        nonce=item.nonce,
        status=kept.status,
        reason=kept.reason,
        explanation=answers.explanation_of(kept.answer),
        holder=holder,
        checkpoint=kept.checkpoint,
        inside=kept.answer["inside"],
        limit=kept.answer["limit"],
        conflicts=answers.conflicts_of(kept.answer),
        replayed=True,
    )


def _another(item: PassageItem | Malformed) -> Result:
    text = say("Another scan has this nonce already. Send this one under a new nonce.")
    return Result(item.nonce, Status.REFUSED, Reason.MALFORMED, text)
