"""A phone without a connection decides as the server would: the same cases through the rules and their JavaScript."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from eventhub.checkin import clearance, facts, health, rules
from eventhub.checkin.model import (
    Checkpoint,
    CheckpointKind,
    Declaration,
    Fact,
    Holder,
    Override,
    Proof,
    Reading,
    Reason,
    Scan,
    Way,
)
from eventhub.events.model import AcceptedProof, Attendance, Event, Protocol
from eventhub.sessions.model import Audience
from eventhub.web.assets import STATIC
from tests import make as things
from tests.checkin import make

CASES = 400
ROOMS = {7: "hall-a", 8: "hall-b"}
TICKETS = [None] * 12 + [
    Reason.UNKNOWN,
    Reason.BAD_SIGNATURE,
    Reason.WRONG_EVENT,
    Reason.REVOKED,
]


@dataclass(frozen=True)
class Case:
    """A scan amid all that can be known of it, as the server has it."""

    event: Event
    scan: Scan
    ticket: Reason | None
    holder: Holder
    occasions: Sequence[rules.Occasion]
    earlier: Sequence[Fact]
    seen: int  # how many of the earlier scans the snapshot knows; the phone made the others itself
    inside: int
    declarations: Sequence[Declaration]
    proofs: Sequence[Proof]
    override: Override

    @property
    def stood(self) -> facts.Standing:
        return facts.standing(self.earlier)

    @property
    def is_full(self) -> bool:
        limit = self.scan.checkpoint.place_limit
        return limit is not None and self.inside >= limit


def by_the_rules(case: Case) -> tuple[str, str | None, bool]:
    """Decide as the server does."""
    protocol, scan = case.event.protocol, case.scan
    asked = health.verdict(
        protocol,
        scan.reading,
        declaration=health.declaration_for(protocol, case.declarations, scan.day),
        proofs=case.proofs,
        at=scan.scanned_at,
    )
    known = rules.Circumstances(
        event_days=case.event.days,
        ticket=case.ticket,
        holder=case.holder,
        occasions=case.occasions,
        is_inside=scan.checkpoint.room_id in case.stood.inside,
        is_full=case.is_full,
        is_checked=case.stood.is_checked,
        health=asked,
        hot=health.too_hot(protocol, scan.reading),
        override=case.override,
    )
    decision = rules.decide(scan, known)
    return decision.status, decision.reason, decision.forced


def told(case: Case) -> dict[str, Any]:
    """Tell the phone what it would know: its configuration, the snapshot's holder, and its own scans since."""
    before = facts.standing(case.earlier[: case.seen])
    room = next((ROOMS[place] for place in before.inside if place), None)
    protocol, scan = case.event.protocol, case.scan
    holder = clearance.holder(
        clearance.Person("Kepala", "Kepala", "Bappeda", case.holder.attendance),
        clearance.Standing(scan.day, None in before.inside, room, before.is_checked),
        protocol,
        audience="",
        declarations=case.declarations,
        proofs=case.proofs,
        at=scan.scanned_at - timedelta(hours=1),
    )
    own = [{"type": f.way, "room": ROOMS.get(f.room_id or 0)} for f in case.earlier[case.seen :]]
    return {
        "scan": {
            "way": scan.way,
            "at": milliseconds(scan.scanned_at),
            "health": scan.reading
            and {"temperature_c": scan.reading.temperature_c, "mask": scan.reading.mask},
            "force": scan.force,
        },
        "own": own,
        "zone": [case.event.time_zone, case.event.day_starts_at.strftime("%H:%M")],
        "known": {
            "ticket": case.ticket,
            "kind": scan.checkpoint.kind,
            "room": scan.checkpoint.room,
            "open": scan.checkpoint.open,
            "days": [day.isoformat() for day in case.event.days],
            "holder": holder,
            "sessions": [
                {
                    "code": str(one.session_id),
                    "starts": milliseconds(one.starts_at),
                    "ends": milliseconds(one.ends_at),
                }
                for one in case.occasions
            ],
            "audience": [str(one.session_id) for one in case.occasions if one.is_for(case.holder)],
            "full": case.is_full,
            "mayOverride": case.override == Override.ALL,
            "protocol": {
                "enabled": protocol.enabled,
                "max_temperature_c": protocol.max_temperature_c,
                "mask": protocol.mask_required,
                "declaration": protocol.declaration_required,
                "proof": protocol.proof_required and bool(protocol.proof_accepts),
                "recheck": protocol.recheck,
            },
        },
    }


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


