"""Organizers read who is told what before a release and before its notices go out."""

from datetime import timedelta

import pytest

from eventhub.invites.model import State
from tests import callers, make
from tests.callers import Client
from tests.invites.conftest import Invites

PUBLISH = "/manage/rakortek/programme/publish?lang=en"
NOTICES = "/manage/rakortek/releases/2/notices"


@pytest.fixture
async def sent(invites: Invites) -> Invites:
    """Give an event whose first release has been sent, and a draft that moves what is watched and what is joined."""
    await invites.publish()
    await invites.send()
    await invites.work()
    await invites.change("koordinasi", starts_at=make.at("16:00"), ends_at=make.at("17:00"))
    await invites.change("desk", starts_at=make.at("12:00"), ends_at=make.at("13:00"))
    return invites


async def test_before_a_release_it_is_shown_whom_it_concerns(client: Client, sent: Invites) -> None:
    await callers.signed_in(client, sent.installation, "organizer")

    text = await (await client.get(PUBLISH)).text()

    assert "2 people, 3 mails." in text
    assert "Direktur Jenderal" in text
    assert "Changed: Desk Papua, Thu 25 Feb 2021, 12:00 WIB" in text
    assert "When until now: Thu 25 Feb 2021, 11:00–12:00 WIB" in text
    assert "Koordinasi moves to Thu 25 Feb 2021, 16:00–17:00 WIB / 17:00–18:00 WITA" in text
    assert await sent.lines() == [line for line in await sent.lines() if line.state is State.SENT]


async def test_before_the_first_invitation_a_release_concerns_nobody(
    client: Client, invites: Invites
) -> None:
    await callers.signed_in(client, invites.installation, "organizer")
    await invites.publish()
    await invites.change("desk", title="Desk Provinsi Papua")

    text = await (await client.get(PUBLISH)).text()

    assert "Nobody: nothing changes for those who were invited." in text


async def test_notices_are_read_chosen_let_out_and_taken_out(client: Client, sent: Invites) -> None:
    csrf = await callers.signed_in(client, sent.installation, "organizer")
    await sent.publish("draft")
    await sent.work()

    text = await (await client.get(f"{NOTICES}?lang=en")).text()
    ids = {line.to_address + line.kind: line.id for line in await sent.lines()}
    one = {"csrf": csrf, "do": "approve", "mail": str(ids["papua@example.org" + "notice"])}
    approved = await client.post(NOTICES, data=one, allow_redirects=False)
    other = {"csrf": csrf, "do": "remove", "mail": str(ids["dirjen@example.org" + "update"])}
    removed = await client.post(NOTICES, data=other, allow_redirects=False)
    foreign = {"csrf": csrf, "do": "remove", "mail": str(ids["dirjen@example.org" + "welcome"])}
    await client.post(NOTICES, data=foreign, allow_redirects=False)
    states = {line.to_address + line.kind: line.state for line in await sent.lines()}
    rest = await client.post(
        NOTICES, data={"csrf": csrf, "do": "approve", "which": "all"}, allow_redirects=False
    )
    sent.clock.moment += timedelta(seconds=1)
    await sent.work()

    assert "Approve and send all 3 mails" in text
    assert "Koordinasi moves to Thu 25 Feb 2021, 16:00–17:00 WIB / 17:00–18:00 WITA" in text
    assert (approved.status, removed.status, rest.status) == (303, 303, 303)
    assert states == {
        "dirjen@example.orgwelcome": State.SENT,
        "papua@example.orgwelcome": State.SENT,
        "dirjen@example.orgrequest": State.SENT,
        "papua@example.orgrequest": State.SENT,
        "papua@example.orgnotice": State.QUEUED,
        "dirjen@example.orgupdate": State.SUPERSEDED,
        "papua@example.orgupdate": State.DRAFT,
    }
    assert [line.state for line in await sent.lines()].count(State.SENT) == 8
    left = await (await client.get(f"{NOTICES}?lang=en")).text()
    assert "No notice of this release waits for approval." in left


@pytest.mark.parametrize("role", ["gate", "health", "streaming", "viewer"])
async def test_others_neither_read_nor_decide(client: Client, sent: Invites, role: str) -> None:
    csrf = await callers.signed_in(client, sent.installation, role)

    answers = [
        await client.get(NOTICES),
        await client.post(NOTICES, data={"csrf": csrf, "do": "approve", "which": "all"}),
    ]

    assert [answer.status for answer in answers] == [403, 403]
