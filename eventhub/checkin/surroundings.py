"""What is known around a batch of scans, read at once: whose tickets, what was scanned before, who is inside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from eventhub.db.plain import Conversation
from eventhub.events.model import Event

from . import badge, health, ledger
from .crowd import Crowd, read_crowd
from .facts import Standing, enters_next, standing
from .model import (
    CheckpointKind,
    Declaration,
    Fact,
    Holder,
    Proof,
    Reason,
    Scan,
    Visit,
    Way,
)
from .occasions import read_occasions
from .rules import SAME_MOMENT, Occasion

Identity = tuple[Reason | None, Holder | None]
PersonDay = tuple[int, date]
Place = tuple[int | None, date]


@dataclass(slots=True)
class Surroundings:
    """All that decisions about a batch need; grows with each decision."""

    event: Event
    identities: dict[str, Identity] = field(default_factory=dict)
    facts: dict[PersonDay, list[Fact]] = field(default_factory=dict)
    stored_visits: dict[PersonDay, list[Visit]] = field(default_factory=dict)
    visits: dict[PersonDay, list[Visit]] = field(default_factory=dict)
    first_entries: dict[int, datetime] = field(default_factory=dict)
    declarations: dict[int, list[Declaration]] = field(default_factory=dict)
    proofs: dict[int, list[Proof]] = field(default_factory=dict)
    occasions: dict[int, list[Occasion]] = field(default_factory=dict)
    crowds: dict[Place, Crowd] = field(default_factory=dict)

    def stood(self, scan: Scan, holder: Holder) -> Standing:
        """Return where a holder stood just before a scan, in the order in which facts are followed."""
        earlier = self.facts.get((holder.participant_id, scan.day))
        if not earlier:
            return Standing()
        now = scan.scanned_at, scan.nonce
        return standing([fact for fact in earlier if fact.order < now])

    def is_inside(self, scan: Scan, holder: Holder) -> bool:
        """Whether a holder was inside at the moment of a scan, or let in there within the same moment."""
        told = self.facts.get((holder.participant_id, scan.day))
        if not told:
            return False
        place, soon = scan.checkpoint.room_id, scan.scanned_at + SAME_MOMENT
        before = (fact for fact in told if fact.scanned_at <= scan.scanned_at)
        after = (fact for fact in told if scan.scanned_at < fact.scanned_at <= soon)
        return place in standing(before).inside or enters_next(after, place)

    def is_checked(self, scan: Scan, holder: Holder, stood: Standing) -> bool:
        """Whether a gate need not ask the holder's health any more."""
        if stood.is_checked or self.event.protocol.recheck == "daily":
            return stood.is_checked
        first = self.first_entries.get(holder.participant_id)
        return first is not None and first < scan.scanned_at

    def health(self, scan: Scan, holder: Holder) -> Reason | None:
        """Return what a gate would say if it asked."""
        if scan.checkpoint.kind != CheckpointKind.GATE or scan.way != Way.ENTRY:
            return None
        protocol = self.event.protocol
        declared = self.declarations.get(holder.participant_id, [])
        return health.verdict(
            protocol,
            scan.reading,
            declaration=health.declaration_for(protocol, declared, scan.day),
            proofs=self.proofs.get(holder.participant_id, []),
            at=scan.scanned_at,
        )

    def crowd(self, scan: Scan) -> Crowd:
        """Return the crowd of the place a scan leads to."""
        return self.crowds[scan.checkpoint.room_id, scan.day]

    def take_in(self, fact: Fact) -> None:
        """Let a decided scan count for those after it."""
        if fact.participant_id is None:
            return
        key = fact.participant_id, fact.day
        self.facts.setdefault(key, []).append(fact)
        before = self.visits.get(key, [])
        after = standing(self.facts[key]).all_visits()
        self.visits[key] = after
        for visits, sign in ((before, -1), (after, 1)):
            for visit in visits:
                self._count(visit, sign)
        if fact.status == "ok" and fact.way == Way.ENTRY and fact.room_id is None:
            first = self.first_entries.get(fact.participant_id, fact.scanned_at)
            self.first_entries[fact.participant_id] = min(first, fact.scanned_at)

    def _count(self, visit: Visit, sign: int) -> None:
        crowd = self.crowds.get((visit.room_id, visit.day))
        if crowd is not None:
            crowd.change(visit.entered_at, sign)
            if visit.left_at is not None:
                crowd.change(visit.left_at, -sign)


