"""What a scanner is told about one ticket's holder, so that it can decide as the server would. Pure.

It opens only with the ticket itself (see `sealing`), and says no more than a decision needs: whether a declaration is
fit, and until when a proof holds, but not what was declared or shown.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from eventhub.events.model import Attendance, Protocol

from . import health
from .model import Declaration, Proof, Reading, Reason

_FIT = Reading(temperature_c=36.0, mask=True)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose ticket it is, as the gate is told; `delegation` is the office's name."""

    name: str
    position: str
    delegation: str
    attendance: Attendance


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a holder is on an event day: in the event, in a room, and whether a gate need not ask health again."""

    day: date
    is_inside: bool = False
    room: str | None = None
    is_checked: bool = False


def holder(
    person: Person,
    standing: Standing,
    protocol: Protocol,
    *,
    audience: str,
    declarations: Sequence[Declaration] = (),
    proofs: Sequence[Proof] = (),
    at: datetime,
) -> dict[str, Any]:
    """Return the document of docs/scanner.md."""
    told: dict[str, Any] = {
        "name": person.name,
        "position": person.position,
        "delegation": person.delegation,
        "attendance": person.attendance.value,
        "audience": audience,
        "day": standing.day.isoformat(),
        "inside": standing.is_inside,
        "room": standing.room,
        "checked": standing.is_checked,
    }
    if protocol.enabled and protocol.declaration_required:
        told["declared"] = {
            declared.date.isoformat(): not (
                declared.symptoms or declared.contact or declared.travel
            )
            for declared in declarations
        }
    if protocol.enabled and protocol.proof_required and protocol.proof_accepts:
        told["proof"] = proof(protocol, proofs, at)
    return told


def proof(protocol: Protocol, proofs: Sequence[Proof], at: datetime) -> dict[str, Any]:
    """Return until when a proof holds that was seen by `at`, and what is said afterwards.

    `{"until": moment | "always" | None, "then": "proof_missing" | "proof_expired"}`; None: there is none now.
    """
    known = [one for one in proofs if one.taken_at <= at]
    ends = sorted(
        {
            one.taken_at + timedelta(hours=kind.valid_hours)
            for one in known
            for kind in protocol.proof_accepts
            if kind.kind == one.kind and kind.valid_hours is not None
        }
    )
    last = max([at, *ends]) + timedelta(seconds=1)
    then = _refused(protocol, known, last)
    if then is None:
        return {"until": "always", "then": Reason.PROOF_MISSING.value}
    until = max((end for end in ends if _refused(protocol, known, end) is None), default=None)
    return {"until": until.astimezone(UTC).isoformat() if until else None, "then": then.value}


def audience_mark(sessions: Iterable[str]) -> str:
    """Return a short name of a set of sessions, the same for the same set."""
    return sha256(json.dumps(sorted(sessions)).encode()).hexdigest()[:12]


def _refused(protocol: Protocol, proofs: Sequence[Proof], at: datetime) -> Reason | None:
    asked = replace(protocol, declaration_required=False, max_temperature_c=_FIT.temperature_c or 0)
    return health.verdict(asked, _FIT, declaration=None, proofs=proofs, at=at)