IN_THE_BROWSER = """async (cases) => {
  const { decide, stand, dayOf } = await import("/deciding.js");
  return cases.map(({ scan, own, zone, known }) => {
    known.day = dayOf(scan.at, ...zone);
    known.standing = stand(known.holder, known.day, known.protocol.recheck, own);
    const { status, reason, forced } = decide(scan, known);
    return [status, reason, forced];
  });
}"""


@pytest.mark.browser
async def test_a_phone_offline_decides_as_the_server_would(browser: Browser) -> None:
    chance = random.Random(20210225)
    cases = [a_case(chance) for _ in range(CASES)]
    page = await with_rules(browser)

    answers = await page.evaluate(IN_THE_BROWSER, [told(case) for case in cases])

    expected = [by_the_rules(case) for case in cases]
    assert [tuple(answer) for answer in answers] == expected
    reasons = {reason for _, reason, _ in expected}
    assert reasons == {None, *Reason} - {Reason.MALFORMED}


LEAVING = """async () => {
  const { withLeaving } = await import("/deciding.js");
  const at = (text) => Date.parse(`2021-02-${text}+07:00`);
  const told = (madeAt, scannedAt, ...own) => withLeaving(
    own.map((text) => ({ type: "entry", room: null, at: at(text) })),
    { at: at(scannedAt), madeAt: at(madeAt), timeZone: "Asia/Jakarta", startsAt: "04:00", leavesAt: "22:00" },
  ).map(({ type }) => type).join(" ");
  return {
    before: told("25T08:00", "25T21:59", "25T09:00"),
    after: told("25T08:00", "25T22:00", "25T09:00"),
    between: told("25T08:00", "26T01:00", "25T09:00", "25T23:00"),
    known: told("25T22:01", "25T23:00", "25T22:30"),
    nextDay: told("25T23:00", "26T09:00", "26T08:00"),
  };
}"""


@pytest.mark.browser
async def test_everybody_leaves_at_the_set_hour_on_the_phone_too(browser: Browser) -> None:
    page = await with_rules(browser)

    assert await page.evaluate(LEAVING) == {
        "before": "entry",
        "after": "entry exit",
        "between": "entry exit entry",
        "known": "entry",
        "nextDay": "entry",
    }


async def with_rules(browser: Browser) -> Page:
    page = await browser.new_page()
    await page.route("http://scanner.test/*", lambda route: route.fulfill(body=" "))
    script = (STATIC / "scanner/deciding.js").read_text()
    await page.route(
        "http://scanner.test/deciding.js",
        lambda route: route.fulfill(body=script, content_type="text/javascript"),
    )
    await page.goto("http://scanner.test/")
    return page