def read_surroundings(event: Event, scans: Sequence[Scan]) -> Conversation[Surroundings]:
    """Read what is known around these scans, in any order."""
    around = Surroundings(event)
    if not scans:
        return around
    around.identities = yield from _read_identities(event, scans)
    holders = {h.participant_id: h for _, h in around.identities.values() if h is not None}
    since = min(scan.scanned_at for scan in scans)
    until = max(scan.scanned_at for scan in scans)
    if holders:
        yield from _read_history(around, holders, {scan.day for scan in scans})
        yield from _read_health(around, holders, scans)
        rooms = {s.checkpoint.room_id for s in scans if s.checkpoint.room_id is not None}
        if rooms:
            around.occasions = yield from read_occasions(
                event, rooms, list(holders.values()), since, until
            )
    for room_id, on in sorted({(s.checkpoint.room_id, s.day) for s in scans}, key=str):
        around.crowds[room_id, on] = yield from read_crowd(
            event.id, room_id, on, since, until + SAME_MOMENT
        )
    return around


def _read_history(
    around: Surroundings, holders: dict[int, Holder], days: set[date]
) -> Conversation[None]:
    for fact in (yield from ledger.read_facts(holders, days)):
        if fact.participant_id is not None:
            around.facts.setdefault((fact.participant_id, fact.day), []).append(fact)
    for key, told in around.facts.items():
        around.visits[key] = around.stored_visits[key] = standing(told).all_visits()


def _read_health(
    around: Surroundings, holders: dict[int, Holder], scans: Sequence[Scan]
) -> Conversation[None]:
    protocol = around.event.protocol
    if not protocol.enabled or all(scan.checkpoint.kind != CheckpointKind.GATE for scan in scans):
        return
    if protocol.recheck == "once":
        around.first_entries = yield from ledger.read_first_entries(holders)
    if protocol.declaration_required:
        around.declarations = yield from ledger.read_declarations(holders)
    if protocol.proof_required:
        around.proofs = yield from ledger.read_proofs(holders)


def _read_identities(event: Event, scans: Sequence[Scan]) -> Conversation[dict[str, Identity]]:
    """Return whose tickets were scanned. A text whose fingerprint was noted as it was signed needs no other proof."""
    genuine = yield from ledger.read_holders(event.id, {scan.fingerprint for scan in scans})
    found = {
        scan.nonce: _known(genuine[scan.fingerprint])
        for scan in scans
        if scan.fingerprint in genuine
    }
    others = [scan for scan in scans if scan.nonce not in found]
    if others:
        found |= yield from _examine(event, others)
    return found


def _examine(event: Event, scans: Iterable[Scan]) -> Conversation[dict[str, Identity]]:
    claims: dict[str, badge.Claim] = {}
    found: dict[str, Identity] = {}
    for scan in scans:
        try:
            claims[scan.nonce] = badge.read(scan.text)
        except badge.NotATicket:
            found[scan.nonce] = (Reason.UNKNOWN, None)
    if not claims:
        return found
    keys = yield from ledger.read_keys({event.id, *(claim.event for claim in claims.values())})
    holders = yield from ledger.read_numbers(event.id, {claim.number for claim in claims.values()})
    return found | {
        nonce: _identify(event, claim, keys, holders) for nonce, claim in claims.items()
    }


def _identify(
    event: Event,
    claim: badge.Claim,
    keys: dict[tuple[int, int], bytes],
    holders: dict[int, Holder],
) -> Identity:
    ours = claim.event == badge.event_mark(event.id)
    key = keys.get((event.id if ours else claim.event, claim.key_id))
    if key is None or not claim.is_signed_by(key):
        return Reason.BAD_SIGNATURE, None
    if not ours:
        return Reason.WRONG_EVENT, None
    holder = holders.get(claim.number)
    return _known(holder) if holder else (Reason.UNKNOWN, None)


def _known(holder: Holder) -> Identity:
    return (Reason.REVOKED if holder.revoked_at or holder.instead else None), holder
