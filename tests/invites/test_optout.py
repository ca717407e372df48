"""Who wants less mail gets no notices and reminders, and every invitation nevertheless."""

import re

from eventhub.events.actions import get_event
from eventhub.invites import actions
from eventhub.invites.model import Kind, State
from eventhub.participants.links import PersonalLinks
from eventhub.settings import Settings
from tests import make
from tests.callers import Client
from tests.invites.conftest import Invites
from tests.standins.smtp import MailServer

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def address(settings: Settings, participant: int = 2) -> str:
    return PersonalLinks(settings.secret, "").mail_url(participant)


async def changed(mailing: Invites) -> None:
    """Change what participant 2 is invited to, and what is only in their agenda."""
    await mailing.change("desk", starts_at=make.at("16:00"), ends_at=make.at("17:00"))
    await mailing.change("koordinasi", starts_at=make.at("15:00"), ends_at=make.at("16:00"))
    await mailing.publish("draft")
    await mailing.work()
    async with mailing.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await actions.approve_drafts(tx, event, at=mailing.clock.now())
    await mailing.work()


async def test_one_click_stops_notices_and_no_invitation(
    client: Client, mailing: Invites, mail_server: MailServer, settings: Settings
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    clicks = [await client.post(address(settings), data=ONE_CLICK) for _ in range(2)]
    await changed(mailing)

    assert [answer.status for answer in clicks] == [200, 200]
    new = [(line.to_address, line.kind, line.state) for line in (await mailing.lines())[6:]]
    assert sorted(new) == [
        ("dirjen@example.org", Kind.UPDATE, State.SENT),
        ("papua@example.org", Kind.NOTICE, State.SUPERSEDED),
        ("papua@example.org", Kind.UPDATE, State.SENT),
    ]


async def test_only_what_can_be_stopped_says_how(
    mailing: Invites, mail_server: MailServer, settings: Settings
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    await changed(mailing)

    bulk = [mail for mail in mail_server.deliveries if mail.message["Precedence"] == "bulk"]
    assert [mail.recipients[0] for mail in bulk] == ["papua@example.org"]
    assert bulk[0].message["List-Id"] == '"Rapat Koordinasi Teknis" <rakortek.example.org>'
    assert (
        bulk[0].message["List-Unsubscribe"].strip() == f"<{settings.base_url}{address(settings)}>"
    )
    body = bulk[0].message.get_body(("plain",))
    assert body is not None
    assert address(settings) in body.get_content()
    rest = [mail for mail in mail_server.deliveries if mail not in bulk]
    assert {mail.message["List-Unsubscribe"] for mail in rest} == {None}


async def test_looking_changes_nothing_and_the_page_lets_it_come_again(
    client: Client, invites: Invites, settings: Settings
) -> None:
    path = f"{address(settings)}?lang=en"

    async def shown() -> str:
        return await (await client.get(path)).text()

    first, again = await shown(), await shown()
    await client.post(address(settings), data={"mail": "less"})
    less = await shown()
    await client.post(address(settings), data={"mail": "all"})
    all_of_it = await shown()

    comes, stopped = "You get notices of changes", "You get no notices of changes"
    assert [comes in page for page in (first, again, less, all_of_it)] == [True, True, False, True]
    assert stopped in less
    assert re.search("Sekretaris|Kepala Bappeda Provinsi Papua", first)


async def test_a_made_up_address_stops_nobodys_mail(client: Client, invites: Invites) -> None:
    answers = [
        await client.get("/p/mail/" + "a" * 40),
        await client.post("/p/mail/" + "a" * 40, data=ONE_CLICK),
    ]

    assert [answer.status for answer in answers] == [404, 404]
