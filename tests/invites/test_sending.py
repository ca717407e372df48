"""Who gets which mail, each once, whatever the server answers."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from eventhub.db.engine import Database
from eventhub.db.plain import hold
from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.invites import actions, queue, sending, taking
from eventhub.invites.model import Kind, State
from eventhub.invites.tables import mails
from eventhub.participants.tables import participants
from tests import make
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

WELCOMES = ["dirjen@example.org", "papua@example.org"]


async def test_everybody_gets_a_welcome_and_an_invitation_per_session_by_the_rules(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()

    queued = await mailing.send()
    await mailing.work()

    # The office of participant 3 has no address either; the coordination is streamed and no plenary.
    assert (queued.total, queued.unchanged, queued.without_address) == (6, 0, 1)
    assert [
        (mail.recipients[0], mail.message["Subject"].partition(",")[0])
        for mail in mail_server.deliveries
    ] == [
        ("dirjen@example.org", "Undangan ke Rapat Koordinasi Teknis"),
        ("papua@example.org", "Undangan ke Rapat Koordinasi Teknis"),
        ("dirjen@example.org", "Undangan: Pembukaan"),
        ("papua@example.org", "Undangan: Pembukaan"),
        ("dirjen@example.org", "Undangan: Desk Papua"),
        ("papua@example.org", "Undangan: Desk Papua"),
    ]
    assert {line.state for line in await mailing.lines()} == {State.SENT}


async def test_what_was_sent_is_not_sent_again(mailing: Invites, mail_server: MailServer) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    again = await mailing.send()
    await mailing.work()

    assert (again.total, again.unchanged) == (0, 6)
    assert len(mail_server.deliveries) == 6


async def test_a_dry_run_says_the_same_and_queues_nothing(invites: Invites) -> None:
    await invites.publish()

    dry = await invites.send(dry_run=True)

    assert (dry.kinds, dry.unchanged) == (
        {
            Kind.WELCOME: 2,
            Kind.REQUEST: 4,
            Kind.UPDATE: 0,
            Kind.CANCEL: 0,
            Kind.NOTICE: 0,
            Kind.REMINDER: 0,
            Kind.INSTEAD: 0,
        },
        0,
    )
    assert await invites.lines() == []
    assert await invites.standings() == []


async def test_before_the_first_release_only_the_welcome_goes_out(invites: Invites) -> None:
    queued = await invites.send()

    assert queued.kinds == {
        Kind.WELCOME: 2,
        Kind.REQUEST: 0,
        Kind.UPDATE: 0,
        Kind.CANCEL: 0,
        Kind.NOTICE: 0,
        Kind.REMINDER: 0,
        Kind.INSTEAD: 0,
    }
    assert [line.to_address for line in await invites.lines()] == WELCOMES


async def test_a_cause_that_is_rolled_back_leaves_no_mail(invites: Invites) -> None:
    await invites.publish()
    try:
        async with invites.database.transaction() as tx:
            event = await get_event(tx, "rakortek")
            await actions.send_invitations(tx, event, at=invites.clock.now(), domain="example.org")
            raise LookupError
    except LookupError:
        pass

    assert await invites.lines() == []


async def test_without_a_server_mail_lies_in_the_folder(invites: Invites) -> None:
    await invites.publish()
    await invites.send()
    await invites.work()

    folder = invites.installation.settings.data / "mail"
    assert sorted(file.name for file in folder.iterdir()) == [
        "00000001-welcome.eml",
        "00000002-welcome.eml",
        "00000003-request.eml",
        "00000004-request.eml",
        "00000005-request.eml",
        "00000006-request.eml",
    ]
    assert (
        b"To: Direktur Jenderal <dirjen@example.org>"
        in (folder / "00000003-request.eml").read_bytes()
    )
    assert {line.state for line in await invites.lines()} == {State.SENT}


async def test_an_office_address_serves_whoever_has_none(invites: Invites) -> None:
    await make.stored(
        invites.database,
        make.delegation(9, code="bali", name="Bappeda Provinsi Bali", email="bali@example.org"),
        make.participant(9, delegation_id=9, name="Kepala Bappeda Provinsi Bali", email=""),
    )

    await invites.send()

    assert [line.to_address for line in await invites.lines()] == [*WELCOMES, "bali@example.org"]


async def test_renewed_links_are_sent_again(invites: Invites) -> None:

    await invites.publish()
    await invites.send()
    async with invites.database.transaction() as tx:
        await tx.execute(
            participants.update().where(participants.c.id == 2).values(link_generation=2)
        )

    queued = await invites.send()

    # The welcome with the page's address, and both sessions that are joined by link; places did not change.
    assert queued.kinds == {
        Kind.WELCOME: 1,
        Kind.REQUEST: 0,
        Kind.UPDATE: 2,
        Kind.CANCEL: 0,
        Kind.NOTICE: 0,
        Kind.REMINDER: 0,
        Kind.INSTEAD: 0,
    }
    assert [standing.sequence for standing in await invites.standings()] == [0, 0, 0, 0]


async def test_a_4xx_is_tried_again_later_and_arrives_once(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    mail_server.answers.append("451 Try again")

    await mailing.work()
    waiting = [(line.state, line.attempts, line.last_error) for line in await mailing.lines()]
    clock.moment += timedelta(seconds=59)
    await mailing.work()
    early = len(mail_server.deliveries)
    clock.moment += timedelta(seconds=1)
    await mailing.work()

    assert waiting == [(State.QUEUED, 1, "451 Try again"), (State.SENT, 1, "")]
    assert early == 1
    assert [mail.recipients for mail in mail_server.deliveries] == [
        ("papua@example.org",),
        ("dirjen@example.org",),
    ]
    assert [(line.state, line.attempts) for line in await mailing.lines()] == [
        (State.SENT, 2),
        (State.SENT, 1),
    ]


async def test_a_server_that_always_says_later_is_given_up_on(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    mail_server.refused_recipients["dirjen@example.org"] = "450 Greylisted"
    for _ in range(12):
        await mailing.work()
        clock.moment += timedelta(hours=13)

    line = (await mailing.lines())[0]
    assert (line.state, line.attempts, line.last_error) == (State.FAILED, 9, "450 Greylisted")


async def test_a_5xx_stops_at_once_until_a_person_sends_again(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    mail_server.refused_recipients["dirjen@example.org"] = "550 No such user"
    await mailing.work()
    clock.moment += timedelta(days=2)
    await mailing.work()
    failed = (await mailing.lines())[0]

    mail_server.refused_recipients.clear()
    async with mailing.database.transaction() as tx:
        count = await actions.send_again(
            tx, await get_event(tx, "rakortek"), at=clock.now(), states=[State.FAILED]
        )
    await mailing.work()

    assert (failed.state, failed.attempts, failed.last_error) == (
        State.FAILED,
        1,
        "550 No such user",
    )
    assert count == 1
    assert [line.state for line in await mailing.lines()] == [State.SENT, State.SENT]


async def test_a_connection_lost_after_the_content_is_uncertain_and_not_repeated(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    mail_server.answers.append("accept and drop")
    await mailing.work()
    clock.moment += timedelta(days=2)
    await mailing.work()

    assert [line.state for line in await mailing.lines()] == [State.UNCERTAIN, State.SENT]
    assert [mail.recipients[0] for mail in mail_server.deliveries] == WELCOMES


async def test_a_sender_that_died_in_the_hand_over_leaves_it_uncertain(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    async with mailing.database.transaction() as tx:
        claimed = await hold(tx, taking.claim("dead", at=clock.now(), limit=2))
        [first, second] = await taking.read_mails(tx, claimed.ids)
        assert await hold(tx, taking.begin([first.id], "dead", clock.now())) == {first.id}

    await mailing.work()
    held = [line.state for line in await mailing.lines()]
    clock.moment += taking.LEASE + timedelta(seconds=1)
    await mailing.work()

    assert held == [State.SENDING, State.QUEUED]
    assert [line.state for line in await mailing.lines()] == [State.UNCERTAIN, State.SENT]
    assert [mail.recipients[0] for mail in mail_server.deliveries] == [second.to_address]


async def test_two_workers_never_send_a_mail_twice(
    mailing: Invites, mail_server: MailServer, database: Database
) -> None:

    await make.stored(
        database,
        *(
            make.participant(n, email=f"kantor-{n}@example.org", attendance=Attendance.STREAM)
            for n in range(10, 130)
        ),
    )
    await mailing.send()

    while any(line.state in queue.OPEN for line in await mailing.lines()):
        await asyncio.gather(*(sending.send_due(mailing.installation) for _ in range(3)))

    sent = sorted(mail.recipients[0] for mail in mail_server.deliveries)
    assert sent == sorted([*WELCOMES, *(f"kantor-{n}@example.org" for n in range(10, 130))])
    assert {(line.state, line.attempts) for line in await mailing.lines()} == {(State.SENT, 1)}


async def test_a_server_that_is_away_costs_nobody_an_attempt(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    await mail_server.stop()
    await mailing.work()
    waiting = [
        (line.state, line.attempts, line.due_at - clock.now()) for line in await mailing.lines()
    ]

    await mail_server.start()
    port = mail_server.url
    clock.moment += timedelta(seconds=61)

    settings = replace(mailing.installation.settings, smtp_url=port)
    await sending.send_due(replace(mailing.installation, settings=settings))

    assert waiting == [(State.QUEUED, 0, timedelta(0))] * 2
    assert [mail.recipients[0] for mail in mail_server.deliveries] == WELCOMES


async def test_standings_say_how_each_invitation_fared(mailing: Invites) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()

    assert [
        (one.email, one.session, one.sequence, one.attendance, one.rsvp, one.mail)
        for one in await mailing.standings()
    ] == [
        ("dirjen@example.org", "pembukaan", 0, Attendance.ONSITE, "needs_action", State.SENT),
        ("papua@example.org", "pembukaan", 0, Attendance.STREAM, "needs_action", State.SENT),
        ("dirjen@example.org", "desk", 0, Attendance.ONSITE, "needs_action", State.SENT),
        ("papua@example.org", "desk", 0, Attendance.MEETING, "needs_action", State.SENT),
    ]


async def test_a_mended_address_is_invited_anew_and_the_refused_mail_overtaken(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    mail_server.refused_recipients["papua@example.org"] = "550 No such user"
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()
    async with mailing.database.transaction() as tx:
        await tx.execute(
            participants.update()
            .where(participants.c.id == 2)
            .values(email="bappeda.papua@example.org")
        )

    queued = await mailing.send()
    await mailing.work()
    again = await mailing.send()

    assert queued.kinds == {
        Kind.WELCOME: 1,
        Kind.REQUEST: 2,
        Kind.UPDATE: 0,
        Kind.CANCEL: 0,
        Kind.NOTICE: 0,
        Kind.REMINDER: 0,
        Kind.INSTEAD: 0,
    }
    assert again.total == 0
    assert [mail.recipients[0] for mail in mail_server.deliveries] == [
        "bappeda.papua@example.org"
    ] * 3
    assert [one.sequence for one in await mailing.standings()] == [0, 0, 0, 0]
    assert sorted(line.state for line in await mailing.lines()) == sorted(
        [State.SENT] * 6 + [State.SUPERSEDED] * 3
    )


async def test_a_mail_that_cannot_be_written_fails_and_holds_up_no_other(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.send()
    async with mailing.database.transaction() as tx:
        await tx.execute(mails.update().where(mails.c.id == 1).values(to_address="no address"))

    await mailing.work()

    assert [(line.state, line.last_error) for line in await mailing.lines()] == [
        (State.FAILED, "“no address” is not an address mail can be sent to."),
        (State.SENT, ""),
    ]
    assert [mail.recipients[0] for mail in mail_server.deliveries] == ["papua@example.org"]


async def test_a_broken_row_fails_with_its_fault_and_holds_up_no_other(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.send()
    async with mailing.database.transaction() as tx:
        await tx.execute(mails.update().where(mails.c.id == 1).values(payload={}))

    await mailing.work()

    assert [(line.state, line.last_error) for line in await mailing.lines()] == [
        (State.FAILED, "KeyError: 'guest'"),
        (State.SENT, ""),
    ]
    assert [mail.recipients[0] for mail in mail_server.deliveries] == ["papua@example.org"]
