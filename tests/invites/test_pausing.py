"""The queue waits where a person or the server wants it to, says so, and goes on by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from eventhub.accounts import audit
from eventhub.db.engine import Database
from eventhub.events.model import Attendance
from eventhub.invites import pace, progress, sending, stopping
from eventhub.invites.model import State
from eventhub.invites.pace import Limits, Taken
from eventhub.web.access import Role
from tests import make
from tests.callers import Client, signed_in
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

PAGE = "/manage/rakortek/invitations"
BOTH = ["dirjen@example.org", "papua@example.org"]


async def crowd(database: Database, count: int, domain: str = "example.org") -> list[str]:
    addresses = [f"kantor-{n}@{domain}" for n in range(100, 100 + count)]
    await make.stored(
        database,
        *(
            make.participant(n, email=address, attendance=Attendance.STREAM)
            for n, address in enumerate(addresses, 100 if domain == "example.org" else 500)
        ),
    )
    return addresses


def recipients(server: MailServer) -> list[str]:
    return [mail.recipients[0] for mail in server.deliveries]


async def states(invites: Invites) -> list[State]:
    return [line.state for line in await invites.lines()]


async def test_a_paused_event_sends_nothing_until_a_person_says_so(
    client: Client, mailing: Invites, mail_server: MailServer
) -> None:
    csrf = await signed_in(client, mailing.installation, Role.ORGANIZER)
    await mailing.send()
    await client.post(f"{PAGE}/pause", data={"csrf": csrf})
    await mailing.work()
    shown = await (await client.get(f"{PAGE}?lang=en")).text()
    paused = await states(mailing)

    await client.post(f"{PAGE}/resume", data={"csrf": csrf})
    await mailing.work()

    assert paused == [State.QUEUED, State.QUEUED]
    assert "Sending was paused by" in shown
    assert "2 mails are left." in shown
    assert recipients(mail_server) == BOTH


async def test_one_paused_event_does_not_hold_up_another(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    await make.stored(mailing.database, make.event(2))
    async with mailing.database.transaction() as tx:
        await stopping.pause(tx, 2, who="panitia@example.org", at=clock.now())

    await mailing.work()

    assert recipients(mail_server) == BOTH


async def test_a_server_that_is_away_is_said_on_the_page_and_tried_again(
    client: Client, mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    csrf = await signed_in(client, mailing.installation, Role.ORGANIZER)
    await mailing.send()
    mail_server.refused_senders = "421 Closed for today"
    await mailing.work()
    shown = await (await client.get(f"{PAGE}?lang=en")).text()
    tries = [mail_server.sessions]
    await mailing.work()
    tries.append(mail_server.sessions)
    clock.moment += stopping.FIRST_WAIT
    await mailing.work()
    async with mailing.database.reading() as tx:
        stop = await stopping.read_stop(tx)
    mail_server.refused_senders = ""
    await client.post(f"{PAGE}/resume", data={"csrf": csrf})
    await mailing.work()
    async with mailing.database.reading() as tx:
        after = await stopping.read_stop(tx)

    assert "The mail server has taken nothing since" in shown
    assert "421 Closed for today" in shown
    assert tries[0] == tries[1]
    assert stop is not None
    assert (stop.tries, stop.probe_at - clock.now()) == (2, 2 * stopping.FIRST_WAIT)
    assert after is None
    assert recipients(mail_server) == BOTH
    assert {line.attempts for line in await mailing.lines()} == {1}


async def test_a_server_that_takes_mail_again_is_found_out_without_anybody(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.send()
    mail_server.refused_senders = "421 Closed for today"
    await mailing.work()
    mail_server.refused_senders = ""
    clock.moment += stopping.FIRST_WAIT
    await mailing.work()
    await mailing.work()

    assert recipients(mail_server) == BOTH


async def test_a_server_that_refuses_one_after_the_other_is_left_alone(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    everybody = [*BOTH, *await crowd(mailing.database, 36)]
    for address in everybody:
        mail_server.refused_recipients[address] = "550 Daily limit reached"
    await mailing.send()
    await mailing.work()
    await mailing.work()
    refused = (await states(mailing)).count(State.FAILED)

    mail_server.refused_recipients.clear()
    clock.moment += stopping.FIRST_WAIT
    await mailing.work()
    await mailing.work()

    assert stopping.REFUSALS_OF_ONE_DOMAIN <= refused <= stopping.REFUSALS_OF_ONE_DOMAIN + 4
    assert len(recipients(mail_server)) == len(everybody) - refused


async def test_a_connection_the_server_ended_is_opened_again_at_once(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.send()
    mail_server.mails_per_session = 1

    await mailing.work()

    assert recipients(mail_server) == BOTH
    assert mail_server.sessions == 2


async def test_a_domain_with_a_limit_holds_up_no_other(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    slow = await crowd(mailing.database, 30, "gmail.com")
    await crowd(mailing.database, 20)
    await mailing.send()
    settings = mailing.installation.settings
    assert dict(settings.mail_per_domain)["gmail.com"] == 600
    limited = _limited(mailing, total=0, domains=(("gmail.com", 50),))

    await limited.work()
    first = recipients(mail_server)
    async with mailing.database.reading() as tx:
        stands = await progress.read_progress(
            tx, 1, limits=sending.limits_of(limited.installation), at=clock.now()
        )
    for _ in range(5):
        clock.moment += pace.STRETCH + timedelta(seconds=1)
        await limited.work()

    assert [address for address in first if address in slow] == slow[:5]
    assert len(first) == 5 + 22
    assert (stands.left, stands.slowest) == (25, None)
    assert sorted(recipients(mail_server)) == sorted({*recipients(mail_server)})
    assert len(recipients(mail_server)) == 52


async def test_all_together_keep_the_limit_of_a_minute(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await crowd(mailing.database, 40)
    await mailing.send()
    limited = _limited(mailing, total=20, domains=())
    sent = []
    for _ in range(12):
        await limited.work()
        sent.append(len(mail_server.deliveries))
        clock.moment += timedelta(seconds=6)

    # What was taken exactly a stretch ago counts no more, and a round goes on as long as it may take something.
    assert sent == [2 * n for n in range(1, 11)] + [20 + 2, 20 + 4]


def _limited(invites: Invites, *, total: int, domains: tuple[tuple[str, int], ...]) -> Invites:
    settings = replace(
        invites.installation.settings, mail_per_minute=total, mail_per_domain=domains
    )
    return replace(invites, installation=replace(invites.installation, settings=settings))


async def test_the_page_says_how_many_are_left_and_when_they_are_out(
    mailing: Invites, clock: StillClock
) -> None:
    await crowd(mailing.database, 58)
    await mailing.send()
    limited = _limited(mailing, total=300, domains=())
    await limited.work()
    clock.moment += timedelta(seconds=2)
    async with mailing.database.reading() as tx:
        stands = await progress.read_progress(
            tx, 1, limits=sending.limits_of(limited.installation), at=clock.now()
        )

    assert (stands.left, stands.later, stands.rate) == (30, 0, 900)
    assert stands.done_at == clock.now() + timedelta(seconds=6)
    assert stands.is_running


async def test_the_speed_is_that_since_mail_went_on(mailing: Invites, clock: StillClock) -> None:
    await crowd(mailing.database, 58)
    await mailing.send()
    limited = _limited(mailing, total=300, domains=())
    await limited.work()
    clock.moment += timedelta(seconds=20)
    async with mailing.database.transaction() as tx:
        await audit.record(tx, "x", stopping.RESUMED, "rakortek", event_id=1, at=clock.now())
        limits = sending.limits_of(limited.installation)
        idle = await progress.read_progress(tx, 1, limits=limits, at=clock.now())
    clock.moment += timedelta(seconds=1)
    await limited.work()
    clock.moment += timedelta(seconds=2)
    async with mailing.database.reading() as tx:
        going = await progress.read_progress(tx, 1, limits=limits, at=clock.now())

    assert (idle.rate, idle.done_at) == (0, None)
    assert going.rate == 900


@pytest.mark.parametrize(
    ("limit", "taken", "found"),
    [
        (None, Taken(9999, 9999), 80),
        (600, Taken(), 60),
        (600, Taken(100, 59), 1),
        (600, Taken(599, 0), 1),
        (600, Taken(700, 70), 0),
        (5, Taken(), 1),
    ],
)
def test_room_is_what_the_minute_and_its_tenth_leave(
    limit: int | None, taken: Taken, found: int
) -> None:
    assert pace.room(limit, taken, 80) == found


def test_the_estimate_waits_for_the_slowest() -> None:
    limits = Limits(6000, {"gmail.com": 100, "*": 1000})

    assert pace.minutes_left({"gmail.com": 300, "example.org": 300}, limits, 3000) == 3
    assert pace.minutes_left({"example.org": 300}, limits, 100) == 3
    assert pace.minutes_left({"example.org": 300}, limits, 0) is None
    assert pace.slowest_domain({"gmail.com": 300, "example.org": 300}, limits) == "gmail.com"
    assert pace.slowest_domain({"gmail.com": 100}, limits) is None


async def test_an_organizer_sends_a_test_to_themselves(
    client: Client, mailing: Invites, mail_server: MailServer, database: Database
) -> None:
    settings = mailing.installation.settings
    csrf = await signed_in(client, mailing.installation, Role.ORGANIZER)
    await mailing.publish()
    await mailing.send()

    answer = await client.post(f"{PAGE}/mails/3/test?lang=en", data={"csrf": csrf})
    shown = await answer.text()

    assert answer.status == 200
    assert "The test lies in the folder of mail" in shown
    assert [state for state in await states(mailing) if state is not State.QUEUED] == []
    assert settings.smtp_url
    async with database.reading() as tx:
        assert [entry.action for entry in await audit.list_entries(tx, 1, before=None, limit=1)][
            :1
        ] == ["mail.tested"]


async def test_a_mail_shows_its_source_and_calendar(client: Client, invites: Invites) -> None:
    await signed_in(client, invites.installation, Role.ORGANIZER)
    await invites.publish()
    await invites.send()

    page = await (await client.get(f"{PAGE}/mails/6?lang=en")).text()

    assert "Content-Type: text/calendar; charset=&#34;utf-8&#34;; method=&#34;REQUEST&#34;" in page
    assert "BEGIN:VCALENDAR" in page
