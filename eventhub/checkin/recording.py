"""Recording a batch of scans: read what is needed at once, decide one after the other, write at once.

Scans are decided in the order of their moments, whatever their order in the batch, each as of its own moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from eventhub.events.model import Event
from eventhub.wording import say

from . import answers, badge, ledger
from .deciding import Decided, decide
from .items import Malformed, PassageItem
from .model import (
    Checkpoint,
    Holder,
    Override,
    Reading,
    Reason,
    Result,
    Scan,
    Status,
    Way,
)
from .plain import Conversation
from .surroundings import Surroundings, read_surroundings


@dataclass(frozen=True, slots=True)
class Scanner:
    """Who scans: a user, a token or a device, what they may override, and where they may scan (empty: everywhere)."""

    kind: str
    id: int
    name: str
    override: Override
    checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a batch: a result for each item, in its order, and the overrides among them."""

    results: list[Result]
    overridden: list[Decided]


def record(
    event: Event,
    items: Sequence[PassageItem | Malformed],
    by: Scanner,
    *,
    fingerprint: Callable[[str], str],
    at: datetime,
) -> Conversation[Recorded]:
    """Decide and store a batch that arrived at `at`; repeated nonces write nothing."""
    readable = [item for item in items if isinstance(item, PassageItem)]
    checkpoints = yield from ledger.read_checkpoints(event, {item.checkpoint for item in readable})
    scans = [_scan(item, event, checkpoints, by, fingerprint) for item in items]
    kept = yield from ledger.read_kept(event.id, {s.nonce for s in scans if isinstance(s, Scan)})
    first: dict[str, Scan] = {}
    for scan in scans:
        if isinstance(scan, Scan) and scan.nonce not in kept:
            first.setdefault(scan.nonce, scan)
    fresh = sorted(first.values(), key=lambda scan: (scan.scanned_at, scan.nonce))
    around = yield from read_surroundings(event, fresh)
    decided = {scan.nonce: decide(scan, around, by.override) for scan in fresh}
    yield from _write(event, list(decided.values()), around, by, at)
    people = {one.participant_id for one in kept.values() if one.participant_id is not None}
    holders = (yield from ledger.read_people(people)) if people else {}
    results = [_result(scan, first, decided, kept, holders) for scan in scans]
    echoed = [replace(r, nonce=item.nonce) for r, item in zip(results, items, strict=True)]
    return Recorded(echoed, [one for one in decided.values() if one.decision.forced])


def _result(
    scan: Scan | Malformed,
    first: dict[str, Scan],
    decided: dict[str, Decided],
    kept: dict[str, ledger.Kept],
    holders: dict[int, Holder],
) -> Result:
    if isinstance(scan, Malformed):
        return Result(scan.nonce, Status.REFUSED, Reason.MALFORMED, scan.explanation)
    if stored := kept.get(scan.nonce):
        return (
            _kept_result(stored, holders.get(stored.participant_id or 0))
            if stored.is_of(scan)
            else _another(scan)
        )
    origin = first[scan.nonce]
    if scan is origin:
        return _told(decided[scan.nonce])
    same = (scan.fingerprint, scan.checkpoint.code, scan.way, scan.scanned_at)
    if same != (origin.fingerprint, origin.checkpoint.code, origin.way, origin.scanned_at):
        return _another(scan)
    return replace(_told(decided[scan.nonce]), replayed=True)


def _scan(
    item: PassageItem | Malformed,
    event: Event,
    checkpoints: dict[str, Checkpoint],
    by: Scanner,
    fingerprint: Callable[[str], str],
) -> Scan | Malformed:
    if isinstance(item, Malformed):
        return item
    checkpoint = checkpoints.get(item.checkpoint)
    if checkpoint is None:
        return Malformed(
            nonce=item.nonce,
            explanation=say("There is no checkpoint {code}.", code=item.checkpoint),
        )
    if by.checkpoints and checkpoint.code not in by.checkpoints:
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
    event: Event, decided: Sequence[Decided], around: Surroundings, by: Scanner, at: datetime
) -> Conversation[None]:
    yield from ledger.insert_passages([_passage(event.id, one, by, at) for one in decided])
    yield from ledger.insert_readings([r for one in decided if (r := _reading(event.id, one.scan))])
    added = []
    for key, after in around.visits.items():
        before = around.stored_visits.get(key, [])
        if after[: len(before)] == before:
            added += after[len(before) :]
            continue
        yield from ledger.delete_visits(*key)
        added += after
    yield from ledger.insert_visits(event.id, added)


def _passage(event_id: int, one: Decided, by: Scanner, at: datetime) -> dict[str, Any]:
    scan, decision = one.scan, one.decision
    return {
        "event_id": event_id,
        "nonce": scan.nonce,
        "checkpoint_id": scan.checkpoint.id,
        "participant_id": one.holder.participant_id if one.holder else None,
        "ticket_id": one.holder.ticket_id if one.holder else None,
        "session_id": one.session_id,
        "type": scan.way.value,
        "scanned_at": scan.scanned_at,
        "arrived_at": at,
        "day": scan.day,
        "status": decision.status.value,
        "reason": _value(decision.reason),
        "objection": _value(decision.objection),
        "health": _value(one.fact.health),
        "forced": decision.forced,
        "force_reason": scan.force_reason,
        "offline": scan.offline,
        "decided": scan.decided,
        "fingerprint": scan.fingerprint,
        "place_limit": scan.checkpoint.place_limit,
        "answer": answers.pack(
            one.explanation, one.inside, scan.checkpoint.place_limit, one.conflicts
        ),
        "by_kind": by.kind,
        "by_id": by.id,
        "by_name": by.name,
    }


def _value(reason: Reason | None) -> str | None:
    return reason.value if reason else None


def _reading(event_id: int, scan: Scan) -> dict[str, Any] | None:
    reading = scan.reading
    if reading is None or (reading.temperature_c is None and reading.mask is None):
        return None
    return {
        "event_id": event_id,
        "nonce": scan.nonce,
        "temperature_c": reading.temperature_c,
        "mask": reading.mask,
        "taken_at": scan.scanned_at,
    }


def _told(one: Decided) -> Result:
    return Result(
        nonce=one.scan.nonce,
        status=one.decision.status,
        reason=one.decision.reason,
        explanation=one.explanation,
        holder=one.holder,
        checkpoint=one.scan.checkpoint.code,
        inside=one.inside,
        limit=one.scan.checkpoint.place_limit,
        conflicts=one.conflicts,
    )


def _kept_result(kept: ledger.Kept, holder: Holder | None) -> Result:
    return Result(
        nonce=kept.nonce,
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


def _another(scan: Scan) -> Result:
    text = say("Another scan has this nonce already. Send this one under a new nonce.")
    return Result(scan.nonce, Status.REFUSED, Reason.MALFORMED, text)
