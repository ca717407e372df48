"""The health protocol, decided in the scan. Pure: what was measured, declared and shown, at the moment of the scan."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from eventhub.events.model import AcceptedProof, Protocol

from .model import Declaration, Proof, Reading, Reason


def verdict(
    protocol: Protocol,
    reading: Reading | None,
    *,
    declaration: Declaration | None,
    proofs: Iterable[Proof],
    at: datetime,
) -> Reason | None:
    """Return why the protocol keeps somebody out, or None.

    What nobody can mend on the spot comes before what can still be asked (temperature, then mask),
    so that nobody is measured only to be refused.
    """
    if not protocol.enabled:
        return None
    reading = reading or Reading()
    return (
        _declared(protocol, declaration)
        or too_hot(protocol, reading)
        or _proven(protocol, list(proofs), at)
        or _unasked(protocol, reading)
    )


def too_hot(protocol: Protocol, reading: Reading | None) -> Reason | None:
    """Return `temperature_high` for a reading above the limit, also where none was asked for."""
    if not protocol.enabled or reading is None or reading.temperature_c is None:
        return None
    return Reason.TEMPERATURE_HIGH if reading.temperature_c > protocol.max_temperature_c else None


def declaration_for(
    protocol: Protocol, declarations: Iterable[Declaration], day: date
) -> Declaration | None:
    """Return the declaration that counts on an event day: that day's own, or the latest so far if asked only once."""
    until_then = [
        declaration
        for declaration in declarations
        if declaration.date == day or (protocol.recheck == "once" and declaration.date < day)
    ]
    return max(until_then, key=lambda declaration: declaration.date, default=None)


def _declared(protocol: Protocol, declaration: Declaration | None) -> Reason | None:
    if not protocol.declaration_required:
        return None
    if declaration is None:
        return Reason.DECLARATION_MISSING
    unfit = declaration.symptoms or declaration.contact or declaration.travel
    return Reason.DECLARATION_UNFIT if unfit else None


def _unasked(protocol: Protocol, reading: Reading) -> Reason | None:
    if reading.temperature_c is None:
        return Reason.TEMPERATURE_MISSING
    if protocol.mask_required and not reading.mask:
        return Reason.MASK_MISSING
    return None


def _proven(protocol: Protocol, proofs: list[Proof], at: datetime) -> Reason | None:
    """A positive test cancels the negative ones before it; one without a result says nothing."""
    if not protocol.proof_required or not protocol.proof_accepts:
        return None
    known = [proof for proof in proofs if proof.taken_at <= at]
    positive_at = max((proof.taken_at for proof in known if proof.negative is False), default=None)
    standing = [
        proof
        for proof in known
        if proof.kind == "vaccine"
        or (proof.negative and (positive_at is None or proof.taken_at > positive_at))
    ]
    pairs = [
        (proof, kind)
        for proof in standing
        for kind in protocol.proof_accepts
        if proof.kind == kind.kind
    ]
    if any(_is_valid(proof, kind, at) for proof, kind in pairs):
        return None
    expired = any(proof.kind != "vaccine" for proof, _ in pairs)
    return Reason.PROOF_EXPIRED if expired else Reason.PROOF_MISSING


def _is_valid(proof: Proof, accepted: AcceptedProof, at: datetime) -> bool:
    if proof.kind == "vaccine":
        return (proof.doses or 0) >= (accepted.min_doses or 1)
    return accepted.valid_hours is None or at - proof.taken_at <= timedelta(
        hours=accepted.valid_hours
    )
