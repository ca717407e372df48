"""A server killed while it sends loses no mail, and sends none again that the mail server had confirmed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from eventhub.invites import jobs, sending
from eventhub.worker import Worker
from scripts import posted
from tests import make
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import Delivery, MailServer


@pytest.mark.slow
def test_a_kill_while_mail_goes_out_loses_none_and_doubles_none(tmp_path: Path) -> None:
    outcome = posted.soak(tmp_path / "data", people=80, kills=1)

    assert (outcome.faults, outcome.amidst) == ([], 1)
    assert outcome.states.total() == 80


async def test_a_moved_session_brings_each_of_those_it_concerns_one_update(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await make.stored(
        mailing.database,
        *(
            make.participant(n, delegation_id=2, email=f"papua-{n}@example.org")
            for n in range(10, 30)
        ),
    )
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()

    await mailing.change("desk", starts_at=make.at("13:00"), ends_at=make.at("14:00"))
    await mailing.publish("now")
    clock.moment += timedelta(seconds=20)
    await mailing.change("desk", starts_at=make.at("15:00"), ends_at=make.at("16:00"))
    await mailing.publish("now")
    for _ in range(8):
        clock.moment += timedelta(seconds=30)
        worker = Worker(mailing.installation, jobs.JOBS)
        await asyncio.gather(*(worker.work_once() for _ in range(2)))
        await asyncio.gather(*(sending.send_due(mailing.installation) for _ in range(3)))

    told = {delivery.recipients[0]: _told(delivery) for delivery in mail_server.deliveries}
    desk = ["dirjen@example.org", "papua@example.org"]
    assert sorted(told) == sorted([*desk, *(f"papua-{n}@example.org" for n in range(10, 30))])
    assert len(mail_server.deliveries) == len(told)
    assert set(told.values()) == {("REQUEST", 2, make.at("15:00"))}


def _told(delivery: Delivery) -> tuple[str, int, datetime]:
    [part] = [one for one in delivery.message.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    [event] = calendar.walk("VEVENT")
    start: datetime = event.decoded("DTSTART")
    return str(calendar["METHOD"]), int(event.decoded("SEQUENCE")), start.astimezone(UTC)
