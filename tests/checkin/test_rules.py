"""May this ticket pass here now: every reason of the closed list, their order, overrides and offline facts."""

from dataclasses import replace

import pytest

from eventhub.checkin import rules
from eventhub.checkin.model import ASKABLE, HEALTH, NO_TICKET, Override, Reason, Status, Way
from eventhub.checkin.reasons import HELP, TITLES
from eventhub.events.model import Attendance
from eventhub.sessions.model import Audience
from tests.checkin import make

REMOTE = replace(make.HOLDER, attendance=Attendance.MEETING)
CLOSED = replace(make.GATE, open=False)


def occasion(
    *audience: Audience, starts: float = 0, ends: float = 60, number: int = 5
) -> rules.Occasion:
    return rules.Occasion(
        number,
        7,
        make.NINE + make.minutes(starts),
        make.NINE + make.minutes(ends),
        is_open=not audience,
        audience=audience,
    )


OTHERS = occasion(Audience(Attendance.ONSITE, delegation_id=99))


def decided(
    status: Status,
    reason: Reason | None,
    against: Reason | None,
    objection: Reason | None,
    *,
    forced: bool = False,
) -> rules.Decision:
    return rules.Decision(status, reason, against, objection, forced)


def refused(reason: Reason, objection: Reason | None = None) -> rules.Decision:
    return decided(Status.REFUSED, reason, reason, objection)


def test_a_valid_ticket_passes() -> None:
    assert rules.decide(make.scan(), make.known()) == decided(Status.OK, None, None, None)


@pytest.mark.parametrize("reason", [*sorted(NO_TICKET), Reason.REVOKED])
def test_a_ticket_that_is_none_is_refused_with_its_reason(reason: Reason) -> None:
    assert rules.decide(make.scan(), make.known(ticket=reason)) == refused(reason, reason)


def test_a_closed_checkpoint_lets_nobody_in() -> None:
    assert rules.decide(make.scan(CLOSED), make.known()) == refused(
        Reason.CHECKPOINT_CLOSED, Reason.CHECKPOINT_CLOSED
    )


def test_a_day_that_is_none_of_the_event_is_not_today() -> None:
    assert rules.decide(make.scan(), make.known(event_days=())) == refused(
        Reason.NOT_TODAY, Reason.NOT_TODAY
    )


def test_a_remote_participant_is_not_onsite() -> None:
    assert rules.decide(make.scan(), make.known(holder=REMOTE)) == refused(
        Reason.NOT_ONSITE, Reason.NOT_ONSITE
    )


def test_a_session_for_others_refuses_at_its_door() -> None:
    known = make.known(occasions=(OTHERS,))

    assert rules.decide(make.scan(make.DOOR), known) == refused(
        Reason.NOT_IN_AUDIENCE, Reason.NOT_IN_AUDIENCE
    )


def test_who_is_inside_is_not_let_in_again() -> None:
    assert rules.decide(make.scan(), make.known(is_inside=True)) == refused(Reason.ALREADY_IN)


def test_a_full_room_lets_nobody_in() -> None:
    assert rules.decide(make.scan(make.DOOR), make.known(is_full=True)) == refused(Reason.FULL)


@pytest.mark.parametrize("reason", sorted(HEALTH - ASKABLE))
def test_a_gate_refuses_by_the_health_protocol(reason: Reason) -> None:
    assert rules.decide(make.scan(), make.known(health=reason)) == refused(reason)


@pytest.mark.parametrize("reason", sorted(ASKABLE))
def test_what_can_still_be_asked_is_incomplete(reason: Reason) -> None:
    assert rules.decide(make.scan(), make.known(health=reason)) == decided(
        Status.INCOMPLETE, reason, reason, None
    )


def test_doors_do_not_ask_health() -> None:
    known = make.known(health=Reason.TEMPERATURE_HIGH, hot=Reason.TEMPERATURE_HIGH)

    assert rules.decide(make.scan(make.DOOR), known).status == Status.OK


def test_who_was_checked_is_not_asked_again_but_refused_when_hot() -> None:
    known = make.known(is_checked=True, health=Reason.TEMPERATURE_MISSING)

    assert rules.decide(make.scan(), known).status == Status.OK
    assert rules.decide(make.scan(), replace(known, hot=Reason.TEMPERATURE_HIGH)) == refused(
        Reason.TEMPERATURE_HIGH
    )


def test_the_reasons_come_in_the_documented_order() -> None:
    worst = make.known(
        ticket=Reason.REVOKED,
        event_days=(),
        holder=REMOTE,
        occasions=(OTHERS,),
        is_inside=True,
        is_full=True,
        health=Reason.PROOF_MISSING,
    )
    door = replace(make.DOOR, open=False)
    told = []
    for mended in (
        {"ticket": None},
        {},
        {"event_days": (make.DAY,)},
        {"holder": make.HOLDER},
        {"occasions": ()},
        {"is_inside": False},
        {"is_full": False},
    ):
        told.append(rules.decide(make.scan(door), worst).reason)
        worst = replace(worst, **mended)
        door = make.DOOR if len(told) == 2 else door

    assert told == [
        Reason.REVOKED,
        Reason.CHECKPOINT_CLOSED,
        Reason.NOT_TODAY,
        Reason.NOT_ONSITE,
        Reason.NOT_IN_AUDIENCE,
        Reason.ALREADY_IN,
        Reason.FULL,
    ]


