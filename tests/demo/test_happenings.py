"""What the seeded source makes happen, and that a moment cuts it cleanly."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from eventhub.demo.arrivals import scans
from eventhub.demo.guests import SAMPLE, guests
from eventhub.demo.happenings import INVITED_AT, Span, answers, presences, up_to
from eventhub.demo.plan import WIB
from eventhub.demo.plenaries import programme
from eventhub.demo.rooms import rooms
from eventhub.events.model import Protocol, room_limit

BEFORE = INVITED_AT - timedelta(minutes=1)
OPENING = datetime(2021, 2, 25, 8, 30, tzinfo=WIB)
DESK_DAY = datetime(2021, 3, 3, 10, 20, tzinfo=WIB)
AFTER = datetime(2021, 4, 1, tzinfo=WIB)


def test_nothing_has_happened_before_people_were_invited() -> None:
    assert (answers(up_to(BEFORE)), presences(up_to(BEFORE)), scans(up_to(BEFORE))) == ([], [], [])


@pytest.mark.parametrize("now", [OPENING, DESK_DAY, AFTER])
def test_nothing_happens_after_the_moment(now: datetime) -> None:
    moments = [
        *(each.answered_at for each in answers(up_to(now))),
        *(each.last_beat_at for each in presences(up_to(now))),
        *(each.at for each in scans(up_to(now))),
    ]

    assert moments
    assert max(moments) <= now


def test_an_earlier_moment_tells_the_beginning_of_the_same_story() -> None:
    earlier, later = scans(up_to(OPENING)), scans(up_to(AFTER))

    assert earlier == [scan for scan in later if scan.at <= OPENING and scan in set(earlier)]
    left_out = {scan.email for scan in later if scan.at <= OPENING} - {
        scan.email for scan in earlier
    }
    assert left_out <= {SAMPLE.onsite}


def test_a_story_told_in_two_parts_is_the_story_told_at_once() -> None:
    parts = (up_to(OPENING), Span(OPENING, DESK_DAY))
    whole = up_to(DESK_DAY)

    def others(spans: Iterable[Span], tell: Callable[[Span], list[Any]]) -> list[Any]:
        return [each for span in spans for each in tell(span) if each.email not in SAMPLE]

    assert others(parts, scans) == others([whole], scans)
    assert sorted(others(parts, answers), key=repr) == sorted(others([whole], answers), key=repr)
    last = {(each.email, each.session, each.started_at): each for each in others(parts, presences)}
    assert sorted(last.values(), key=repr) == sorted(others([whole], presences), key=repr)


def test_nobody_is_in_two_rooms_at_once() -> None:
    moves = defaultdict(list)
    for scan in scans(up_to(AFTER)):
        if scan.room and scan.reason is None:
            moves[scan.email].append(scan)

    assert moves
    for of_one in moves.values():
        for entry, leaving in zip(of_one[::2], of_one[1::2], strict=True):
            assert (entry.entry, leaving.entry) == (True, False)
            assert entry.room == leaving.room


def test_rooms_stay_within_the_limits_of_the_protocol() -> None:
    limits = {room.code: room_limit(room.capacity, None, Protocol()) for room in rooms()}
    inside: Counter[str] = Counter()
    for scan in scans(up_to(AFTER)):
        if scan.reason is None and scan.room:
            inside[scan.room] += 1 if scan.entry else -1
            assert 0 <= inside[scan.room] <= limits[scan.room]

    assert not +inside


def test_every_admitted_scan_at_a_door_belongs_to_a_session_the_person_is_invited_to() -> None:
    invited = {(guest.email, guest.session.code) for guest in guests()}
    starts = {session.code: session.starts_at for session in programme()}
    for scan in scans(up_to(AFTER)):
        if scan.room and scan.entry:
            early = starts[scan.session or ""] - scan.at
            assert timedelta(0) < early <= timedelta(minutes=30)
            assert ((scan.email, scan.session) in invited) == (scan.reason is None)


def test_the_gate_admits_nobody_too_warm() -> None:
    for scan in scans(up_to(AFTER)):
        if scan.temperature_c is not None:
            assert (scan.temperature_c > 37.3) == (scan.reason == "temperature_high")


def test_scans_have_many_outcomes() -> None:
    reasons = Counter(scan.reason for scan in scans(up_to(AFTER)))

    assert set(reasons) == {
        None,
        "temperature_high",
        "mask_missing",
        "not_today",
        "not_in_audience",
    }
    assert reasons[None] > 50 * (reasons.total() - reasons[None])


def test_the_sample_people_have_not_come_on_the_day_they_are_tried() -> None:
    seen = {
        *(
            scan.email
            for scan in scans(up_to(DESK_DAY))
            if scan.at.astimezone(WIB).date() == DESK_DAY.date()
        ),
        *(
            each.email
            for each in presences(up_to(DESK_DAY))
            if each.started_at.astimezone(WIB).date() == DESK_DAY.date()
        ),
    }

    assert seen
    assert not [email for email in seen if email in SAMPLE]
    assert not [each for each in answers(up_to(AFTER)) if each.email in SAMPLE]


def test_two_presences_of_one_guest_lie_apart() -> None:
    by_guest = defaultdict(list)
    for presence in presences(up_to(AFTER)):
        by_guest[presence.email, presence.session].append(presence)

    assert max(len(spans) for spans in by_guest.values()) == 2
    for spans in by_guest.values():
        assert all(
            b.started_at - a.last_beat_at > timedelta(seconds=150) for a, b in pairwise(spans)
        )
