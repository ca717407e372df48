"""Before a day each person is reminded once of what it holds for them."""

from datetime import timedelta

import pytest

from eventhub.errors import Conflict, Invalid
from eventhub.invites import reminding
from eventhub.participants import actions as participants
from eventhub.participants.model import Rsvp
from tests import make
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer

DAY = make.event().day_of(make.at("09:00"))


@pytest.fixture
async def sent(mailing: Invites, mail_server: MailServer) -> Invites:
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()
    return mailing


async def ask(invites: Invites, after: timedelta | None = None) -> int:
    at = invites.clock.now()
    async with invites.database.transaction() as tx:
        return await reminding.ask(
            tx, make.event(), DAY, due_at=at + after if after else None, who="o", at=at
        )


def bodies(server: MailServer) -> dict[str, str]:
    found = {}
    for mail in server.deliveries:
        part = mail.message.get_body(("plain",))
        assert part is not None
        assert mail.recipients[0] not in found
        found[mail.recipients[0]] = part.get_content()
    server.deliveries.clear()
    return found


async def test_a_reminder_holds_the_days_sessions_with_room_or_way_in_and_both_clocks(
    sent: Invites, mail_server: MailServer
) -> None:
    await ask(sent)
    await sent.work()

    told = bodies(mail_server)
    assert set(told) == {"dirjen@example.org", "papua@example.org"}
    assert "Pembukaan" in told["dirjen@example.org"]
    assert "Desk Papua" in told["dirjen@example.org"]
    assert "/j/" not in told["dirjen@example.org"]
    assert told["papua@example.org"].count("/j/") == 3
    assert "WIB" in told["papua@example.org"]
    assert "WIT" in told["papua@example.org"]


async def test_nobody_is_reminded_twice_of_a_day(sent: Invites, mail_server: MailServer) -> None:
    await ask(sent)
    await sent.work()
    mail_server.deliveries.clear()

    await ask(sent)
    await sent.work()

    assert bodies(mail_server) == {}


async def test_nobody_is_reminded_of_what_they_declined(
    sent: Invites, mail_server: MailServer
) -> None:
    async with sent.database.transaction() as tx:
        for code in ("pembukaan", "desk"):
            await participants.record_answer(tx, 1, code, Rsvp.DECLINED, at=sent.clock.now())
        await participants.record_answer(tx, 2, "desk", Rsvp.DECLINED, at=sent.clock.now())
    await ask(sent)
    await sent.work()

    told = bodies(mail_server)
    assert set(told) == {"papua@example.org"}
    assert "Desk Papua" not in told["papua@example.org"]


async def test_a_reminder_waits_for_its_hour_and_can_be_taken_back(
    sent: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    planned = await ask(sent, timedelta(minutes=10))
    await sent.work()
    early = bodies(mail_server)
    with pytest.raises(Conflict):
        await ask(sent)
    async with sent.database.transaction() as tx:
        await reminding.withdraw(tx, make.event(), planned)
    await ask(sent, timedelta(minutes=5))
    clock.moment += timedelta(minutes=11)
    await sent.work()

    assert early == {}
    assert len(bodies(mail_server)) == 2


async def test_a_day_that_is_none_of_the_event_is_refused(sent: Invites) -> None:
    with pytest.raises(Invalid):
        async with sent.database.transaction() as tx:
            await reminding.ask(
                tx,
                make.event(),
                DAY + timedelta(days=300),
                due_at=None,
                who="o",
                at=sent.clock.now(),
            )


async def test_as_many_are_counted_as_would_be_reminded(sent: Invites) -> None:
    at, event = sent.clock.now(), await sent.event()
    async with sent.database.transaction() as tx:
        await participants.record_answer(tx, 2, "pembukaan", Rsvp.DECLINED, at=at)
        counted = await reminding.count_to_remind(tx, event, event.days, at=at)
        told = {
            day: len(await reminding.whom_to_remind(tx, event, day, at=at)) for day in event.days
        }

    assert counted == told
    assert counted[DAY] > 0
