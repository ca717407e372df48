"""Who is named in a reply comes in the invited person's place: invited, with answers of their own, taken back again."""

import pytest
import sqlalchemy as sa

from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.invites import switching, turnout
from eventhub.invites.model import Kind
from eventhub.invites.standings import Standing
from eventhub.participants.tables import participants
from tests.invites.conftest import Invites
from tests.invites.replies import calendar, plain
from tests.invites.test_answers_by_mail import Desk, desk  # noqa: F401 -- a fixture

NAMES = (
    "ATTENDEE;CN=Sekretaris Bappeda:mailto:sekretaris@example.org\n"
    'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sekretaris@example.org":mailto:papua@example.org'
)


async def delegate(desk: Desk) -> None:  # noqa: F811 -- the fixture's value
    await desk.receive(plain(desk.said, body=calendar(desk.said, attendee=NAMES)))
    await desk.invites.work()


async def standing(invites: Invites) -> list[Standing]:
    return [one for one in await invites.standings() if one.participant_id == 4]


async def test_who_is_named_is_invited_to_that_session_alone(desk: Desk) -> None:  # noqa: F811
    await delegate(desk)

    found = await standing(desk.invites)
    assert [(one.email, one.session, one.in_place_of) for one in found] == [
        ("sekretaris@example.org", "desk", "Kepala Bappeda Provinsi Papua")
    ]
    sent = [one for one in await desk.invites.lines() if one.to_address == "sekretaris@example.org"]
    assert [one.kind for one in sent] == [Kind.WELCOME, Kind.REQUEST]


@pytest.mark.parametrize("uid_of", ["theirs", "passed on"])
async def test_their_own_answer_counts_for_them(desk: Desk, uid_of: str) -> None:  # noqa: F811
    await delegate(desk)
    [theirs] = await standing(desk.invites)
    uid = theirs.uid if uid_of == "theirs" else desk.uid
    said = desk.said.but(
        uid=uid, attendee="sekretaris@example.org", sender="sekretaris@example.org",
        params=';DELEGATED-FROM="mailto:papua@example.org"', stamp="20210225T030000Z",
    )  # fmt: skip

    await desk.receive(plain(said))

    assert sorted(await desk.answers()) == [(2, "desk", "delegated"), (4, "desk", "accepted")]


async def test_who_accepts_after_all_takes_the_seat_back(desk: Desk) -> None:  # noqa: F811
    await delegate(desk)

    await desk.receive(plain(desk.said.but(stamp="20210225T040000Z")))
    await desk.invites.work()

    assert await desk.answers() == [(2, "desk", "accepted")]
    cancels = [one for one in await desk.invites.lines() if one.kind is Kind.CANCEL]
    assert [one.to_address for one in cancels] == ["sekretaris@example.org"]
    assert await standing(desk.invites) == []


async def test_somebody_else_cannot_answer_for_the_invited(desk: Desk) -> None:  # noqa: F811
    await delegate(desk)
    said = desk.said.but(attendee="orang@example.org", sender="orang@example.org")

    await desk.receive(plain(said))

    assert await desk.answers() == [(2, "desk", "delegated")]


async def test_another_way_to_attend_brings_one_update(desk: Desk) -> None:  # noqa: F811
    await desk.invites.work()
    before = {one.uid: one for one in await desk.invites.standings()}
    known = len(await desk.invites.lines())
    async with desk.invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await switching.save_rule(tx, event.id, None, switching.SwitchRule(is_allowed=True))
        release_id, session = await turnout.get_invited_session(tx, event.id, "desk")
        await switching.switch(
            tx, event, 2, session, release_id, way=Attendance.ONSITE, at=desk.invites.clock.now()
        )

    await desk.invites.work()

    [line] = (await desk.invites.lines())[known:]
    after = {one.uid: one for one in await desk.invites.standings()}[desk.uid]
    assert (line.kind, line.to_address) == (Kind.UPDATE, "papua@example.org")
    assert (after.attendance, after.sequence) == (
        Attendance.ONSITE,
        before[desk.uid].sequence + 1,
    )


@pytest.mark.parametrize(
    ("name", "address", "comes"),
    [
        ('"Ir. Budi, M.Si."', "wakil@example.org", [("Ir. Budi, M.Si.", "wakil@example.org")]),
        ('"Plt. <Kepala>"', "wakil@example.org", [("Plt. <Kepala>", "wakil@example.org")]),
        ("Wakil", "a@example.org,b@example.org", []),
        ("Wakil", "wakil@localhost@example.org", []),
        ("Wakil", "", []),
    ],
)
async def test_who_is_named_is_taken_by_their_whole_name_and_one_address(
    desk: Desk,  # noqa: F811
    name: str,
    address: str,
    comes: list[tuple[str, str]],
) -> None:
    lines = (
        f'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:{address}":mailto:papua@example.org\n'
        f"ATTENDEE;CN={name}:mailto:{address}"
    )
    await desk.receive(plain(desk.said, body=calendar(desk.said, attendee=lines)))

    async with desk.invites.database.reading() as tx:
        query = sa.select(participants.c.name, participants.c.email)
        named = await tx.execute(query.where(participants.c.in_place_of.is_not(None)))
        assert [tuple(one) for one in named] == comes
    assert await desk.answers() == [(2, "desk", "delegated")]
