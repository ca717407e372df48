"""What is news to whom."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from eventhub.events.model import Attendance
from eventhub.invites import rules
from eventhub.invites.choices import USUAL
from eventhub.invites.model import Facts, Guest, Invitation, Item, Kind, Method, News, Seat
from tests import make

ITEM = Item(
    id=7,
    code="pembukaan",
    title="Pembukaan",
    abstract="Arahan Presiden",
    kind="plenary",
    starts_at=make.at("09:00"),
    ends_at=make.at("10:00"),
    time_zone="Asia/Jakarta",
    place="Ruang 1, Gedung C",
    is_cancelled=False,
    sequence=3,
)
GUEST = Guest(
    id=2,
    name="Kepala Bappeda Provinsi Papua",
    position="Kepala",
    delegation="papua",
    office="Bappeda Provinsi Papua",
    time_zone="Asia/Jayapura",
    in_place_of=None,
    address="papua@example.org",
    language="id",
    attendance=Attendance.STREAM,
    generation=4,
)
SEAT = Seat(7, 2, Attendance.MEETING)
FACTS = rules.facts(ITEM, GUEST, Attendance.MEETING)


def held(*, sequence: int = 3, method: Method = Method.REQUEST, told: Facts = FACTS) -> Invitation:
    return Invitation(1, 2, 7, "uid", sequence, method, told.remembered())


def news(
    *invitations: Invitation, item: Item = ITEM, seat: Seat | None = SEAT, guest: Guest = GUEST
) -> tuple[list[News], int]:
    plan = rules.news([item], [seat] if seat else [], {guest.id: guest}, invitations)
    return plan.news, plan.unchanged


@pytest.mark.parametrize(
    ("kind", "attendance", "mailed"),
    [
        ("plenary", Attendance.STREAM, True),
        ("desk", Attendance.STREAM, False),
        ("desk", Attendance.MEETING, True),
        ("desk", Attendance.ONSITE, True),
    ],
)
def test_stream_audiences_are_mailed_for_plenaries_only(
    kind: str, attendance: Attendance, mailed: bool
) -> None:
    assert USUAL.invites(kind, attendance) is mailed


def test_who_comes_is_told_the_room_and_who_joins_their_link() -> None:
    on_site = rules.facts(ITEM, GUEST, Attendance.ONSITE)

    assert (on_site.place, on_site.generation) == ("Ruang 1, Gedung C", 0)
    assert (FACTS.place, FACTS.generation) == ("", 4)


def test_what_is_held_already_is_no_news() -> None:
    assert news(held()) == ([], 1)


def test_the_first_invitation_has_the_sequence_of_the_session() -> None:
    assert news() == ([News(Kind.REQUEST, 2, 7, 3, FACTS)], 0)


def test_a_moved_session_is_one_revision_more() -> None:
    moved = replace(ITEM, ends_at=make.at("10:30"))

    assert news(held(), item=moved) == (
        [
            News(
                Kind.UPDATE,
                2,
                7,
                4,
                rules.facts(moved, GUEST, Attendance.MEETING),
                FACTS.remembered(),
            )
        ],
        0,
    )


def test_wording_leaves_the_sequence() -> None:
    [update], _ = news(held(sequence=5), item=replace(ITEM, abstract="Laporan Menteri"))

    assert (update.kind, update.sequence) == (Kind.UPDATE, 5)


@pytest.mark.parametrize(
    ("item", "seat", "is_off"),
    [
        (replace(ITEM, is_cancelled=True), SEAT, True),
        (ITEM, None, False),
        (replace(ITEM, id=8), None, True),
    ],
)
def test_what_is_no_longer_theirs_is_taken_back(
    item: Item, seat: Seat | None, is_off: bool
) -> None:
    assert news(held(), item=item, seat=seat) == (
        [News(Kind.CANCEL, 2, 7, 4, FACTS.remembered(), is_off=is_off)],
        0,
    )


def test_what_was_taken_back_is_taken_back_once_and_may_come_again() -> None:
    cancelled = held(sequence=4, method=Method.CANCEL)

    assert news(cancelled, seat=None) == ([], 0)
    assert news(cancelled) == ([News(Kind.REQUEST, 2, 7, 5, FACTS)], 0)


def test_nobody_without_an_address_is_told_anything() -> None:
    silent = replace(GUEST, address="")

    assert news(guest=silent) == ([], 0)
    assert news(held(), seat=None, guest=silent) == ([], 0)


def test_what_is_told_survives_being_stored() -> None:
    assert Facts.read(FACTS.stored()) == FACTS


def test_waits_grow_and_end() -> None:
    waits = [rules.retry_after(attempts) for attempts in range(1, 10)]

    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] is None
    assert all(one < two for one, two in pairwise(waits) if one and two)
