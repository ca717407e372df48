"""What comes at the same moment: answers, a release, a button pressed twice, a form open in two tabs."""

import asyncio

import pytest
import sqlalchemy as sa
from yarl import URL

from eventhub.invites import answers, inbox
from eventhub.invites.model import Kind
from eventhub.participants.links import PersonalLinks
from eventhub.participants.tables import participants, rsvps
from tests import make
from tests.callers import Client, signed_in
from tests.invites.conftest import Invites
from tests.invites.replies import Said, calendar, plain


@pytest.fixture
async def sent(invites: Invites) -> Invites:
    await invites.publish()
    await invites.send()
    return invites


@pytest.fixture
def papua(sent: Invites) -> str:
    """Return the path of the personal page of the head of Papua's office."""
    settings = sent.installation.settings
    return URL(PersonalLinks(settings.secret, settings.base_url).page_url(2, 1)).path


async def uid_of(invites: Invites, session: str = "desk") -> str:
    [uid] = [
        one.uid
        for one in await invites.standings()
        if (one.session, one.participant_id) == (session, 2)
    ]
    return uid


async def receive(invites: Invites, message: bytes) -> str:
    async with invites.database.transaction() as tx:
        taken = await answers.take(tx, inbox.read(message), at=invites.clock.now())
    return str(taken.text)


async def kept(invites: Invites) -> list[tuple[int, str, str]]:
    async with invites.database.reading() as tx:
        rows = await tx.execute(sa.select(rsvps).order_by(rsvps.c.participant_id))
        return [(row.participant_id, row.session_code, row.status) for row in rows]


async def named(invites: Invites) -> list[str]:
    async with invites.database.reading() as tx:
        query = sa.select(participants.c.email).where(participants.c.in_place_of.is_not(None))
        return list((await tx.execute(query)).scalars())


async def test_a_button_pressed_often_answers_once(
    client: Client, sent: Invites, papua: str
) -> None:
    pressed = await asyncio.gather(
        *(client.post(f"{papua}answer", data={"answer": "desk:accepted"}) for _ in range(6))
    )

    assert {one.status for one in pressed} == {200}
    assert await kept(sent) == [(2, "desk", "accepted")]


async def test_a_mail_and_a_button_at_once_leave_one_answer(
    client: Client, sent: Invites, papua: str
) -> None:
    said = Said(uid=await uid_of(sent), stamp=f"{sent.clock.now():%Y%m%dT%H%M%SZ}")
    pressed = [client.post(f"{papua}answer", data={"answer": "desk:declined"}) for _ in range(3)]
    posted, _ = await asyncio.gather(
        asyncio.gather(*pressed), asyncio.gather(*(receive(sent, plain(said)) for _ in range(3)))
    )

    assert {one.status for one in posted} == {200}
    assert [row[:2] for row in await kept(sent)] == [(2, "desk")]


async def test_a_form_open_in_two_tabs_names_one_person_the_last(
    client: Client, sent: Invites, papua: str
) -> None:
    forms = [
        {"session": "desk", "name": f"Wakil {n}", "email": f"wakil-{n}@example.org"}
        for n in range(4)
    ]
    sending = (client.post(f"{papua}instead", data=form) for form in forms)
    statuses = {one.status for one in await asyncio.gather(*sending)}
    await sent.work()

    [address] = await named(sent)
    held = {one.email for one in await sent.standings() if one.session == "desk"}
    assert statuses == {200}
    assert held == {"dirjen@example.org", "papua@example.org", address}
    assert (2, "desk", "delegated") in await kept(sent)


async def test_a_reply_during_a_release_counts_for_what_it_answered(sent: Invites) -> None:
    uid = await uid_of(sent)
    await sent.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))

    async def release() -> None:
        await sent.publish()
        await sent.send()

    said, _ = await asyncio.gather(receive(sent, plain(Said(uid=uid))), release())
    late = await receive(sent, plain(Said(uid=uid, stamp="20210226T020000Z", partstat="DECLINED")))

    assert said in {
        "Kepala Bappeda Provinsi Papua answers accepted for Desk Papua.",
        "Not for us: It answers an invitation that was changed since.",
    }
    assert late == "Not for us: It answers an invitation that was changed since."
    assert ("accepted" in said) == ((2, "desk", "accepted") in await kept(sent))
    [line] = [
        one for one in await sent.lines()
        if one.kind is Kind.UPDATE and one.to_address == "papua@example.org"
    ]  # fmt: skip
    assert line.subject


async def test_replies_that_name_others_at_once_leave_one_of_them(sent: Invites) -> None:
    uid = await uid_of(sent)
    said = [
        Said(uid=uid, partstat="DELEGATED", stamp=f"20210225T0200{n:02}Z",
             params=f';DELEGATED-TO="mailto:wakil-{n}@example.org"')
        for n in range(5)
    ]  # fmt: skip

    await asyncio.gather(*(receive(sent, plain(one, body=calendar(one))) for one in said))
    await sent.work()

    assert await named(sent) == ["wakil-4@example.org"]


ODD = ("%00", "%ED%A0%80", "%D9%A1", "99999999999999999999", "-1")


async def test_odd_addresses_of_pages_are_answered(client: Client, sent: Invites) -> None:
    await signed_in(client, sent.installation)
    here = "/manage/rakortek/invitations"

    paths = [
        path
        for odd in ODD
        for path in (
            f"{here}?q={odd}&before={odd}",
            f"{here}?state={odd}&kind={odd}",
            f"{here}/mails/{odd}",
            f"{here}/answers/desk?after={odd}&answer={odd}",
            f"{here}/offices?session={odd}",
            f"{here}/offices?q={odd}&from={odd}",
            f"{here}/answers?day={odd}",
            f"/manage/rakortek/people/{odd}",
        )
    ]
    statuses = {(await client.get(path)).status for path in paths}

    assert statuses == {200, 404}
