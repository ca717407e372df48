"""An organizer chooses who is invited to what, by session kind and way of attending."""

from eventhub.events.model import Attendance
from eventhub.invites import actions, choice_store
from eventhub.invites.choices import USUAL, Choices, Told
from eventhub.invites.model import Kind
from tests import make
from tests.invites.conftest import Invites
from tests.invites.test_following_the_programme import told
from tests.standins.smtp import MailServer

ONE_MORE = Choices({("coordination", Attendance.STREAM): Told.REQUEST})
IN_WORDS = Choices({("desk", Attendance.MEETING): Told.DIGEST})


async def choose(invites: Invites, choices: Choices) -> None:
    async with invites.database.transaction() as tx:
        await choice_store.save_choices(tx, 1, choices)


async def sent_to(invites: Invites, address: str) -> list[tuple[Kind, str]]:
    return [
        (line.kind, line.subject) for line in await invites.lines() if line.to_address == address
    ]


async def test_only_what_is_not_as_usual_is_kept(invites: Invites) -> None:
    await choose(
        invites, Choices({("plenary", Attendance.STREAM): Told.REQUEST, **ONE_MORE.chosen})
    )

    async with invites.database.reading() as tx:
        kept = await choice_store.get_choices(tx, 1)

    assert kept == ONE_MORE
    assert USUAL.of("plenary", Attendance.STREAM) is Told.REQUEST


async def test_other_choices_are_counted_before_they_are_kept(invites: Invites) -> None:
    await invites.publish()

    async with invites.database.transaction() as tx:
        counted = await actions.send_invitations(
            tx,
            make.event(),
            at=invites.clock.now(),
            domain="example.org",
            dry_run=True,
            choices=ONE_MORE,
        )

    assert counted.kinds[Kind.REQUEST] == (await invites.send(dry_run=True)).kinds[Kind.REQUEST] + 1
    assert await invites.lines() == []


async def test_a_stream_audience_is_invited_where_an_organizer_says_so(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await choose(mailing, ONE_MORE)
    await mailing.send()
    await mailing.work()

    assert ("papua@example.org", "Koordinasi", "REQUEST", 0) in told(mail_server)


async def test_who_holds_an_invitation_keeps_it_when_nobody_is_invited_any_more(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()

    await choose(mailing, IN_WORDS)
    again = await mailing.send()
    await mailing.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    assert again.total == 0
    assert ("papua@example.org", "Desk Papua", "REQUEST", 1) in told(mail_server)


async def test_what_is_told_in_words_stands_in_the_welcome_by_day(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    [welcome] = [
        mail.message
        for mail in mail_server.deliveries
        if mail.recipients[0] == "papua@example.org"
        and not any(part.get_content_type() == "text/calendar" for part in mail.message.walk())
    ]
    body = welcome.get_body(("plain",))
    assert body is not None
    assert ": 1 sesi" in body.get_content()
    assert "/f/" in body.get_content()