def a_case(chance: random.Random) -> Case:
    """Make up a case; what is rare by chance is made frequent, so that every reason occurs."""
    event = things.event(protocol=a_protocol(chance))
    checkpoint = a_checkpoint(chance)
    at = things.at("09:00") + timedelta(
        days=chance.choice([0, 0, 0, 0, 1, 3]), minutes=chance.randint(-360, 900)
    )
    day = event.day_of(at)
    earlier = [a_fact(chance, number, at, day) for number in range(chance.choice([0, 0, 1, 2, 4]))]
    scan = make.scan(
        checkpoint,
        way=chance.choice([Way.ENTRY] * 7 + [Way.EXIT]),
        scanned_at=at,
        day=day,
        reading=a_reading(chance),
        force=chance.random() < 0.15,
        force_reason="Tamu menteri",
    )
    return Case(
        event=event,
        scan=scan,
        ticket=chance.choice(TICKETS),
        holder=replace(
            make.HOLDER, attendance=chance.choice([Attendance.ONSITE] * 9 + [Attendance.STREAM])
        ),
        occasions=[an_occasion(chance, number, at) for number in range(chance.choice([0, 0, 1, 2]))]
        if checkpoint.room_id
        else [],
        earlier=earlier,
        seen=chance.randint(0, len(earlier)),
        inside=chance.randint(0, 30),
        declarations=[
            Declaration(
                day + timedelta(days=n), chance.random() < 0.3, False, chance.random() < 0.1
            )
            for n in (-1, 0)
            if chance.random() < 0.6
        ],
        proofs=[a_proof(chance, at) for _ in range(chance.choice([0, 1, 1, 2]))],
        override=chance.choice([Override.NONE, Override.ALL]),
    )


def a_protocol(chance: random.Random) -> Protocol:
    kinds = [
        AcceptedProof("antigen", valid_hours=24),
        AcceptedProof("pcr", valid_hours=72),
        AcceptedProof("vaccine", min_doses=2),
    ]
    return Protocol(
        enabled=chance.random() < 0.85,
        mask_required=chance.random() < 0.7,
        declaration_required=chance.random() < 0.4,
        recheck=chance.choice(["daily", "once"]),
        proof_required=chance.random() < 0.5,
        proof_accepts=tuple(chance.sample(kinds, chance.randint(0, 3))),
    )


def a_checkpoint(chance: random.Random) -> Checkpoint:
    is_open, limit = chance.random() < 0.95, chance.choice([None, 25, 50])
    if chance.random() < 0.65:
        return replace(make.GATE, open=is_open, place_limit=limit)
    return replace(make.DOOR, open=is_open, place_limit=limit)


def a_fact(chance: random.Random, number: int, at: datetime, day: Any) -> Fact:
    return make.fact(
        number,
        scanned_at=at - timedelta(minutes=30 - number),
        day=day,
        way=chance.choice([Way.ENTRY, Way.ENTRY, Way.EXIT]),
        room_id=chance.choice([None, 7, 8]),
    )


def a_reading(chance: random.Random) -> Reading | None:
    if chance.random() < 0.35:
        return None
    celsius = chance.choice([None, 36.4, 36.4, 37.3, 37.4, 39.0])
    return Reading(celsius, chance.choice([None, True, True, False]))


def an_occasion(chance: random.Random, number: int, at: datetime) -> rules.Occasion:
    starts = at + timedelta(minutes=chance.choice([-90, -60, -10, 0, 20, 30, 31]))
    for_whom = [
        Audience(Attendance.ONSITE, delegation_id=make.HOLDER.delegation_id),
        Audience(Attendance.STREAM, participant_id=make.HOLDER.participant_id),
        Audience(Attendance.ONSITE, participant_id=make.HOLDER.participant_id),
    ]
    return rules.Occasion(
        session_id=number + 1,
        room_id=7,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=60),
        is_open=chance.random() < 0.2,
        audience=tuple(chance.sample(for_whom, chance.choice([0, 0, 1, 2]))),
        speakers=frozenset({make.HOLDER.participant_id} if chance.random() < 0.1 else ()),
    )


def a_proof(chance: random.Random, at: datetime) -> Proof:
    kind = chance.choice(["antigen", "pcr", "vaccine"])
    taken_at = at - timedelta(hours=chance.choice([2, 23, 24, 30, 72, 80]))
    if kind == "vaccine":
        return Proof("vaccine", taken_at, doses=chance.choice([1, 2, 3]))
    return Proof(
        "antigen" if kind == "antigen" else "pcr", taken_at, negative=chance.random() < 0.7
    )


def test_every_kind_of_checkpoint_is_among_the_cases() -> None:
    chance = random.Random(20210225)
    kinds = {a_case(chance).scan.checkpoint.kind for _ in range(CASES)}
    assert kinds == set(CheckpointKind)
