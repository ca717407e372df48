"""What is known around a batch of scans, read at once: whose tickets, what was scanned before, who is inside."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from eventhub.events.model import Event

from . import badge, health, ledger
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
from .plain import Conversation
from .rules import SAME_MOMENT, Occasion

Identity = tuple[Reason | None, Holder | None]
PersonDay = tuple[int, date]
Place = tuple[int | None, date]


@dataclass(slots=True)
class Crowd:
    """How many are inside a place. It is asked with moments that never go back."""

    count: int
    now: datetime
    coming: list[tuple[datetime, int]] = field(default_factory=list)

    def at(self, moment: datetime) -> int:
        """Return how many are inside at a moment."""
        self.now = max(self.now, moment)
        while self.coming and self.coming[0][0] <= self.now:
            self.count += heapq.heappop(self.coming)[1]
        return self.count

    def most(self, until: datetime) -> int:
        """Return how many are inside now or at a moment soon after, whichever is more."""
        return self.count + max(0, sum(by for moment, by in self.coming if moment <= until))

    def change(self, moment: datetime, by: int) -> None:
        """Let somebody come (+1) or go (-1) at a moment, which may lie before now."""
        if moment <= self.now:
            self.count += by
        else:
            heapq.heappush(self.coming, (moment, by))


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
        earlier = self.facts.get((holder.participant_id, scan.day), [])
        return standing(fact for fact in earlier if fact.order < (scan.scanned_at, scan.nonce))

    def is_inside(self, scan: Scan, holder: Holder) -> bool:
        """Whether a holder was inside at the moment of a scan, or let in there within the same moment."""
        told = self.facts.get((holder.participant_id, scan.day), [])
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
    """Read what is known around these scans, which are sorted by their moments."""
    around = Surroundings(event)
    if not scans:
        return around
    around.identities = yield from _read_identities(event, scans)
    holders = {h.participant_id: h for _, h in around.identities.values() if h is not None}
    since, until = scans[0].scanned_at, scans[-1].scanned_at
    if holders:
        yield from _read_history(around, holders, {scan.day for scan in scans})
        yield from _read_health(around, holders, scans)
        rooms = {s.checkpoint.room_id for s in scans if s.checkpoint.room_id is not None}
        if rooms:
            around.occasions = yield from read_occasions(
                event, rooms, list(holders.values()), since, until
            )
    for room_id, on in sorted({(s.checkpoint.room_id, s.day) for s in scans}, key=str):
        count = yield from ledger.count_inside(event.id, room_id, on, since)
        crowd = around.crowds[room_id, on] = Crowd(count, since)
        moves = yield from ledger.read_moves(event.id, room_id, on, since, until + SAME_MOMENT)
        for moment, change in moves:
            crowd.change(moment, change)
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
    claims: dict[str, badge.Claim] = {}
    for scan in scans:
        try:
            claims[scan.nonce] = badge.read(scan.text)
        except badge.NotATicket:
            continue
    if not claims:
        return {scan.nonce: (Reason.UNKNOWN, None) for scan in scans}
    keys = yield from ledger.read_keys({event.id, *(claim.event for claim in claims.values())})
    holders = yield from ledger.read_holders(event.id, {claim.number for claim in claims.values()})
    return {scan.nonce: _identify(event, claims.get(scan.nonce), keys, holders) for scan in scans}


def _identify(
    event: Event,
    claim: badge.Claim | None,
    keys: dict[tuple[int, int], bytes],
    holders: dict[int, Holder],
) -> Identity:
    if claim is None:
        return Reason.UNKNOWN, None
    ours = claim.event == badge.event_mark(event.id)
    key = keys.get((event.id if ours else claim.event, claim.key_id))
    if key is None or not claim.is_signed_by(key):
        return Reason.BAD_SIGNATURE, None
    if not ours:
        return Reason.WRONG_EVENT, None
    holder = holders.get(claim.number)
    if holder is None:
        return Reason.UNKNOWN, None
    return (Reason.REVOKED if holder.revoked_at else None), holder
