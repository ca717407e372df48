"""Deciding one scan of a batch amid what is known around it."""

from dataclasses import dataclass

from eventhub.wording import Text

from . import facts, health, reasons, rules
from .model import Fact, Holder, Override, PassageConflict, Reason, Scan, Status, Way
from .surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Decided:
    """A fresh scan with all that is to be stored of it."""

    scan: Scan
    holder: Holder | None
    decision: rules.Decision
    fact: Fact
    session_id: int | None
    explanation: Text
    inside: int
    conflicts: tuple[PassageConflict, ...]


def decide(scan: Scan, around: Surroundings, override: Override) -> Decided:
    """Decide a scan as of its moment, and let it count for those after it."""
    ticket, holder = around.identities[scan.nonce]
    crowd = around.crowd(scan)
    count, limit = crowd.at(scan.scanned_at), scan.checkpoint.place_limit
    standing = around.stood(scan, holder) if holder else facts.Standing()
    is_checked = holder is not None and around.is_checked(scan, holder, standing)
    asked = around.health(scan, holder) if holder else None
    occasions = around.occasions.get(scan.checkpoint.room_id or 0, [])
    known = rules.Circumstances(
        event_days=around.event.days,
        ticket=ticket,
        holder=holder,
        occasions=occasions,
        is_inside=holder is not None and around.is_inside(scan, holder),
        is_full=limit is not None
        and crowd.most(scan.scanned_at, scan.scanned_at + rules.SAME_MOMENT) >= limit,
        is_checked=is_checked,
        health=asked,
        hot=health.too_hot(around.event.protocol, scan.reading),
        override=override,
    )
    decision = rules.decide(scan, known)
    fact = _fact(scan, holder, decision, asked)
    conflict = (
        facts.clash(fact, standing, is_checked=is_checked, count=count) if scan.offline else None
    )
    attends = holder is not None and decision.status == Status.OK and scan.way == Way.ENTRY
    session_id = rules.session_of(scan, holder, occasions) if holder and attends else None
    around.take_in(fact)
    inside = crowd.at(scan.scanned_at)
    conflicts = (conflict,) if conflict else ()
    return Decided(
        scan,
        holder,
        decision,
        fact,
        session_id,
        _explain(scan, decision, holder),
        inside,
        conflicts,
    )


def _fact(
    scan: Scan, holder: Holder | None, decision: rules.Decision, asked: Reason | None
) -> Fact:
    return Fact(
        scanned_at=scan.scanned_at,
        nonce=scan.nonce,
        participant_id=holder.participant_id if holder else None,
        day=scan.day,
        way=scan.way,
        checkpoint=scan.checkpoint.code,
        room_id=scan.checkpoint.room_id,
        status=decision.status,
        reason=decision.reason,
        objection=decision.objection,
        health=asked,
        limit=scan.checkpoint.place_limit,
        forced=decision.forced,
        offline=scan.offline,
        decided=scan.decided,
    )


def _explain(scan: Scan, decision: rules.Decision, holder: Holder | None) -> Text:
    if decision.status == Status.OK:
        return reasons.welcome(scan, decision.against if decision.forced else None)
    if decision.reason == Reason.REVOKED and holder and not holder.revoked_at:
        return reasons.handed_on(holder)
    return reasons.explain(decision.reason, scan) if decision.reason else reasons.noted(scan)
