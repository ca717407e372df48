"""The health protocol, decided in the scan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from eventhub.checkin import health
from eventhub.checkin.model import Declaration, Proof, Reading, Reason
from eventhub.events.model import AcceptedProof, Protocol
from tests.checkin import make

PLAIN = Protocol(mask_required=False)
WELL = Reading(36.4, True)
STRICT = Protocol(
    declaration_required=True,
    proof_required=True,
    proof_accepts=(AcceptedProof("antigen", valid_hours=24), AcceptedProof("vaccine", min_doses=2)),
)
FIT = Declaration(make.DAY, False, False, False)


def hours_ago(hours: float) -> datetime:
    return make.NINE - timedelta(hours=hours)


def verdict(
    protocol: Protocol,
    reading: Reading | None = WELL,
    declaration: Declaration | None = None,
    proofs: Sequence[Proof] = (),
) -> Reason | None:
    return health.verdict(protocol, reading, declaration=declaration, proofs=proofs, at=make.NINE)


@pytest.mark.parametrize(
    ("celsius", "reason"),
    [(37.3, None), (37.31, Reason.TEMPERATURE_HIGH), (None, Reason.TEMPERATURE_MISSING)],
)
def test_the_temperature_may_reach_the_limit_and_not_pass_it(
    celsius: float | None, reason: Reason | None
) -> None:
    assert verdict(PLAIN, Reading(celsius, None)) == reason


def test_a_scan_without_health_is_asked_for_the_temperature() -> None:
    assert verdict(PLAIN, None) == Reason.TEMPERATURE_MISSING


@pytest.mark.parametrize("mask", [None, False])
def test_a_mask_that_is_not_worn_is_missing(mask: bool | None) -> None:
    assert verdict(Protocol(), Reading(36.4, mask)) == Reason.MASK_MISSING


def test_a_protocol_switched_off_asks_nothing() -> None:
    off = replace(STRICT, enabled=False)

    assert verdict(off, Reading(41.0, False)) is None
    assert health.too_hot(off, Reading(41.0)) is None


def test_a_declaration_must_be_there_and_fit() -> None:
    needed = replace(PLAIN, declaration_required=True)

    assert verdict(needed) == Reason.DECLARATION_MISSING
    assert verdict(needed, declaration=FIT) is None
    for unfit in (
        replace(FIT, symptoms=True),
        replace(FIT, contact=True),
        replace(FIT, travel=True),
    ):
        assert verdict(needed, declaration=unfit) == Reason.DECLARATION_UNFIT


def test_a_daily_protocol_wants_the_days_own_declaration_and_another_the_latest() -> None:
    yesterday = replace(FIT, date=date(2021, 2, 24))
    older = replace(FIT, date=date(2021, 2, 23), symptoms=True)
    tomorrow = replace(FIT, date=date(2021, 2, 26))
    once = replace(PLAIN, recheck="once")

    assert health.declaration_for(PLAIN, [yesterday, tomorrow], make.DAY) is None
    assert health.declaration_for(PLAIN, [FIT, yesterday], make.DAY) == FIT
    assert health.declaration_for(once, [older, yesterday, tomorrow], make.DAY) == yesterday


@pytest.mark.parametrize(
    ("proofs", "reason"),
    [
        ([], Reason.PROOF_MISSING),
        ([Proof("antigen", hours_ago(24), True)], None),
        ([Proof("antigen", hours_ago(24.01), True)], Reason.PROOF_EXPIRED),
        ([Proof("antigen", hours_ago(-1), True)], Reason.PROOF_MISSING),
        ([Proof("antigen", hours_ago(2), False)], Reason.PROOF_MISSING),
        (
            [Proof("antigen", hours_ago(3), True), Proof("pcr", hours_ago(2), False)],
            Reason.PROOF_MISSING,
        ),
        ([Proof("antigen", hours_ago(1), True), Proof("pcr", hours_ago(2), False)], None),
        ([Proof("antigen", hours_ago(3), True), Proof("pcr", hours_ago(2), None)], None),
        ([Proof("pcr", hours_ago(2), True)], Reason.PROOF_MISSING),
        ([Proof("vaccine", hours_ago(9000), doses=2)], None),
        ([Proof("vaccine", hours_ago(9000), doses=1)], Reason.PROOF_MISSING),
        ([Proof("antigen", hours_ago(99), True), Proof("vaccine", hours_ago(9), doses=2)], None),
    ],
)
def test_a_proof_counts_at_the_moment_of_the_scan(
    proofs: list[Proof], reason: Reason | None
) -> None:
    assert verdict(replace(STRICT, declaration_required=False), proofs=proofs) == reason


def test_what_cannot_be_mended_is_told_before_what_can_be_asked() -> None:
    assert verdict(STRICT, None) == Reason.DECLARATION_MISSING
    assert verdict(STRICT, Reading(39.0), FIT) == Reason.TEMPERATURE_HIGH
    assert verdict(STRICT, None, FIT) == Reason.PROOF_MISSING
    vaccinated = [Proof("vaccine", hours_ago(9), doses=2)]
    assert verdict(STRICT, None, FIT, vaccinated) == Reason.TEMPERATURE_MISSING
    assert verdict(STRICT, Reading(36.0), FIT, vaccinated) == Reason.MASK_MISSING
