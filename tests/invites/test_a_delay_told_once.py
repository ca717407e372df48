"""A room delayed again and again within the merge window: each person concerned hears of it once."""

from datetime import timedelta

from eventhub.events.actions import get_event
from eventhub.sessions import delays
from eventhub.sessions.delay_outlook import Facts, Wish
from eventhub.web.access import Principal, Role
from tests import make
from tests.invites.conftest import Invites
from tests.invites.test_following_the_programme import WINDOW, calendars, vevent
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

OPERATOR = Principal("token", 1, "operator", Role.STREAMING, 1)


async def delay(invites: Invites, minutes: int) -> None:
    async with invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await delays.delay(
            tx, event, Wish("pembukaan", minutes), Facts(), who=OPERATOR, at=invites.clock.now()
        )
    await invites.work()


async def test_three_delays_within_the_window_are_one_update_to_each_and_undone_ones_none(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()
    clock.moment = make.at("09:40")

    for _ in range(3):
        await delay(mailing, 5)
        clock.moment += timedelta(seconds=20)
    early = len(mail_server.deliveries)
    clock.moment += WINDOW
    await mailing.work()
    told = sorted(
        (
            mail.recipients[0],
            str(event["SUMMARY"]),
            event.decoded("DTEND"),
            event.decoded("SEQUENCE"),
        )
        for mail in mail_server.deliveries
        for event in map(vevent, calendars(mail.message))
    )
    mail_server.deliveries.clear()
    await delay(mailing, 5)
    await delay(mailing, -5)
    clock.moment += WINDOW
    await mailing.work()

    assert early == 0
    assert told == [
        ("dirjen@example.org", "Desk Papua", make.at("12:15"), 3),
        ("dirjen@example.org", "Pembukaan", make.at("10:15"), 3),
        ("papua@example.org", "Desk Papua", make.at("12:15"), 3),
        ("papua@example.org", "Pembukaan", make.at("10:15"), 3),
    ]
    assert mail_server.deliveries == []