@pytest.mark.parametrize(
    "known",
    [
        make.known(ticket=Reason.REVOKED),
        make.known(event_days=(), holder=REMOTE, is_inside=True, is_full=True),
    ],
)
def test_an_exit_is_always_recorded(known: rules.Circumstances) -> None:
    assert rules.decide(make.scan(CLOSED, way=Way.EXIT), known) == decided(
        Status.OK, None, None, None
    )


@pytest.mark.parametrize("reason", sorted(NO_TICKET))
def test_an_exit_without_a_ticket_is_nobodys(reason: Reason) -> None:
    assert rules.decide(make.scan(way=Way.EXIT), make.known(ticket=reason)) == refused(
        reason, reason
    )


def test_force_overrides_what_the_rules_refuse() -> None:
    known = make.known(is_full=True, override=Override.ALL)

    assert rules.decide(make.scan(force=True), known) == decided(
        Status.OK, None, Reason.FULL, None, forced=True
    )


@pytest.mark.parametrize("reason", [*sorted(NO_TICKET), Reason.REVOKED])
def test_force_never_overrides_the_ticket(reason: Reason) -> None:
    known = make.known(ticket=reason, override=Override.ALL)

    assert rules.decide(make.scan(force=True), known) == refused(reason, reason)


def test_force_without_the_right_is_not_allowed() -> None:
    assert rules.decide(make.scan(force=True), make.known()) == refused(Reason.NOT_ALLOWED)
    assert rules.decide(make.scan(force=True), make.known(is_full=True)) == refused(
        Reason.NOT_ALLOWED
    )


def test_a_health_officer_overrides_health_and_nothing_else() -> None:
    known = make.known(override=Override.HEALTH)

    ill = rules.decide(make.scan(force=True), replace(known, health=Reason.TEMPERATURE_HIGH))
    full = rules.decide(make.scan(force=True), replace(known, is_full=True))

    assert ill == decided(Status.OK, None, Reason.TEMPERATURE_HIGH, None, forced=True)
    assert full == refused(Reason.NOT_ALLOWED)


def test_force_that_overrides_nothing_is_an_ordinary_entry() -> None:
    known = make.known(override=Override.ALL)

    assert rules.decide(make.scan(force=True), known) == decided(Status.OK, None, None, None)


def test_what_an_offline_device_let_in_is_a_fact() -> None:
    scan = make.scan(offline=True, decided="ok")
    known = make.known(holder=REMOTE, is_inside=True)

    assert rules.decide(scan, known) == decided(Status.OK, None, None, Reason.NOT_ONSITE)


def test_what_an_offline_device_refused_is_stored_as_refused() -> None:
    scan = make.scan(offline=True, decided="refused")

    assert rules.decide(scan, make.known()) == decided(Status.REFUSED, None, None, None)
    assert rules.decide(scan, make.known(holder=REMOTE)) == refused(
        Reason.NOT_ONSITE, Reason.NOT_ONSITE
    )
    assert rules.decide(scan, make.known(hot=Reason.TEMPERATURE_HIGH)) == refused(
        Reason.TEMPERATURE_HIGH
    )


@pytest.mark.parametrize("reason", sorted(NO_TICKET))
def test_a_text_that_is_no_ticket_admits_nobody_offline_either(reason: Reason) -> None:
    scan = make.scan(offline=True, decided="ok")

    assert rules.decide(scan, make.known(ticket=reason)) == refused(reason, reason)


def test_an_offline_override_without_the_right_is_kept_as_an_objection() -> None:
    scan = make.scan(offline=True, decided="ok", force=True)

    assert rules.decide(scan, make.known()) == decided(Status.OK, None, None, Reason.NOT_ALLOWED)
    assert rules.decide(scan, make.known(override=Override.ALL)) == decided(
        Status.OK, None, None, None, forced=True
    )


@pytest.mark.parametrize(
    ("minute", "near"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)]
)
def test_a_door_minds_a_session_from_30_minutes_before_until_its_end(
    minute: float, near: bool
) -> None:
    assert occasion().is_near(make.NINE + make.minutes(minute)) is near


def test_a_session_without_an_audience_is_for_everybody_on_site() -> None:
    assert occasion().is_for(make.HOLDER)


@pytest.mark.parametrize(
    ("audience", "invited"),
    [
        ([Audience(Attendance.ONSITE, delegation_id=31)], True),
        ([Audience(Attendance.MEETING, delegation_id=31)], False),
        ([Audience(Attendance.ONSITE, participant_id=11)], True),
        ([Audience(Attendance.ONSITE, participant_id=12)], False),
        (
            [
                Audience(Attendance.ONSITE, delegation_id=31),
                Audience(Attendance.STREAM, participant_id=11),
            ],
            False,
        ),
    ],
)
def test_the_audience_decides_and_a_person_goes_before_the_office(
    audience: list[Audience], invited: bool
) -> None:
    assert occasion(*audience).is_for(make.HOLDER) is invited


def test_a_speaker_is_invited_to_the_session() -> None:
    assert replace(OTHERS, speakers=frozenset({11})).is_for(make.HOLDER)


def test_a_door_scan_counts_for_the_session_that_runs_or_the_next_one() -> None:
    running = occasion(number=1, starts=-60, ends=20)
    coming = occasion(number=2, starts=20, ends=80)
    scan = make.scan(make.DOOR)

    assert rules.session_of(scan, make.HOLDER, [coming, running]) == 1
    assert rules.session_of(scan, make.HOLDER, [coming]) == 2
    assert rules.session_of(scan, make.HOLDER, [OTHERS]) is None


def test_every_reason_has_a_name_and_a_help() -> None:
    assert set(TITLES) == set(HELP) == set(Reason)
